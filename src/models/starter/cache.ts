import { homedir } from 'node:os';
import { join } from 'node:path';
import { platformPackage, RUNTIME, type StarterModel } from './catalogue.ts';

/** The folder for downloads: `LONGHAND_CACHE`, else `longhand` in the platform's cache folder. */
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
  // Different machines may share a cache folder, and an update must not change a runtime in use.
  const platform = (platformPackage() ?? 'unsupported').replace(/^.*\//, '');
  return {
    root,
    runtime: join(root, 'runtime', `${RUNTIME.package}-${RUNTIME.version}-${platform}`),
    weights: join(root, 'models', model.file),
    installLock: join(root, 'install.lock'),
    /** Incomplete installations; emptied only with the install lock. */
    work: join(root, 'work'),
    run,
    log: join(run, `${model.id}.log`),
    /** One state per build, so that editors of two versions run their own servers. */
    state: (build: string) => join(run, `${model.id}.${build}.json`),
    startLock: (build: string) => join(run, `${model.id}.${build}.lock`),
  };
}
