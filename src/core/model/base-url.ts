/** What a base URL may not carry: it is stored in files that are shared, and a key in it would be too. */
export function baseURLProblem({ username, password, href }: URL): 'credentials' | 'query' | undefined {
  if (username !== '' || password !== '') return 'credentials';
  // `search` and `hash` are empty for a lone `?` or `#`, which would still come between the URL and a call's path.
  return /[?#]/.test(href) ? 'query' : undefined;
}

/** Host and port. */
export const hostOfURL = (baseURL: string): string => new URL(baseURL).host;

/** Whether a host name stands for this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** A key would travel in the clear to another machine. */
export function sendsKeyInClear(baseURL: string): boolean {
  const { protocol, hostname } = new URL(baseURL);
  return protocol !== 'https:' && !isLoopback(hostname);
}

/**
 * Under which name the key of an endpoint is kept: its host. A key given for `https` is not the key of the same host by plain `http`,
 * so that a dataset that someone else made can't have it sent in the clear.
 */
export function keyNameOf(baseURL: string): string {
  const host = hostOfURL(baseURL);
  return sendsKeyInClear(baseURL) ? `http://${host}` : host;
}

/** Whether a person's `host`, `host:port` or URL names the host of an endpoint; a name without `http://` means https, or this machine. */
export function isNamedHost(baseURL: string, name: string): boolean {
  const host = name.trim();
  const url = /^https?:\/\//i.test(host) ? host : `https://${host}`;
  return URL.canParse(url) && keyNameOf(url) === keyNameOf(baseURL);
}
