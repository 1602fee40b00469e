import { isLoopback } from '../core/model/base-url.ts';
import { IdleGuard } from '../models/idle.ts';
import { messageOf } from '../store/files.ts';
import type { Endpoint } from './endpoint.ts';
import { BY_HAND, HubError } from './errors.ts';

const MOST_REDIRECTS = 5;
/** Of a hub that answers that it is busy, and of one that does not answer: who has no network should not wait long to hear it. */
const BUSY_ATTEMPTS = 4;
const SILENT_ATTEMPTS = 2;
/** A server that asks for a longer wait is not waited for. */
const LONGEST_WAIT_MS = 60_000;
/** Lists and cards; the files themselves are counted by who reads them. */
const LARGEST_ANSWER = 30_000_000;
const IDLE_MS = 60_000;

export interface RequestOptions {
  endpoint: Endpoint;
  signal: AbortSignal;
  log: (text: string) => void;
  /** Silence after which a connection is given up. */
  idleMs?: number | undefined;
}

/** A reply whose body is still to be read, under a guard that ends it when nothing comes any more. */
export interface OpenReply {
  response: Response;
  guard: IdleGuard;
}

/**
 * Asks the hub, again where it was busy or the connection broke, and follows its redirects, which lead to other hosts for large files: only by https (or on
 * this machine where the hub is), and with the token for the hub alone.
 * @throws HubError in words for each refusal; the signal's reason when it was aborted.
 */
export async function request(
  url: string,
  headers: RequestInit['headers'],
  options: RequestOptions,
): Promise<OpenReply> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await once(url, headers, options);
    if (!('waitMs' in outcome)) return outcome;
    if (attempt >= outcome.attempts || outcome.waitMs > LONGEST_WAIT_MS) throw outcome.error;
    options.log(`${outcome.error.message} Trying again.`);
    await pause(outcome.waitMs === -1 ? 250 * 2 ** attempt : outcome.waitMs, options.signal);
  }
}

/** `fetch` for @huggingface/hub, whose answers are JSON: read here, to a limit, so that no reply is held open. */
export function hubFetch(options: RequestOptions): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const { response, guard } = await request(url, init?.headers, options);
    try {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of bodyOf(response)) {
        guard.touch();
        size += part.length;
        if (size > LARGEST_ANSWER) {
          throw new HubError('damaged', `${options.endpoint.host} answers without end.`, `Another set, or ${BY_HAND}.`);
        }
        parts.push(part);
      }
      const { status, headers } = response;
      return new Response(Buffer.concat(parts), { status, headers });
    } catch (error) {
      throw inWords(error, options, guard);
    } finally {
      guard.dispose();
    }
  };
}

export async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  for await (const part of response.body) yield part;
}

/** Whatever broke a connection, in words. */
export function inWords(error: unknown, { endpoint, signal }: RequestOptions, guard?: IdleGuard): unknown {
  if (error instanceof HubError) return error;
  if (signal.aborted) return signal.reason;
  const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
  const why = guard?.expired ? 'it has been silent for too long' : cause || 'the connection broke';
  return new HubError(
    'unreachable',
    `${endpoint.host} could not be reached: ${why}.`,
    `See that this machine reaches it (a proxy may need HTTPS_PROXY and NODE_USE_ENV_PROXY=1), or ${BY_HAND}.`,
  );
}

/** A refusal that may pass; `waitMs` is -1 where the server did not say how long. */
interface Busy {
  error: HubError;
  waitMs: number;
  /** In all. */
  attempts: number;
}

async function once(url: string, given: RequestInit['headers'], options: RequestOptions): Promise<OpenReply | Busy> {
  const { endpoint, signal } = options;
  let target = new URL(url);
  if (target.origin !== endpoint.origin) throw strange(endpoint, target);
  const guard = new IdleGuard(options.idleMs ?? IDLE_MS, signal);
  try {
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const headers = new Headers(given);
      headers.delete('authorization');
      headers.set('user-agent', 'longhand');
      if (endpoint.token !== undefined && target.origin === endpoint.origin) {
        headers.set('authorization', `Bearer ${endpoint.token}`);
      }
      const response = await fetch(target.href, { headers, redirect: 'manual', signal: guard.signal });
      guard.touch();
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        target = followed(endpoint, target, location);
        continue;
      }
      if (response.ok) return { response, guard };
      await response.body?.cancel();
      guard.dispose();
      return refusal(response, target, endpoint);
    }
    throw new HubError('untrusted', `${endpoint.host} redirects in a circle.`, `Try again later, or ${BY_HAND}.`);
  } catch (error) {
    const told = inWords(error, options, guard);
    guard.dispose();
    if (told instanceof HubError && told.problem === 'unreachable')
      return { error: told, waitMs: -1, attempts: SILENT_ATTEMPTS };
    throw told;
  }
}

function followed(endpoint: Endpoint, from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw strange(endpoint, undefined);
  const target = new URL(location, from);
  const onThisMachine = isLoopback(target.hostname);
  const safe = endpoint.loopback
    ? onThisMachine || target.protocol === 'https:'
    : target.protocol === 'https:' && !onThisMachine;
  if (!safe || target.username !== '' || target.password !== '') throw strange(endpoint, target);
  return target;
}

function strange(endpoint: Endpoint, target: URL | undefined): HubError {
  return new HubError(
    'untrusted',
    `${endpoint.host} sends to ${target === undefined ? 'what is no address' : target.origin}; that is not followed.`,
    `Look at HF_ENDPOINT and the proxy, or ${BY_HAND}.`,
  );
}

/** Throws for what stays refused. */
function refusal(response: Response, target: URL, endpoint: Endpoint): Busy {
  const { status } = response;
  const code = response.headers.get('x-error-code') ?? '';
  const what = subject(target);
  const page = `${endpoint.url}/datasets/${what}`;
  const token =
    endpoint.token === undefined ? 'set HF_TOKEN to a token of that account' : 'see that HF_TOKEN is of that account';
  if (code === 'GatedRepo') {
    throw new HubError('gated', `${what} is gated.`, `Accept its terms at ${page} and ${token}, or ${BY_HAND}.`);
  }
  if (code === 'RevisionNotFound') {
    throw new HubError('not-found', `${what} has no such branch, tag or commit.`, `Look at ${page}.`);
  }
  if (status === 429) {
    const error = new HubError(
      'rate-limited',
      `${endpoint.host} has had too many requests.`,
      `Wait some minutes${endpoint.token === undefined ? ', or set HF_TOKEN, which may ask more often' : ''}, or ${BY_HAND}.`,
    );
    return { error, waitMs: askedWait(response), attempts: BUSY_ATTEMPTS };
  }
  if (status === 408 || status >= 500) {
    const message = `${endpoint.host} answers ${status} for ${what}.`;
    return {
      error: new HubError('unreachable', message, `Try again later, or ${BY_HAND}.`),
      waitMs: askedWait(response),
      attempts: BUSY_ATTEMPTS,
    };
  }
  if (code === 'EntryNotFound') {
    throw new HubError('not-found', `${what} has no file ${fileOf(target)}.`, `Look at ${page}/tree/main.`);
  }
  // The hub answers 401 for a set that is not there too, so that private ones can't be told from these.
  if (status === 401 || status === 404) {
    throw new HubError(
      'not-found',
      `${endpoint.host} has no set ${what}, or it is private.`,
      `Look at ${page}; if it is private or gated, ${token}.`,
    );
  }
  if (status === 403)
    throw new HubError('gated', `${what} may not be read.`, `Look at ${page} and ${token}, or ${BY_HAND}.`);
  throw new HubError(
    'unreachable',
    `${endpoint.host} answers ${status} for ${what}.`,
    `Try again later, or ${BY_HAND}.`,
  );
}

/** `owner/name` in an address of the hub; the host elsewhere. */
function subject({ pathname, host }: URL): string {
  const name = /\/datasets\/(.+?)(?:\/(?:revision|tree|resolve)\/|$)/.exec(pathname)?.[1];
  return name === undefined ? `a file at ${host}` : decodeURIComponent(name);
}

function fileOf({ pathname }: URL): string {
  return decodeURIComponent(/\/resolve\/[^/]+\/(.+)$/.exec(pathname)?.[1] ?? pathname);
}

/** Milliseconds by `Retry-After`, or by the `t` of the hub's `RateLimit`; -1 without either. */
function askedWait({ headers }: Response): number {
  const seconds = Number(
    headers.get('retry-after') ?? /\bt=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? Number.NaN,
  );
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : -1;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
