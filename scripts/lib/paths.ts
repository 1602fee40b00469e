import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..', '..');
/** Screenshots, logs and results; ignored by git. */
export const ARTIFACTS = join(ROOT, 'artifacts');
/** Test data that may stand beside a checkout; tests that need it say so and are skipped without it. */
export const SHARED_DATA = resolve(ROOT, '..', 'shared', 'data');

/** What is dear to fetch and the same for every clone: the web VS Code, the starter model. `LONGHAND_CACHE` moves it. */
export function cacheFolder(): string {
  return process.env.LONGHAND_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'longhand');
}
