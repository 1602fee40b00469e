import { join } from 'node:path';
import { z } from 'zod';
import type { EngineChoice } from '../core/schemas/index.ts';
import type { RowTokens } from '../core/training/lengths.ts';
import { FRAME_MARK } from '../core/training/log-frames.ts';
import type { TrainerProgram } from '../protocol/training.ts';
import { environmentPython, type PythonEnvironment } from '../system/python-environment.ts';
import { runProgram } from './run-python.ts';

/**
 * The command that starts Python with a trainer's packages: the user's interpreter or prefix, else Longhand's own environment on this machine, and
 * `python` elsewhere.
 */
export function pythonCommand(
  { python, prefix }: TrainerProgram,
  cache: string,
  engine: EngineChoice['engine'],
  environment: PythonEnvironment | undefined,
): string[] {
  const here = environment === undefined ? 'python3' : environmentPython(cache, environment);
  const own = engine === 'local' && prefix === undefined ? here : 'python';
  return [...(prefix ?? []), python ?? own];
}

/** Facts about an interpreter, and the lengths of the rows. */
export const PythonInfo = z.object({
  python: z.string(),
  /** Its package folders. */
  site: z.array(z.string()).default([]),
  packages: z.record(z.string(), z.string().nullable()),
  /** GPUs that torch can use; absent when torch can't be loaded for the reason in `torch`. */
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
export type PythonInfo = z.infer<typeof PythonInfo>;

/** Questions to an interpreter. */
export interface Questions {
  packages: readonly string[];
  /** A folder with the tokenizer; a name of the hub would be downloaded. */
  model?: string;
  rows?: string;
  /** File of a chat template that replaces the model's own. */
  template?: string;
}

/** Queries an interpreter; a sentence when it can't be started or does not answer. */
export async function askPython(
  python: readonly string[],
  questions: Questions,
  { mediaFolder, env, signal }: { mediaFolder: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<PythonInfo | string> {
  const ran = await runProgram([...python, join(mediaFolder, 'python', 'preflight.py')], {
    input: JSON.stringify(questions),
    env: { ...env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false', PYTHONDONTWRITEBYTECODE: '1' },
    signal,
  });
  const line = ran.stdout.split('\n').findLast((one) => one.startsWith(FRAME_MARK));
  if (line !== undefined) {
    const info = PythonInfo.safeParse(JSON.parse(line.slice(FRAME_MARK.length)));
    if (info.success) return info.data;
  }
  return ran.problem ?? ran.stderr.trim().split('\n').at(-1) ?? `it ended with code ${ran.code}`;
}
