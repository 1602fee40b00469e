import { homedir } from 'node:os';
import { join } from 'node:path';
import { platformPackage, RUNTIME, type StarterModel } from './catalogue.ts';

/** Where downloads are kept: `LONGHAND_CACHE`, else the platform's cache folder, `longhand` inside it. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  if (environment.LONGHAND_CACHE) return environment.LONGHAND_CACHE;
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'longhand');
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'longhand');
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'longhand');
}

/** The starter's files under a cache folder. */
export function starterPaths(cache: string, model: StarterModel) {
  const root = join(cache, 'starter');
  const run = join(root, 'run');
  // A cache folder may be shared by machines of several kinds, and an update must not change a runtime that is in use.
  const platform = (platformPackage() ?? 'unsupported').replace(/^.*\//, '');
  return {
    root,
    runtime: join(root, 'runtime', `${RUNTIME.package}-${RUNTIME.version}-${platform}`),
    weights: join(root, 'models', model.file),
    installLock: join(root, 'install.lock'),
    /** Half-made things; whoever holds the install lock may empty it. */
    work: join(root, 'work'),
    run,
    log: join(run, `${model.id}.log`),
    /** One state a build: editors of two versions run their own servers and leave each other's alone. */
    state: (build: string) => join(run, `${model.id}.${build}.json`),
    startLock: (build: string) => join(run, `${model.id}.${build}.lock`),
  };
}
