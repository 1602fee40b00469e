import { join } from 'node:path';
import { isNamedHost, keyNameOf } from '../core/models/base-url.ts';
import { writeAtomic } from '../system/atomic-write.ts';
import { withLock } from '../system/lock.ts';
import { LARGEST_STATE, readWholeText } from '../system/regular-file.ts';
import { cacheFolder } from './starter/cache.ts';

/** Variables of providers; such a key is sent only to its own hosts. */
const OWN_KEYS: readonly { variable: string; hosts: readonly string[] }[] = [
  { variable: 'OPENAI_API_KEY', hosts: ['api.openai.com'] },
  { variable: 'TOGETHER_API_KEY', hosts: ['api.together.ai', 'api.together.xyz'] },
  { variable: 'FIREWORKS_API_KEY', hosts: ['api.fireworks.ai'] },
];

/**
 * The key in the environment for an endpoint, whose address may come from someone else's dataset: the key bound to its host (see
 * `keyBoundTo`), or `LONGHAND_API_KEY` if `LONGHAND_API_HOST` is not set and the user has confirmed the host (see `setKeyHost`).
 * @param cache Longhand's cache folder.
 */
export async function keyFromEnvironment(
  baseURL: string,
  env: NodeJS.ProcessEnv = process.env,
  cache: string = cacheFolder(env),
): Promise<string | undefined> {
  const bound = keyBoundTo(baseURL, env);
  if (bound !== undefined || env.LONGHAND_API_HOST || !env.LONGHAND_API_KEY) return bound;
  return (await isKeyHost(baseURL, cache)) ? env.LONGHAND_API_KEY : undefined;
}

/**
 * The key bound to the host of an endpoint: `LONGHAND_API_KEY` if `LONGHAND_API_HOST` names that host (for plain http to another machine
 * as `http://host:port`), or `OPENAI_API_KEY`, `TOGETHER_API_KEY` and `FIREWORKS_API_KEY` for their own hosts.
 */
export function keyBoundTo(baseURL: string, env: NodeJS.ProcessEnv): string | undefined {
  const { LONGHAND_API_KEY, LONGHAND_API_HOST } = env;
  const isNamed = LONGHAND_API_HOST ? isNamedHost(baseURL, LONGHAND_API_HOST) : false;
  return LONGHAND_API_KEY && isNamed ? LONGHAND_API_KEY : ownKey(baseURL, env);
}

/** Why `LONGHAND_API_KEY` is not sent to an endpoint, and how to send it; undefined when it is sent or not set. */
export async function withheldKey(
  baseURL: string,
  env: NodeJS.ProcessEnv = process.env,
  cache: string = cacheFolder(env),
): Promise<string | undefined> {
  if (!env.LONGHAND_API_KEY || (await keyFromEnvironment(baseURL, env, cache)) !== undefined) return undefined;
  const name = keyNameOf(baseURL);
  return env.LONGHAND_API_HOST
    ? `LONGHAND_API_KEY is not sent to ${name}, because LONGHAND_API_HOST names another host. Set LONGHAND_API_HOST=${name}.`
    : `LONGHAND_API_KEY is not sent to ${name}, because you have not confirmed this host. Run “longhand key-hosts --add ${name}” or set LONGHAND_API_HOST=${name}.`;
}

function ownKey(baseURL: string, env: NodeJS.ProcessEnv): string | undefined {
  const { host, protocol } = new URL(baseURL);
  const own = OWN_KEYS.find(({ hosts }) => protocol === 'https:' && hosts.includes(host));
  return own && (env[own.variable] || undefined);
}

/** In Longhand's cache folder, not in a dataset: the hosts that the user allows to receive `LONGHAND_API_KEY`. */
const FILE = 'key-hosts.json';

/** The confirmed hosts, as `keyNameOf` names them. A file that can't be read confirms none. */
export async function keyHosts(cache: string): Promise<string[]> {
  try {
    const read: unknown = JSON.parse(await readWholeText(join(cache, FILE), LARGEST_STATE));
    return Array.isArray(read) ? read.filter((host) => typeof host === 'string') : [];
  } catch {
    return [];
  }
}

/** Whether the host of an endpoint is confirmed. */
export async function isKeyHost(baseURL: string, cache: string): Promise<boolean> {
  return (await keyHosts(cache)).includes(keyNameOf(baseURL));
}

/** Confirms the host of an endpoint, or removes the confirmation. @throws when the file can't be written. */
export async function setKeyHost(baseURL: string, confirmed: boolean, cache: string): Promise<void> {
  const name = keyNameOf(baseURL);
  const path = join(cache, FILE);
  // Another window may confirm another host at the same time.
  await withLock(`${path}.lock`, async () => {
    const others = (await keyHosts(cache)).filter((host) => host !== name);
    const hosts = confirmed ? [...others, name].sort() : others;
    await writeAtomic(path, `${JSON.stringify(hosts, null, 2)}\n`);
  });
}
