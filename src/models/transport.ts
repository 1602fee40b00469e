import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * What the SDK, and we, use of a Response, over the message as node:http made it. Real Responses and Headers cost as much CPU time as the request
 * itself, and reading tokens through a web stream four times as much as reading the message.
 */
export class ServerReply {
  readonly message: IncomingMessage;
  readonly status: number;
  readonly ok: boolean;
  readonly statusText: string;
  /** Names in lower case; `get` and `entries` are those of Headers. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body = null;

  constructor(message: IncomingMessage) {
    this.message = message;
    this.status = message.statusCode ?? 0;
    this.ok = this.status >= 200 && this.status < 300;
    this.statusText = message.statusMessage ?? '';
    this.headers = new Map(Object.entries(message.headers).map(([name, value]) => [name, String(value ?? '')]));
    // These carry no body; the message must still be read to its end to free the socket.
    if (this.status === 204 || this.status === 205 || this.status === 304) message.resume();
  }

  text(): Promise<string> {
    return text(this.message);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

/**
 * `fetch` over node:http for the OpenAI SDK; gives a ServerReply. Node's own fetch gives up after 300 s without headers or body bytes, whatever the caller's
 * limit is, which ends long reasoning on a slow server; here only the signal, which is this request's own, ends it. Redirects are not followed, so a key
 * never goes to another host than the one it was given for. Sockets are kept open between requests (Node's global agents do so).
 */
export async function fetchWithoutLimit(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input);
  const { body } = init;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new TypeError('Only text bodies are sent to a model server.');
  }
  const { signal } = init;
  signal?.throwIfAborted();
  const request = { url, init, body: body ?? undefined };
  const message = await send(request).catch((error: unknown) => {
    if (!(error instanceof StaleSocket)) throw error;
    signal?.throwIfAborted();
    return send(request, false);
  });
  // The type asks for more than the SDK does.
  return new ServerReply(message) as unknown as Response;
}

/** A server closed a connection that had been kept open, without a word to the request that was just sent on it. */
class StaleSocket extends Error {}

interface Outgoing {
  url: URL;
  init: RequestInit;
  body: string | undefined;
}

/**
 * @param kept whether a connection that was kept open will do. Servers close those when they like (llama.cpp's after each streamed reply), and a request may meet that on its way.
 * @throws StaleSocket where it did.
 */
function send(
  { url, init: { signal, method = 'GET', headers }, body }: Outgoing,
  kept = true,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: plainHeaders(headers), ...(kept ? {} : { agent: false }) };
    const outgoing = requestOf(url)(url, options);
    // Given to node:http, the signal would destroy with an error what may have no listener any more, and cost as much as the reading.
    const stop = (): void => void outgoing.destroy(new Error('The request was aborted.'));
    signal?.addEventListener('abort', stop, { once: true });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', stop);
      const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleSocket(error.message, { cause: error }) : error);
    });
    outgoing.on('response', (response) => {
      signal?.removeEventListener('abort', stop);
      signal?.addEventListener('abort', () => response.destroy(), { once: true });
      resolve(response);
    });
    outgoing.end(body);
  });
}

/**
 * An `import` of these modules reads all that they export, and so loads the whole of Node's own fetch behind `http.WebSocket`: 8 MB and 35 ms. TLS is 5 MB
 * more, which a server on this machine does not need.
 */
function requestOf({ protocol }: URL): typeof import('node:http').request {
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http').request;
}

/** Our own requests bring a plain record (sdk.ts). To ask whether it is one of Headers would load Node's fetch. */
function plainHeaders(given: RequestInit['headers']): Record<string, string> {
  if (given === undefined) return {};
  const isPlain = Object.getPrototypeOf(given) === Object.prototype;
  return isPlain ? (given as Record<string, string>) : Object.fromEntries(new Headers(given));
}
