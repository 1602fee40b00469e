import { z } from 'zod';
import { ProgressLine } from '../core/schemas/index.ts';
import { ContinueEvent } from './continuation.ts';
import { TryEvent } from './workbench.ts';

/** A line of progress: JSON on stderr with `--progress json`, a status line for a person otherwise. */
export const VerbProgress = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative().optional(),
  unit: z.string(),
  message: z.string().optional(),
  /** Of `try`: what happened. */
  tried: TryEvent.optional(),
  /** Of `continue`: what happened. */
  continued: ContinueEvent.optional(),
  /** Of a training that is followed: what its trainer reported. */
  training: ProgressLine.optional(),
});
export type VerbProgress = z.infer<typeof VerbProgress>;
