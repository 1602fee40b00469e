import OpenAI, { type ClientOptions } from 'openai';
import { fetchWithoutLimit } from './transport.ts';

/** Where the SDK's own limit ends; ours is the idle limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const CHAT = '/chat/completions';

type Build = OpenAI['buildRequest'];

/**
 * The SDK's client. A request for a chat completion is built here: the SDK's way costs as much CPU time as sending it, and loads Node's fetch (13 MB)
 * for its Headers (`npm run bench:runner`).
 */
class Sdk extends OpenAI {
  readonly #headers: Record<string, string>;

  constructor(options: ClientOptions, headers: Record<string, string>) {
    super(options);
    this.#headers = headers;
  }

  override async buildRequest(...[options, context]: Parameters<Build>): ReturnType<Build> {
    const { path, method, body } = options;
    if (path !== CHAT || method !== 'post') return super.buildRequest(options, context);
    const url = this.buildURL(path, undefined);
    // `fetchWithoutLimit` takes a record as well; the SDK only passes it on.
    const headers = this.#headers as unknown as Headers;
    const signal = options.signal ?? null;
    return { url, timeout: LONGEST_TIMER_MS, req: { method, headers, signal, body: JSON.stringify(body) } };
  }
}

/**
 * Everything the SDK would read from the environment is said here: a key, organisation or log level that stands there for another
 * host must not reach this one.
 * @param place up to and including `/v1`, and the key, if the server wants one.
 */
export function openSdk({ baseURL, apiKey }: { baseURL: string; apiKey?: string | undefined }): OpenAI {
  const options: ClientOptions = {
    baseURL: baseURL.replace(/\/+$/, ''),
    apiKey: apiKey || 'none',
    ...(apiKey ? {} : { defaultHeaders: { Authorization: null } }),
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
    fetch: fetchWithoutLimit,
  };
  return new Sdk(options, {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'Longhand',
    ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
  });
}
