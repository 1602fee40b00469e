import { isNamedHost, sendsKeyInClear } from '../core/model/base-url.ts';

/**
 * The key that the environment holds for an endpoint, whose address may come from a stranger's dataset. `LONGHAND_API_KEY` goes to
 * the host that `LONGHAND_API_HOST` names, or to any host where that is not set; by plain http to another machine only when
 * `LONGHAND_API_HOST` says so, as `http://host:port`. `OPENAI_API_KEY` goes to OpenAI alone.
 */
export function keyFromEnvironment(baseURL: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { LONGHAND_API_KEY, LONGHAND_API_HOST, OPENAI_API_KEY } = env;
  const isMeant = LONGHAND_API_HOST ? isNamedHost(baseURL, LONGHAND_API_HOST) : !sendsKeyInClear(baseURL);
  if (LONGHAND_API_KEY && isMeant) return LONGHAND_API_KEY;
  const { host, protocol } = new URL(baseURL);
  return host === 'api.openai.com' && protocol === 'https:' ? OPENAI_API_KEY || undefined : undefined;
}
