import { z } from 'zod';
import { Asking, AssemblySettings, Behaviour, Mode, Turns } from '../core/model/index.ts';

/** What `plan` and `generate` are told; what is left out is as in the dataset's settings. */
export const PlanArgs = z.object({
  dataset: z.string().min(1),
  /** How many problems, those tried least first. */
  problems: z.number().int().positive(),
  name: z.string().optional(),
  seed: z.number().int().nonnegative().optional(),
  /** Only problems with one of these levels or topics; all when absent. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  /** Separate calls or one dialogue; the dataset's own choice when absent. */
  asking: Asking.optional(),
  /** `hinted` asks only problems that were tried and that nothing solved. */
  mode: Mode.optional(),
  /** Answers in a chain. */
  turns: Turns.optional(),
  keepPerProblem: AssemblySettings.shape.keepPerProblem.unwrap().optional(),
  firstWrongShare: AssemblySettings.shape.firstWrongShare.unwrap().optional(),
  /** Behaviours whose prompt fragment is left out. */
  behavioursOff: z.array(Behaviour).optional(),
  /** Candidates of each piece, in place of the dataset's own numbers. */
  tries: z
    .object({
      answer1: z.number().int().min(1).max(64),
      answer2: z.number().int().min(1).max(64),
      check: z.number().int().min(1).max(16),
      summary: z.number().int().min(1).max(16),
    })
    .partial()
    .optional(),
});
