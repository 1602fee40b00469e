import { HostedConfig } from './host.ts';

/** A configuration of a training at a host out of its text, or a few words on what is wrong with it. */
export function readHostedConfig(text: string): HostedConfig | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const { data, error } = HostedConfig.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  return `is none for a host: ${issue?.path.join('.')}, ${issue?.message}`;
}

/** Where a training at a host is sent, by the text of its `hosted.json`. Undefined for what is no such configuration. */
export function hostedBaseURL(config: string): string | undefined {
  const read = readHostedConfig(config);
  return typeof read === 'string' ? undefined : read.baseURL;
}
