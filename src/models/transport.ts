import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { Readable } from 'node:stream';

/**
 * `fetch` over node:http for the OpenAI SDK. Node's own fetch gives up after 300 s without headers or body bytes, whatever the caller's
 * limit is, which ends long reasoning on a slow server; here only the signal ends a request. Redirects are not followed, so a key
 * never goes to another host than the one it was given for.
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
  return toResponse(message);
}

function toResponse(message: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) headers.append(name, one);
  }
  const status = message.statusCode ?? 0;
  // A Response may not carry a body with these; the message must still be read to its end to free the socket.
  const bodyless = status === 204 || status === 205 || status === 304;
  if (bodyless) message.resume();
  const body = bodyless ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText: message.statusMessage ?? '', headers });
}
