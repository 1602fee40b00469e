import { HostedConfig } from './host.ts';

/** Where a training at a host is sent, by the text of its `hosted.json`. Undefined for what is no such configuration. */
export function hostedBaseURL(config: string): string | undefined {
  try {
    return HostedConfig.safeParse(JSON.parse(config)).data?.baseURL;
  } catch {
    return undefined;
  }
}
