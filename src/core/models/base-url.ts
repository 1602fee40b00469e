/** Why a base URL can't be stored: files with it are shared, so it must not contain a key. */
export function baseURLProblem({ username, password, href }: URL): 'credentials' | 'query' | undefined {
  if (username !== '' || password !== '') return 'credentials';
  // A lone `?` or `#` leaves `search` and `hash` empty, but would come between the URL and a call's path.
  return /[?#]/.test(href) ? 'query' : undefined;
}

export const hostOfURL = (baseURL: string): string => new URL(baseURL).host;

/** Whether a host name means this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a key would be sent unencrypted to another machine. */
export function sendsKeyInClear(baseURL: string): boolean {
  const { protocol, hostname } = new URL(baseURL);
  return protocol !== 'https:' && !isLoopback(hostname);
}

/** The name under which an endpoint's key is stored. Plain `http` has its own, so that a foreign dataset can't get a key sent unencrypted. */
export function keyNameOf(baseURL: string): string {
  const host = hostOfURL(baseURL);
  return sendsKeyInClear(baseURL) ? `http://${host}` : host;
}

/** Whether a `host`, `host:port` or URL names the host of an endpoint; without `http://` it means https, or this machine. */
export function isNamedHost(baseURL: string, name: string): boolean {
  const url = urlOfHost(name);
  return url !== undefined && keyNameOf(url) === keyNameOf(baseURL);
}

/** A `host`, `host:port` or URL as a URL, with https by default; undefined if it is invalid. */
export function urlOfHost(name: string): string | undefined {
  const host = name.trim();
  const url = /^https?:\/\//i.test(host) ? host : `https://${host}`;
  return URL.canParse(url) ? url : undefined;
}
