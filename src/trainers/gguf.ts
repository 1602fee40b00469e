import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { temporaryPath } from '../store/files.ts';
import { withLock } from '../system/lock.ts';
import { TrainerError } from './errors.ts';
import { runProgram } from './run-python.ts';

export interface ConvertOptions {
  cache: string;
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Words that start Python with torch, transformers and gguf. */
  python: readonly string[];
  doing: (words: string) => void;
}

/** Where the weights of a GGUF file are kept once they are numbers that can be trained. */
export async function convertedFolder(file: string, cache: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const mark = createHash('sha256').update(`${file}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 12);
  return join(cache, 'training-models', `${basename(file).replace(/\.gguf$/i, '')}-${mark}`);
}

/**
 * A folder that can be trained, out of a GGUF file; made once and kept in the cache. What was quantised stays as coarse as it was.
 * @throws TrainerError `no-model` with the last words of the conversion.
 */
export async function convertGguf(file: string, options: ConvertOptions): Promise<string> {
  const folder = await convertedFolder(file, options.cache);
  if (await isThere(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, () => convert(file, folder, options), { signal: options.signal });
}

async function convert(file: string, folder: string, options: ConvertOptions): Promise<string> {
  if (await isThere(folder)) return folder;
  options.doing(`Converting ${basename(file)} to weights that can be trained`);
  const draft = temporaryPath(folder);
  try {
    const script = join(options.mediaFolder, 'python', 'dequantise_gguf.py');
    const ran = await runProgram([...options.python, script, file, draft], {
      env: { ...options.env, HF_HUB_OFFLINE: '1' },
      signal: options.signal,
    });
    if (ran.code !== 0) {
      const words = ran.problem ?? ran.stderr.trim().split('\n').at(-1) ?? '';
      throw new TrainerError(
        'no-model',
        `${basename(file)} can't be converted: ${words}`,
        'The interpreter needs torch, transformers and gguf; “longhand trainer-env” makes one that has them.',
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
