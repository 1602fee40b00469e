import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * `fetch` over node:http for the OpenAI SDK. Node's own fetch gives up after 300 s without headers or body bytes, whatever the caller's
 * limit is, which ends long reasoning on a slow server; here only the signal ends a request. Redirects are not followed, so a key
 * never goes to another host than the one it was given for. Sockets are kept open between requests (Node's global agents do so).
 */
export async function fetchWithoutLimit(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const headers = Object.fromEntries(new Headers(init.headers));
  const body = init.body;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new TypeError('Only text bodies are sent to a model server.');
  }
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const outgoing = send(
      url,
      { method: init.method ?? 'GET', headers, ...(init.signal ? { signal: init.signal } : {}) },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
  return new MessageResponse(message);
}

/**
 * A Response that hands out its message as node:http made it. Reading a stream of tokens through a web stream, as `body` must be, takes four times the
 * CPU time of reading the message; so the web stream is made only for whoever asks for it.
 */
export class MessageResponse extends Response {
  readonly message: IncomingMessage;

  constructor(message: IncomingMessage) {
    const headers = new Headers();
    for (const [name, value] of Object.entries(message.headers)) {
      for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) headers.append(name, one);
    }
    super(null, { status: message.statusCode ?? 0, statusText: message.statusMessage ?? '', headers });
    this.message = message;
    // These may carry no body; the message must still be read to its end to free the socket.
    if (this.status === 204 || this.status === 205 || this.status === 304) message.resume();
    // The types of Response have these as properties, which methods may not override.
    Object.defineProperties(this, {
      body: { get: () => Readable.toWeb(message) },
      text: { value: () => text(message) },
      json: { value: async () => JSON.parse(await text(message)) },
    });
  }
}
