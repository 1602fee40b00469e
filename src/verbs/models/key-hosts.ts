import { urlOfHost } from '../../core/models/base-url.ts';
import { keyHosts, setKeyHost } from '../../models/environment-key.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { UsageError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'key-hosts'> = async ({ add, remove }, { env }) => {
  const cache = cacheFolder(env);
  if (remove !== undefined) await setKeyHost(readHost(remove), false, cache);
  if (add !== undefined) await setKeyHost(readHost(add), true, cache);
  return { hosts: await keyHosts(cache) };
};

export const print: Print<'key-hosts'> = ({ hosts }) =>
  hosts.length === 0
    ? 'No host is confirmed. LONGHAND_API_KEY goes only to the host that LONGHAND_API_HOST names.'
    : lines('Where LONGHAND_API_HOST is not set, LONGHAND_API_KEY goes to:', ...hosts.map((host) => `  ${host}`));

function readHost(text: string): string {
  const url = urlOfHost(text);
  if (url !== undefined) return url;
  throw new UsageError(`${JSON.stringify(text)} is not a host or a URL.`, 'key-hosts');
}
