import { hostOfURL, isLoopback, isNamedHost, sendsKeyInClear } from '../../core/model/base-url.ts';

/** `LONGHAND_RAY_TOKENS`: tokens of several dashboards, a JSON object by `host:port` as in `LONGHAND_RAY_HOST`. What can't be read is none. */
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
 * The bearer token that the environment holds for a dashboard, whose address may come from a stranger's run. `LONGHAND_RAY_TOKEN` goes to
 * the host that `LONGHAND_RAY_HOST` names, `host:port`, and by plain http to another machine only where it says `http://host:port`; where it
 * is not set, to this machine alone. A token for this very host in `LONGHAND_RAY_TOKENS` comes first.
 */
export function rayTokenFromEnvironment(address: string, env: NodeJS.ProcessEnv): string | undefined {
  const kept = Object.entries(keptTokens(env)).find(([name]) => isNamedHost(address, name));
  if (kept) return kept[1];
  const { LONGHAND_RAY_TOKEN: token, LONGHAND_RAY_HOST: host } = env;
  if (!token) return undefined;
  const isMeant = host ? isNamedHost(address, host) : isLoopback(new URL(address).hostname);
  return isMeant ? token : undefined;
}

/**
 * What may go wrong at this address, and what to do; undefined where nothing is sent in the open.
 * @param give how a token is given.
 */
export function addressWarning(
  address: string,
  token: string | undefined,
  give = `give the token in LONGHAND_RAY_TOKEN with LONGHAND_RAY_HOST=${hostOfURL(address)}`,
): string | undefined {
  const { hostname, port, protocol } = new URL(address);
  if (isLoopback(hostname)) return undefined;
  const tunnel = `ssh -N -L 8265:127.0.0.1:${port || (protocol === 'https:' ? '443' : '80')} ${hostname}`;
  const instead = `Let the dashboard listen on its own machine alone, open “${tunnel}” and use http://127.0.0.1:8265`;
  if (token === undefined) {
    return (
      `Whoever can reach ${hostOfURL(address)} can run programs on this cluster, read what is sent there and read the logs: it was given no token. ` +
      `${instead}, or start Ray with RAY_AUTH_MODE=token behind https and ${give}.`
    );
  }
  return sendsKeyInClear(address)
    ? `The token and all that is sent to ${hostOfURL(address)} can be read on the way, since it goes by plain http. ${instead}, or put https before it.`
    : undefined;
}
