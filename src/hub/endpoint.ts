import { isLoopback, sendsKeyInClear } from '../core/model/base-url.ts';
import { HubError } from './errors.ts';

/** The hub, and how this process may speak to it. */
export interface Endpoint {
  /** Without a slash at its end. */
  url: string;
  origin: string;
  /** Host and port. */
  host: string;
  /** Everything is on this machine, as in tests; only then may an answer lead to plain http. */
  loopback: boolean;
  token: string | undefined;
  /** Nothing may be asked: only what is in the cache. */
  offline: boolean;
}

/**
 * The hub that the environment names, by the variables of Hugging Face's own tools: `HF_ENDPOINT` (a mirror), `HF_TOKEN` and `HF_HUB_OFFLINE`. No
 * dataset and no setting of a workspace can say where the token goes.
 * @throws HubError `bad-endpoint`
 */
export function endpointFromEnvironment(env: NodeJS.ProcessEnv): Endpoint {
  const given = (env.HF_ENDPOINT?.trim() || 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol) || /[?#@]/.test(given)) {
    throw new HubError(
      'bad-endpoint',
      `HF_ENDPOINT is no address: ${given}`,
      'Give one such as https://huggingface.co.',
    );
  }
  if (sendsKeyInClear(given)) {
    throw new HubError(
      'bad-endpoint',
      `HF_ENDPOINT is plain http to another machine: ${given}`,
      'Give its https address, or leave the variable away.',
    );
  }
  const { origin, host, hostname } = new URL(given);
  return {
    url: given,
    origin,
    host,
    loopback: isLoopback(hostname),
    token: env.HF_TOKEN?.trim() || undefined,
    offline: /^(?:1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? ''),
  };
}
