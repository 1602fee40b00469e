import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../unit/engines/fixtures.ts';

/** Threads that spin on a busy core would take a hundred times as long. */
export const QUIET = { ...process.env, OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE', HF_HUB_OFFLINE: '1' };

/** Runs a script. Returns its output. */
export async function runPython(python: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(python, args, { env: QUIET })).stdout;
}

/** Makes a tiny Llama in a folder, as the fixture describes. */
export async function tinyLlama(python: string, folder: string, args: readonly string[] = []): Promise<void> {
  await runPython(python, [join(ROOT, 'test', 'fixtures', 'python', 'tiny_llama.py'), folder, ...args]);
}
