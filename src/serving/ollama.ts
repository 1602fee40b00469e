import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../store/files.ts';
import { ServingError } from './errors.ts';

export const MODELFILE = 'Modelfile';
const CONTEXT = 8192;

/** What `ollama create` makes a model of. Its own context of 4,096 tokens would cut a long chain of thought. */
export function modelfile(gguf: string): string {
  if (/["\n]/.test(gguf)) throw new ServingError(`Ollama can't be told of ${gguf}.`, 'Move the file to a plain path.');
  return `FROM "${gguf}"\nPARAMETER num_ctx ${CONTEXT}\n`;
}

/** What follows `ollama` to make a model of the Modelfile in the working folder. */
export function createWords(name: string): string[] {
  return ['create', name, '--file', MODELFILE];
}

export interface CreateOptions {
  /** Program and arguments; see createWords. */
  command: readonly string[];
  /** Folder of the run's job, in which the Modelfile stands. */
  folder: string;
  /** With OLLAMA_HOST, so that the server that was just started is asked. */
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Copies a GGUF file into the store of an Ollama server that runs. @throws ServingError with its last words. */
export async function createModel({ command, folder, env, signal }: CreateOptions): Promise<void> {
  const [program = '', ...args] = command;
  try {
    await promisify(execFile)(program, args, { env, signal, cwd: folder, windowsHide: true });
  } catch (error) {
    signal.throwIfAborted();
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new ServingError(
      `ollama create failed: ${(stderr || messageOf(error)).slice(-600)}`,
      'See that this Ollama knows the architecture of the model; a newer one may.',
    );
  }
}
