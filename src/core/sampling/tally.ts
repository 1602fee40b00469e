import { z } from 'zod';
import type { SampleOutcome } from '../schemas/index.ts';

/** The samples of a problem and their outcomes: the input of policies and posterior. */
export const Tally = z
  .object({
    problemId: z.string().min(1),
    /** Samples graded correct or incorrect. */
    attempts: z.number().int().nonnegative(),
    successes: z.number().int().nonnegative(),
    /** Samples without a grade: not answered (see ReplyOutcome), or grading failed or exceeded its time limit. */
    ungraded: z.number().int().nonnegative().default(0),
    /** Those of `ungraded` that the token limit ended. */
    truncated: z.number().int().nonnegative().default(0),
  })
  .refine(({ attempts, successes }) => successes <= attempts, { error: 'successes exceed the graded samples' });
export type Tally = z.infer<typeof Tally>;

export function emptyTally(problemId: string): Tally {
  return { problemId, attempts: 0, successes: 0, ungraded: 0, truncated: 0 };
}

export function addOutcome(tally: Tally, outcome: SampleOutcome): Tally {
  if (outcome === 'correct') return { ...tally, attempts: tally.attempts + 1, successes: tally.successes + 1 };
  if (outcome === 'incorrect') return { ...tally, attempts: tally.attempts + 1 };
  const truncated = tally.truncated + (outcome === 'truncated' ? 1 : 0);
  return { ...tally, ungraded: tally.ungraded + 1, truncated };
}

/** The sum of two tallies of one problem. */
export function addTallies(one: Tally, other: Tally): Tally {
  return {
    problemId: one.problemId,
    attempts: one.attempts + other.attempts,
    successes: one.successes + other.successes,
    ungraded: one.ungraded + other.ungraded,
    truncated: one.truncated + other.truncated,
  };
}
