import type { IncomingMessage } from 'node:http';
import { StaleConnection, sendRequest } from '../system/http.ts';

declare global {
  interface RequestInit {
    /** Called with the number of bytes of each chunk; see `fetchReply`. */
    onBytes?: OnBytes;
  }
}
type OnBytes = (bytes: number) => void;

/** Headers that a model server needs. The SDK adds others, some from the environment, which may be for another host. */
const SENT = ['accept', 'authorization', 'content-type'];
/** Milliseconds after which the connection of an abandoned reply is closed. */
const END_LIMIT_MS = 1_000;

/**
 * A `fetch` over node:http for the OpenAI SDK. Node's own fails after 300 s without headers or body bytes, too soon for long reasoning on a slow
 * server; here only the signal ends a request. Redirects are not followed, so that a key reaches no other host. Connections are kept open.
 */
export const fetchReply: typeof fetch = async (input, { method = 'GET', headers, body, signal, onBytes } = {}) => {
  if (body != null && typeof body !== 'string') throw new TypeError('Only text bodies are sent to a model server.');
  const given = new Headers(headers);
  const sent = SENT.map((name) => [name, given.get(name)] as const).filter(([, value]) => value !== null);
  const url = new URL(input instanceof Request ? input.url : input);
  const request = {
    method,
    headers: { ...Object.fromEntries(sent), 'user-agent': 'Longhand' },
    body: body ?? undefined,
    signal: signal ?? undefined,
  };
  const message = await sendRequest(url, request).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (!(error instanceof StaleConnection)) throw error;
    // Servers may close kept-open connections at any time (llama.cpp after each streamed reply).
    return sendRequest(url, { ...request, agent: false });
  });
  return toResponse(message, onBytes);
};

function toResponse(message: IncomingMessage, onBytes: OnBytes | undefined): Response {
  const { statusCode: status = 0 } = message;
  const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [name, String(value)]);
  // A Response of these has no body; the message must still be read to its end to free the connection.
  if (status === 204 || status === 205 || status === 304) {
    message.resume();
    return new Response(null, { status, headers });
  }
  return new Response(ReadableStream.from(chunksOf(message, onBytes)), { status, headers });
}

async function* chunksOf(message: IncomingMessage, onBytes: OnBytes | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      onBytes?.(chunk.length);
      yield chunk;
    }
  } finally {
    // The SDK stops at `[DONE]`. Most servers then end the reply, which frees the connection.
    if (!message.readableEnded && !message.destroyed) {
      const limit = setTimeout(() => message.destroy(), END_LIMIT_MS);
      message.once('close', () => clearTimeout(limit)).resume();
    }
  }
}
