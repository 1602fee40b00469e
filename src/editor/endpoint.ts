/** Base URLs of OpenAI-compatible servers, as people type them. */

interface LocalServer {
  name: string;
  baseURL: string;
}

/** Servers that people run themselves, at the port that each takes when nothing else is said. */
export const LOCAL_SERVERS: readonly LocalServer[] = [
  { name: 'vLLM', baseURL: 'http://127.0.0.1:8000/v1' },
  { name: 'Ollama', baseURL: 'http://127.0.0.1:11434/v1' },
  { name: 'LM Studio', baseURL: 'http://127.0.0.1:1234/v1' },
  { name: 'llama-server', baseURL: 'http://127.0.0.1:8080/v1' },
];

export type UrlProblem = 'empty' | 'not-a-url' | 'not-http' | 'credentials' | 'query';

/**
 * The base URL that is meant: scheme added for a bare host (`http` on this machine, `https` elsewhere), `/v1` added where there is no
 * path, the path of a single call taken off. A URL with a name and password or a query is refused, since it would be stored.
 */
export function readBaseURL(input: string): { baseURL: string } | { problem: UrlProblem } {
  const text = input.trim();
  if (text === '') return { problem: 'empty' };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return { problem: 'not-http' };
  const url = parse(scheme === undefined ? `https://${text}` : text);
  if (url === undefined) return { problem: 'not-a-url' };
  if (scheme === undefined && isLoopback(url.hostname)) url.protocol = 'http:';
  if (url.username !== '' || url.password !== '') return { problem: 'credentials' };
  if (url.search !== '' || url.hash !== '') return { problem: 'query' };
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

/** Host and port. */
export const hostOfURL = (baseURL: string): string => new URL(baseURL).host;

/**
 * Under which name the key of an endpoint is kept: its host. A key given for `https` is not the key of the same host by plain `http`,
 * so that a dataset that someone else made can't have it sent in the clear.
 */
export function keyNameOf(baseURL: string): string {
  const host = hostOfURL(baseURL);
  return sendsKeyInClear(baseURL) ? `http://${host}` : host;
}

/** Whether a host name stands for this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** A key would travel in the clear to another machine. */
export function sendsKeyInClear(baseURL: string): boolean {
  const { protocol, hostname } = new URL(baseURL);
  return protocol === 'http:' && !isLoopback(hostname);
}
