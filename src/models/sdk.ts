import OpenAI from 'openai';
import { fetchWithoutLimit } from './transport.ts';

/** Where the SDK's own limit ends; ours is the idle limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Everything the SDK would read from the environment is said here: a key, organisation or log level that stands there for another
 * host must not reach this one.
 * @param place up to and including `/v1`, and the key, if the server wants one.
 */
export function openSdk({ baseURL, apiKey }: { baseURL: string; apiKey?: string | undefined }): OpenAI {
  return new OpenAI({
    baseURL: baseURL.replace(/\/+$/, ''),
    apiKey: apiKey || 'none',
    ...(apiKey ? {} : { defaultHeaders: { Authorization: null } }),
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
    fetch: fetchWithoutLimit,
  });
}
