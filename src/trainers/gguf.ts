import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { temporaryPath } from '../system/atomic-write.ts';
import { withLock } from '../system/lock.ts';
import { runProgram } from './run-python.ts';

export interface ConvertOptions {
  cache: string;
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Command that starts Python with torch, transformers and gguf. */
  python: readonly string[];
  onStep: (text: string) => void;
}

/** The folder of a GGUF file's weights after conversion. */
async function convertedFolder(file: string, cache: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const mark = createHash('sha256').update(`${file}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 12);
  return join(cache, 'training-models', `${basename(file).replace(/\.gguf$/i, '')}-${mark}`);
}

/** Whether the converted weights of a GGUF file are in the cache. */
export async function isConverted(file: string, cache: string): Promise<boolean> {
  return isThere(await convertedFolder(file, cache));
}

/**
 * Converts a GGUF file once to a folder for training, in the cache. Quantised weights keep their precision.
 * @throws UserError `no-model` with the last output of the conversion.
 */
export async function convertGguf(file: string, options: ConvertOptions): Promise<string> {
  const folder = await convertedFolder(file, options.cache);
  if (await isThere(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, () => convert(file, folder, options), { signal: options.signal });
}

async function convert(file: string, folder: string, options: ConvertOptions): Promise<string> {
  if (await isThere(folder)) return folder;
  options.onStep(`Converting ${basename(file)} to weights that can be trained`);
  const draft = temporaryPath(folder);
  try {
    const script = join(options.mediaFolder, 'python', 'dequantise_gguf.py');
    const ran = await runProgram([...options.python, script, file, draft], {
      env: { ...options.env, HF_HUB_OFFLINE: '1' },
      signal: options.signal,
    });
    if (ran.code !== 0) {
      const reason = ran.problem ?? ran.stderr.trim().split('\n').at(-1) ?? '';
      throw new UserError(
        'no-model',
        `Can't convert ${basename(file)}. ${reason}`,
        'The interpreter needs torch, transformers and gguf. “longhand trainer-env” installs them.',
      );
    }
    await rename(draft, folder);
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'config.json')).catch(() => undefined)) !== undefined;
}
