import { UserError } from '../core/errors.ts';
import { isLoopback, sendsKeyInClear } from '../core/models/base-url.ts';

export type HubProblem =
  | 'bad-name'
  | 'bad-endpoint'
  | 'unreachable'
  | 'not-found'
  | 'gated'
  | 'rate-limited'
  | 'too-large'
  | 'untrusted'
  | 'damaged'
  | 'refused'
  | 'bad-token'
  | 'conflict';

/** A set of the Hugging Face hub can't be fetched, or not be published. */
export class HubError extends UserError<HubProblem> {}

/** Advice that always applies. */
export const BY_HAND = 'download the file with a browser and name it in place of the set';

/** The hub and how to access it. */
export interface Endpoint {
  /** Without a slash at its end. */
  url: string;
  origin: string;
  /** Host and port. */
  host: string;
  /** The hub is on this machine, as in tests; only then may it redirect to plain http. */
  loopback: boolean;
  token: string | undefined;
  /** Only the cache is used. */
  offline: boolean;
}

/**
 * The hub by the environment variables of Hugging Face's own tools: `HF_ENDPOINT` (a mirror), `HF_TOKEN` and `HF_HUB_OFFLINE`. Datasets and workspace
 * settings can't change where the token is sent.
 * @throws HubError `bad-endpoint`
 */
export function endpointFromEnvironment(env: NodeJS.ProcessEnv): Endpoint {
  const given = (env.HF_ENDPOINT?.trim() || 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol) || /[?#@]/.test(given)) {
    throw new HubError(
      'bad-endpoint',
      `HF_ENDPOINT is not a valid address: ${given}`,
      'Use an address such as https://huggingface.co.',
    );
  }
  if (sendsKeyInClear(given)) {
    throw new HubError(
      'bad-endpoint',
      `HF_ENDPOINT is plain http to another machine: ${given}`,
      'Use its https address, or unset the variable.',
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
