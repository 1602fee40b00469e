import { hostOfURL, isLoopback, isNamedHost, sendsKeyInClear } from '../../core/models/base-url.ts';

/** `LONGHAND_RAY_TOKENS`: tokens of several dashboards, a JSON object by `host:port` as in `LONGHAND_RAY_HOST`. Invalid JSON counts as none. */
export function keptTokens({ LONGHAND_RAY_TOKENS: text }: NodeJS.ProcessEnv): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(text ?? '');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, token]) => typeof token === 'string' && token !== ''));
  } catch {
    return {};
  }
}

/**
 * The bearer token in the environment for a dashboard, whose address may come from someone else's run. A token for this host in
 * `LONGHAND_RAY_TOKENS` comes first. `LONGHAND_RAY_TOKEN` is sent to the `host:port` in `LONGHAND_RAY_HOST`, and by plain http to another
 * machine only if that is `http://host:port`. A port of this machine must be named too, since any program may listen there.
 */
export function rayTokenFromEnvironment(address: string, env: NodeJS.ProcessEnv): string | undefined {
  const kept = Object.entries(keptTokens(env)).find(([name]) => isNamedHost(address, name));
  if (kept) return kept[1];
  const { LONGHAND_RAY_TOKEN: token, LONGHAND_RAY_HOST: host } = env;
  return token && host && isNamedHost(address, host) ? token : undefined;
}

/**
 * The risk of this address and what to do; undefined when there is none.
 * @param give how to set a token.
 */
export function addressWarning(
  address: string,
  token: string | undefined,
  give = `set LONGHAND_RAY_TOKEN to the token, with LONGHAND_RAY_HOST=${hostOfURL(address)}`,
): string | undefined {
  const { hostname, port, protocol } = new URL(address);
  if (isLoopback(hostname)) return undefined;
  const tunnel = `ssh -N -L 8265:127.0.0.1:${port || (protocol === 'https:' ? '443' : '80')} ${hostname}`;
  const instead = `Let the dashboard listen on its own machine only, open “${tunnel}” and use http://127.0.0.1:8265`;
  if (token === undefined) {
    return (
      `Anyone who can reach ${hostOfURL(address)} can run programs on this cluster, and read its data and logs: no token is set. ` +
      `${instead}, or start Ray with RAY_AUTH_MODE=token behind https and ${give}.`
    );
  }
  return sendsKeyInClear(address)
    ? `The token and all data go to ${hostOfURL(address)} unencrypted, over plain http. ${instead}, or use https.`
    : undefined;
}
