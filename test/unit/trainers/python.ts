import { join } from 'node:path';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { makeEnvironment } from '../../../src/system/make-environment.ts';
import { ROOT } from '../engines/fixtures.ts';
import { run } from './process.ts';

export * from './process.ts';
export { ROOT };

/** The interpreter of Longhand's environment for training, made on demand; a sentence where it can't be had, with which tests are skipped. */
export const PYTHON: { path: string } | { missing: string } = await makeEnvironment(cacheFolder(), 'trainer').then(
  (path) => ({ path }),
  (error: unknown) => ({ missing: error instanceof Error ? error.message : String(error) }),
);

/** For `describe.skipIf`, with the reason in the name of the suite. */
export const missing = 'missing' in PYTHON ? PYTHON.missing : undefined;
export const suite = (name: string): string => (missing === undefined ? name : `${name} (skipped: ${missing})`);

/** Runs a script of the fixtures; gives its stdout. */
export async function python(script: string, args: readonly string[], input = ''): Promise<string> {
  if ('missing' in PYTHON) throw new Error(PYTHON.missing);
  const ended = await run([PYTHON.path, join(ROOT, 'test', 'fixtures', 'python', script), ...args], input);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.stdout;
}
