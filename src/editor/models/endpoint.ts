import { baseURLProblem, isLoopback } from '../../core/models/base-url.ts';

interface LocalServer {
  name: string;
  baseURL: string;
}

/** Local servers at their default ports. */
export const LOCAL_SERVERS: readonly LocalServer[] = [
  { name: 'vLLM', baseURL: 'http://127.0.0.1:8000/v1' },
  { name: 'Ollama', baseURL: 'http://127.0.0.1:11434/v1' },
  { name: 'LM Studio', baseURL: 'http://127.0.0.1:1234/v1' },
  { name: 'llama-server', baseURL: 'http://127.0.0.1:8080/v1' },
];

export type UrlProblem = 'empty' | 'not-a-url' | 'not-http' | 'credentials' | 'query';

/**
 * The base URL of an OpenAI-compatible server from user input: adds a missing scheme (`http` on this machine, otherwise `https`) and a
 * missing `/v1`, and removes the path of a call. Refuses a URL with a password or a query, since it is stored.
 */
export function readBaseURL(input: string): { baseURL: string } | { problem: UrlProblem } {
  const text = input.trim();
  if (text === '') return { problem: 'empty' };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return { problem: 'not-http' };
  const url = parse(scheme === undefined ? `https://${text}` : text);
  if (url === undefined) return { problem: 'not-a-url' };
  if (scheme === undefined && isLoopback(url.hostname)) url.protocol = 'http:';
  const problem = baseURLProblem(url);
  if (problem !== undefined) return { problem };
  const path = url.pathname.replace(/(?:\/+(?:chat\/+completions|completions|models))*\/*$/, '');
  return { baseURL: `${url.protocol}//${url.host}${path === '' ? '/v1' : path}` };
}

function parse(text: string): URL | undefined {
  if (/\s/.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
