import { join } from 'node:path';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { makeEnvironment } from '../../../src/system/make-environment.ts';
import { start } from '../../fixtures/process.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { ROOT } from '../../unit/engines/fixtures.ts';

export * from '../../fixtures/process.ts';
export { ROOT };

/** The interpreter of Longhand's training environment, made on demand, or the reason why there is none, for skipped tests. */
export const PYTHON: { path: string } | { missing: string } = await makeEnvironment(cacheFolder(), 'trainer').then(
  (path) => ({ path }),
  (error: unknown) => ({ missing: error instanceof Error ? error.message : String(error) }),
);

/** For `describe.skipIf`, with the reason in the name of the suite. */
export const missing = 'missing' in PYTHON ? PYTHON.missing : undefined;
export const suite = (name: string): string => (missing === undefined ? name : `${name} (skipped: ${missing})`);

/** Runs a script of the fixtures. Returns its stdout. @param packages A folder of packages that it finds first. */
export async function python(script: string, args: readonly string[], input = '', packages = ''): Promise<string> {
  if ('missing' in PYTHON) throw new Error(PYTHON.missing);
  const words = [PYTHON.path, join(ROOT, 'test', 'fixtures', 'python', script), ...args];
  const ended = await start(words, { input, env: { PYTHONPATH: packages } }).ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.stdout;
}

/** Writes a tiny Llama of the smallest shape that all trainers take. */
export async function smallestLlama(folder: string): Promise<void> {
  if ('missing' in PYTHON) throw new Error(PYTHON.missing);
  await tinyLlama(PYTHON.path, folder, ['--hidden', '32', '--layers', '1', '--heads', '1', '--context', '256']);
}
