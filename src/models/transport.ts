import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
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
 * limit is, which ends long reasoning on a slow server; here only the signal ends a request. Redirects are not followed, so a key
 * never goes to another host than the one it was given for. Sockets are kept open between requests (Node's global agents do so).
 */
export async function fetchWithoutLimit(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const { body } = init;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new TypeError('Only text bodies are sent to a model server.');
  }
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const headers = plainHeaders(init.headers);
    const outgoing = send(
      url,
      { method: init.method ?? 'GET', headers, ...(init.signal ? { signal: init.signal } : {}) },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
  // The type asks for more than the SDK does.
  return new ServerReply(message) as unknown as Response;
}

/** Headers that were sent before, as node:http wants them: the chat requests of a client share theirs. */
const plain = new WeakMap<Headers, Record<string, string>>();

function plainHeaders(given: RequestInit['headers']): Record<string, string> {
  if (!(given instanceof Headers)) return Object.fromEntries(new Headers(given));
  const known = plain.get(given) ?? Object.fromEntries(given);
  plain.set(given, known);
  return known;
}
