import { isNamedHost, sendsKeyInClear } from '../core/model/base-url.ts';

/** Variables of hosts that have one of their own. Such a key goes to its own hosts alone. */
const OWN_KEYS: readonly { variable: string; hosts: readonly string[] }[] = [
  { variable: 'OPENAI_API_KEY', hosts: ['api.openai.com'] },
  { variable: 'TOGETHER_API_KEY', hosts: ['api.together.ai', 'api.together.xyz'] },
  { variable: 'FIREWORKS_API_KEY', hosts: ['api.fireworks.ai'] },
];

/**
 * The key that the environment holds for an endpoint, whose address may come from a stranger's dataset. `LONGHAND_API_KEY` goes to
 * the host that `LONGHAND_API_HOST` names, or to any host where that is not set; by plain http to another machine only when
 * `LONGHAND_API_HOST` says so, as `http://host:port`. `OPENAI_API_KEY`, `TOGETHER_API_KEY` and `FIREWORKS_API_KEY` go to their own hosts alone.
 */
export function keyFromEnvironment(baseURL: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { LONGHAND_API_KEY, LONGHAND_API_HOST } = env;
  const isMeant = LONGHAND_API_HOST ? isNamedHost(baseURL, LONGHAND_API_HOST) : !sendsKeyInClear(baseURL);
  return LONGHAND_API_KEY && isMeant ? LONGHAND_API_KEY : ownKey(baseURL, env);
}

/** As `keyFromEnvironment`, but only a key that names this host: for what is paid by the job, at an address that a file of the dataset says. */
export function keyBoundTo(baseURL: string, env: NodeJS.ProcessEnv): string | undefined {
  return env.LONGHAND_API_HOST ? keyFromEnvironment(baseURL, env) : ownKey(baseURL, env);
}

function ownKey(baseURL: string, env: NodeJS.ProcessEnv): string | undefined {
  const { host, protocol } = new URL(baseURL);
  const own = OWN_KEYS.find(({ hosts }) => protocol === 'https:' && hosts.includes(host));
  return own && (env[own.variable] || undefined);
}
