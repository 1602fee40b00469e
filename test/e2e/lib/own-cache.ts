import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { STARTER_MODELS } from '../../../src/models/starter/catalogue.ts';

/**
 * A cache folder with the installed model in it and its own place for running servers: the test starts and stops its own server,
 * and does not touch the user's own.
 */
export async function ownCache(home: string): Promise<string> {
  const [model] = STARTER_MODELS;
  if (model === undefined) throw new Error('the starter catalogue is empty');
  const cache = join(home, 'cache');
  const [from, to] = [starterPaths(cacheFolder(), model), starterPaths(cache, model)];
  await mkdir(to.root, { recursive: true });
  for (const part of ['runtime', 'weights'] as const) {
    await symlink(dirname(from[part]), dirname(to[part]), process.platform === 'win32' ? 'junction' : 'dir');
  }
  return cache;
}
