import { join } from 'node:path';
import { z } from 'zod';
import { FRAME_MARK } from '../core/jobs/log-frames.ts';
import type { EngineChoice } from '../core/model/index.ts';
import type { RowTokens } from '../core/training/lengths.ts';
import type { TrainerProgram } from '../protocol/training.ts';
import { environmentPython, type PythonEnvironment } from '../system/python-environment.ts';
import { runProgram } from './run-python.ts';

/**
 * Words that start Python with a trainer's packages. Where the person names neither interpreter nor prefix it is Longhand's own environment for the trainer on this machine,
 * and whatever `python` means elsewhere.
 */
export function pythonWords(
  { python, prefix }: TrainerProgram,
  cache: string,
  engine: EngineChoice['engine'],
  environment: PythonEnvironment | undefined,
): string[] {
  const here = environment === undefined ? 'python3' : environmentPython(cache, environment);
  const own = engine === 'local' && prefix === undefined ? here : 'python';
  return [...(prefix ?? []), python ?? own];
}

/** What an interpreter says of itself, and of the rows. */
export const PythonSays = z.object({
  python: z.string(),
  /** Folders that it takes packages from. */
  site: z.array(z.string()).default([]),
  packages: z.record(z.string(), z.string().nullable()),
  /** GPUs that torch can use; absent where it can't be loaded, for the reason in `torch`. */
  cuda: z.number().optional(),
  torch: z.string().optional(),
  lengths: z
    .array(
      z
        .tuple([z.number(), z.number(), z.number()])
        .transform(([tokens, trained, first]): RowTokens => ({ tokens, trained, first })),
    )
    .optional(),
  /** Why the rows could not be counted. */
  problem: z.string().optional(),
});
export type PythonSays = z.infer<typeof PythonSays>;

/** What an interpreter is asked. */
export interface Questions {
  packages: readonly string[];
  /** A folder, whose tokenizer counts the tokens; a name of the hub would be downloaded. */
  model?: string;
  rows?: string;
  /** File of the chat template in place of the model's own. */
  template?: string;
}

/** Asks an interpreter; a sentence where it can't be started or does not answer. */
export async function askPython(
  python: readonly string[],
  questions: Questions,
  { mediaFolder, env, signal }: { mediaFolder: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<PythonSays | string> {
  const ran = await runProgram([...python, join(mediaFolder, 'python', 'preflight.py')], {
    input: JSON.stringify(questions),
    env: { ...env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false', PYTHONDONTWRITEBYTECODE: '1' },
    signal,
  });
  const line = ran.stdout.split('\n').findLast((one) => one.startsWith(FRAME_MARK));
  if (line !== undefined) {
    const said = PythonSays.safeParse(JSON.parse(line.slice(FRAME_MARK.length)));
    if (said.success) return said.data;
  }
  return ran.problem ?? ran.stderr.trim().split('\n').at(-1) ?? `it ended with code ${ran.code}`;
}
