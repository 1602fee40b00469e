import { APIError } from 'openai/error';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { fetchWithoutLimit, ServerReply } from './transport.ts';

/**
 * Posts one chat completion. The SDK's own way there costs as much CPU time as the sending, and loads Node's fetch (13 MB) for its Headers
 * (`npm run bench:runner`); a round makes thousands of these requests and none of another kind.
 * @returns The reply as its head has come.
 * @throws openai's APIError for a status that is no success, as the SDK does; the socket's error.
 */
export async function postChat(
  { baseURL, apiKey }: { baseURL: string; apiKey?: string | undefined },
  body: ChatCompletionCreateParams,
  signal: AbortSignal,
): Promise<ServerReply> {
  const response: unknown = await fetchWithoutLimit(`${baseURL.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      accept: body.stream ? 'text/event-stream' : 'application/json',
      'content-type': 'application/json',
      'user-agent': 'Longhand',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    },
    body: JSON.stringify(body),
    signal,
  });
  if (!(response instanceof ServerReply)) throw new TypeError('Not a reply of our own transport.');
  if (response.ok) return response;
  const said = await response.text();
  // An APIError asks its headers for nothing but `get`.
  const headers = response.headers as unknown as Headers;
  const error = readObject(said);
  throw APIError.generate(response.status, error, error === undefined ? said : undefined, headers);
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
