import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

interface Outgoing extends Omit<RequestOptions, 'timeout'> {
  body?: string | Uint8Array | (() => Readable) | undefined;
  /** Milliseconds of silence after which the request fails; no limit when absent. */
  idleMs?: number | undefined;
}

/** The server closed a kept-open connection without answering the request sent on it. */
export class StaleConnection extends Error {}

/**
 * Sends a request with node:http and resolves with its reply, whose body is unread. Redirects are not followed, so that a key reaches no other host.
 * The server may reply before the whole body is sent; a failure of the upload is then ignored.
 * @throws StaleConnection; other errors of the connection; after an abort, the signal's reason or any error.
 */
export function sendRequest(url: URL, { body, idleMs, signal, ...options }: Outgoing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = (url.protocol === 'https:' ? https : http).request(url, { ...options, timeout: idleMs });
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    // Node's own handling of a signal fails a reply that is no longer read.
    const stop = (): void => void request.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    request.on('close', () => {
      signal?.removeEventListener('abort', stop);
      // After “101 Switching Protocols”, node:http ends a request without an answer and without an error.
      reject(new Error('it closed the connection without an answer'));
    });
    // Without a limit of its own, a request still gets the event of the agent, after 5 s.
    if (idleMs !== undefined) request.on('timeout', () => request.destroy(new Error(`no data for ${idleMs / 1000} s`)));
    if (typeof body === 'function') pipeline(body(), request).catch(reject);
    else request.end(body);
  });
}

/** The body of a reply. @throws Error when it has more than `most` bytes or is incomplete. */
export async function readText(message: IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > most) throw new Error('its answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
