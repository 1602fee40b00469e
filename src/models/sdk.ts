import OpenAI from 'openai';
import { fetchWithoutLimit } from './transport.ts';

/** Where the SDK's own limit ends; ours is the idle limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Build = OpenAI['buildRequest'];

/**
 * The SDK's client. Its requests for chat completions differ in body and signal alone, so that URL and headers are built once: building them anew took as much
 * CPU time as sending the request (`npm run bench:runner`).
 */
class Sdk extends OpenAI {
  #chat: Awaited<ReturnType<Build>> | undefined;

  override async buildRequest(...[options, context]: Parameters<Build>): ReturnType<Build> {
    if (options.path !== '/chat/completions' || options.method !== 'post') return super.buildRequest(options, context);
    this.#chat ??= await super.buildRequest(options, context);
    const { req, url, timeout } = this.#chat;
    return {
      url,
      timeout,
      req: { method: 'post', headers: req.headers, signal: options.signal ?? null, body: JSON.stringify(options.body) },
    };
  }
}

/**
 * Everything the SDK would read from the environment is said here: a key, organisation or log level that stands there for another
 * host must not reach this one.
 * @param place up to and including `/v1`, and the key, if the server wants one.
 */
export function openSdk({ baseURL, apiKey }: { baseURL: string; apiKey?: string | undefined }): OpenAI {
  return new Sdk({
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
