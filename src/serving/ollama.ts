import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../store/files.ts';
import { ServingError } from './errors.ts';

export const MODELFILE = 'Modelfile';
/** Its own context of 4,096 tokens would cut a long chain of thought; what else it samples by is turned off, as with the other servers. */
const PARAMETERS = { num_ctx: 8192, top_k: 0, min_p: 0, repeat_penalty: 1 };

/** What `ollama create` makes a model of. */
export function modelfile(gguf: string): string {
  if (/["\n]/.test(gguf)) throw new ServingError(`Ollama can't be told of ${gguf}.`, 'Move the file to a plain path.');
  const parameters = Object.entries(PARAMETERS).map(([name, value]) => `PARAMETER ${name} ${value}\n`);
  return `FROM "${gguf}"\n${parameters.join('')}`;
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
