import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../core/errors.ts';

export const MODELFILE = 'Modelfile';
/** Its default context of 4,096 tokens would truncate long chains of thought. Other sampling settings are off, as for the other servers. */
const PARAMETERS = { num_ctx: 8192, top_k: 0, min_p: 0, repeat_penalty: 1 };

/** The text of a Modelfile for `ollama create`. */
export function modelfile(gguf: string): string {
  if (/["\n]/.test(gguf))
    throw new UserError(
      'serving',
      `Ollama can't open the path ${gguf}.`,
      'Move the file to a path without quotation marks and line breaks.',
    );
  const parameters = Object.entries(PARAMETERS).map(([name, value]) => `PARAMETER ${name} ${value}\n`);
  return `FROM "${gguf}"\n${parameters.join('')}`;
}

/** Arguments of `ollama` that create a model from the Modelfile in the working folder. */
export function createArgs(name: string): string[] {
  return ['create', name, '--file', MODELFILE];
}

export interface CreateOptions {
  /** Program and arguments; see createArgs. */
  command: readonly string[];
  /** Folder of the run's job, with the Modelfile. */
  folder: string;
  /** With OLLAMA_HOST, for the server that was started. */
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Adds a GGUF file to the store of a running Ollama server. @throws UserError `serving` with its last output. */
export async function createModel({ command, folder, env, signal }: CreateOptions): Promise<void> {
  const [program = '', ...args] = command;
  try {
    await promisify(execFile)(program, args, { env, signal, cwd: folder, windowsHide: true });
  } catch (error) {
    signal.throwIfAborted();
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new UserError(
      'serving',
      `ollama create failed: ${(stderr || messageOf(error)).slice(-600)}`,
      'Check that this version of Ollama supports the architecture of the model, or update Ollama.',
    );
  }
}
