import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../core/defined.ts';
import { messageOf } from '../core/errors.ts';
import { isLoopback } from '../core/models/base-url.ts';
import { retryAfter } from '../core/models/retry-after.ts';
import { IdleGuard } from '../models/idle.ts';
import type { Endpoint } from './endpoint.ts';
import { BY_HAND, HubError } from './endpoint.ts';

const MOST_REDIRECTS = 5;
/** Tries when the hub is busy and when it does not answer; fewer for the latter, to report a missing network soon. */
const BUSY_TRIES = 4;
const SILENT_TRIES = 2;
/** Longer waits that a server requests fail instead. */
const LONGEST_WAIT_MS = 60_000;
/** In bytes, for lists and cards. */
const LARGEST_ANSWER = 30_000_000;
const IDLE_MS = 60_000;

export interface RequestOptions {
  endpoint: Endpoint;
  signal: AbortSignal;
  log: (text: string) => void;
  /** The requests belong to an upload, which has other advice than a download. */
  uploads?: boolean;
  /** Silence in milliseconds after which a connection is closed. */
  idleMs?: number | undefined;
  /** Called with the bytes of a file that were sent. */
  onSent?: ((bytes: number) => void) | undefined;
}

/** A reply with an unread body, and the guard that ends it after a silence. */
export interface OpenReply {
  response: Response;
  guard: IdleGuard;
}

/** What is sent besides the address. */
export type Sent = Pick<RequestInit, 'method' | 'headers' | 'body'>;

/**
 * Sends a request to the hub, tries again when it is busy or the connection breaks, and follows redirects of downloads, which lead to other hosts for large
 * files. The content of a file may be uploaded to another host that the hub names. Other hosts must use https, unless the hub is on this machine too. Only the
 * hub gets the token.
 * @throws HubError; the signal's reason.
 */
export async function request(url: string, sent: Sent, options: RequestOptions): Promise<OpenReply> {
  for (let tries = 1; ; tries++) {
    const outcome = await once(url, sent, options);
    if (!('waitMs' in outcome)) return outcome;
    if (tries >= outcome.tries || outcome.waitMs > LONGEST_WAIT_MS) throw outcome.error;
    options.log(`${outcome.error.message} Trying again.`);
    await pause(Math.max(outcome.waitMs, 250 * 2 ** tries), options.signal);
  }
}

/** `fetch` for @huggingface/hub, which reads whole answers up to a limit. */
export function hubFetch(options: RequestOptions): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const { method, headers: given, body } = init ?? {};
    const { response, guard } = await request(url, defined({ method, headers: given, body }), options);
    try {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of bodyOf(response)) {
        guard.touch();
        size += part.length;
        if (size > LARGEST_ANSWER) {
          throw new HubError(
            'damaged',
            `${options.endpoint.host} sends an endless response.`,
            `Choose another set${orElse(options)}`,
          );
        }
        parts.push(part);
      }
      const { status, headers } = response;
      return new Response(Buffer.concat(parts), { status, headers });
    } catch (error) {
      throw asHubError(error, options, guard);
    } finally {
      guard.dispose();
    }
  };
}

/** How advice ends. */
const orElse = ({ uploads }: RequestOptions): string =>
  uploads ? '. What is uploaded is not uploaded again.' : `, or ${BY_HAND}.`;

/** Whether a file of this machine is the cause, and not the hub. */
export const isFileError = (error: unknown): boolean => error instanceof Error && 'syscall' in error && 'path' in error;

export async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  for await (const part of response.body) yield part;
}

/** The HubError for a broken connection; the signal's reason when it aborted; an error of the file system as it is. */
export function asHubError(error: unknown, options: RequestOptions, guard?: IdleGuard): unknown {
  const { endpoint, signal } = options;
  if (error instanceof HubError) return error;
  if (signal.aborted) return signal.reason;
  for (const one of [error, error instanceof Error ? error.cause : undefined]) if (isFileError(one)) return one;
  const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
  const why = guard?.expired ? 'it has been silent for too long' : cause || 'the connection broke';
  return new HubError(
    'unreachable',
    `${endpoint.host} could not be reached: ${why}.`,
    `Check that this machine reaches it (a proxy may need HTTPS_PROXY and NODE_USE_ENV_PROXY=1)${orElse(options)}`,
  );
}

/** A temporary failure. */
interface Busy {
  error: HubError;
  /** As requested by the server, else 0. */
  waitMs: number;
  /** Tries in all. */
  tries: number;
}

async function once(url: string, sent: Sent, options: RequestOptions): Promise<OpenReply | Busy> {
  const { endpoint, signal } = options;
  const { method = 'GET', body } = sent;
  let target = new URL(url);
  if (target.origin !== endpoint.origin && (method !== 'PUT' || !isSafe(endpoint, target)))
    throw strange(options, target);
  const guard = new IdleGuard(options.idleMs ?? IDLE_MS, signal);
  try {
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const headers = new Headers(sent.headers);
      headers.delete('authorization');
      headers.set('user-agent', 'longhand');
      if (endpoint.token !== undefined && target.origin === endpoint.origin) {
        headers.set('authorization', `Bearer ${endpoint.token}`);
      }
      const sending = body instanceof Blob ? watched(body, options, guard) : body;
      const init = {
        method,
        headers,
        redirect: 'manual',
        signal: guard.signal,
        ...defined({ body: sending }),
      } as const;
      const response = await fetch(target.href, init);
      guard.touch();
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (method !== 'GET') throw redirectedUpload(options, target, location);
        target = followed(options, target, location);
        continue;
      }
      if (response.ok) return { response, guard };
      await response.body?.cancel();
      guard.dispose();
      return method === 'GET' ? refusal(response, target, options) : refusedUpload(response, target, endpoint);
    }
    throw new HubError('untrusted', `${endpoint.host} redirects in a loop.`, `Try again later${orElse(options)}`);
  } catch (error) {
    const problem = asHubError(error, options, guard);
    guard.dispose();
    if (problem instanceof HubError && problem.kind === 'unreachable')
      return { error: problem, waitMs: 0, tries: SILENT_TRIES };
    throw problem;
  }
}

/** A file that reports the bytes that are read of it. A large one takes longer than the longest silence. */
function watched(file: Blob, { onSent }: RequestOptions, guard: IdleGuard): Blob {
  const report = new TransformStream<Uint8Array, Uint8Array>({
    transform: (part, controller) => {
      guard.touch();
      onSent?.(part.length);
      controller.enqueue(part);
    },
  });
  // The size goes into the header, so that it must be that of the file.
  return Object.defineProperties(new Blob([]), {
    size: { value: file.size },
    stream: { value: () => file.stream().pipeThrough(report) },
  });
}

function followed(options: RequestOptions, from: URL, location: string): URL {
  const target = URL.parse(location, from.href);
  if (target === null || !isSafe(options.endpoint, target)) throw strange(options, target);
  return target;
}

/** The hub redirects from the earlier name of a repository. */
function redirectedUpload(options: RequestOptions, from: URL, location: string): HubError {
  const target = URL.parse(location, from.href);
  if (target?.origin !== from.origin) return strange(options, target);
  const address = `${target.origin}${target.pathname.slice(0, 200)}`;
  return new HubError(
    'untrusted',
    `${options.endpoint.host} redirects the upload to ${address}, which is not followed.`,
    'Use the present name of the repository.',
  );
}

/** Whether another host that the hub names may be contacted. */
function isSafe(endpoint: Endpoint, target: URL): boolean {
  const onThisMachine = isLoopback(target.hostname);
  const safe = endpoint.loopback
    ? onThisMachine || target.protocol === 'https:'
    : target.protocol === 'https:' && !onThisMachine;
  return safe && target.username === '' && target.password === '';
}

function strange(options: RequestOptions, target: URL | null): HubError {
  return new HubError(
    'untrusted',
    `${options.endpoint.host} redirects to ${target === null ? 'an invalid address' : target.origin}, which is not followed.`,
    `Check HF_ENDPOINT and the proxy${orElse(options)}`,
  );
}

/** @throws HubError for a permanent failure. */
function refusal(response: Response, target: URL, options: RequestOptions): Busy {
  const { status } = response;
  const { endpoint } = options;
  const code = response.headers.get('x-error-code') ?? '';
  const what = subject(target);
  const page = `${endpoint.url}/datasets/${what}`;
  const token =
    endpoint.token === undefined
      ? 'set HF_TOKEN to a token of that account'
      : 'check that HF_TOKEN belongs to that account';
  if (code === 'GatedRepo') {
    throw new HubError('gated', `${what} is gated.`, `Accept its terms at ${page} and ${token}${orElse(options)}`);
  }
  if (code === 'RevisionNotFound') {
    throw new HubError('not-found', `${what} has no such branch, tag or commit.`, `See ${page}.`);
  }
  if (status === 429) {
    const error = new HubError(
      'rate-limited',
      `${endpoint.host} received too many requests.`,
      `Wait some minutes${endpoint.token === undefined ? ', or set HF_TOKEN for a higher limit' : ''}${orElse(options)}`,
    );
    return { error, waitMs: askedWait(response), tries: BUSY_TRIES };
  }
  if (status === 408 || status >= 500) {
    const message = `${endpoint.host} answers ${status} for ${what}.`;
    return {
      error: new HubError('unreachable', message, `Try again later${orElse(options)}`),
      waitMs: askedWait(response),
      tries: BUSY_TRIES,
    };
  }
  if (code === 'EntryNotFound') {
    throw new HubError('not-found', `${what} has no file ${fileOf(target)}.`, `See ${page}/tree/main.`);
  }
  // The hub answers 401 for missing sets too, so as not to reveal private ones.
  if (status === 401 || status === 404) {
    throw new HubError(
      'not-found',
      `${endpoint.host} has no set ${what}, or it is private.`,
      `See ${page}; if it is private or gated, ${token}.`,
    );
  }
  if (status === 403)
    throw new HubError('gated', `Access to ${what} is denied.`, `See ${page} and ${token}${orElse(options)}`);
  throw new HubError(
    'unreachable',
    `${endpoint.host} answers ${status} for ${what}.`,
    `Try again later${orElse(options)}`,
  );
}

/** As refusal, for what is written to the hub. @throws HubError for a permanent failure. */
function refusedUpload(response: Response, target: URL, endpoint: Endpoint): Busy {
  const { status } = response;
  const { host } = endpoint;
  const isHub = target.origin === endpoint.origin;
  if (status === 409 || status === 412)
    throw new HubError('conflict', `${host} reports a conflict.`, 'Another upload may be running. Publish again.');
  if (isHub && (status === 401 || status === 403)) {
    const [what, how] =
      endpoint.token === undefined
        ? ['requires a token', 'Set HF_TOKEN to a token with write access, or enter one in VS Code.']
        : ['refuses the token', 'Use a token that is valid and has write access to the account or organization.'];
    throw new HubError('bad-token', `${host} ${what} (status ${status}).`, how);
  }
  if (status === 429 || status === 408 || status >= 500) {
    return {
      error: new HubError(
        status === 429 ? 'rate-limited' : 'unreachable',
        `${isHub ? host : target.host} answers ${status} to the upload.`,
        'Publish again later. What is uploaded is not uploaded again.',
      ),
      waitMs: askedWait(response),
      tries: BUSY_TRIES,
    };
  }
  throw new HubError(
    'refused',
    `${isHub ? host : target.host} answers ${status} to the upload.`,
    'Check the name of the repository and the token. Publish again: what is uploaded is not uploaded again.',
  );
}

/** `owner/name` in an address of the hub; the host elsewhere. */
function subject({ pathname, host }: URL): string {
  const name = /\/datasets\/(.+?)(?:\/(?:revision|tree|resolve)\/|$)/.exec(pathname)?.[1];
  return name === undefined ? `a file at ${host}` : decoded(name);
}

function fileOf({ pathname }: URL): string {
  return decoded(/\/resolve\/[^/]+\/(.+)$/.exec(pathname)?.[1] ?? pathname);
}

/** A part of an address as it reads. An address of a server may have a percent sign that encodes nothing, which stays. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Milliseconds by `Retry-After`, or by the `t` of the hub's `RateLimit`; 0 without either. */
function askedWait({ headers }: Response): number {
  const seconds = /\bt=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return retryAfter((name) => headers.get(name)) ?? 1000 * Number(seconds ?? 0);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
