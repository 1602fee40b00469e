import { z } from 'zod';
import type { Outcome } from '../model/index.ts';

/** What all policies and the posterior work on: how often one problem was sampled, and what came of it. */
export const Tally = z
  .object({
    problemId: z.string().min(1),
    /** Samples graded correct or incorrect. */
    attempts: z.number().int().nonnegative(),
    successes: z.number().int().nonnegative(),
    /** Samples that were paid for and say nothing of the pass rate: truncated, or the grader failed or ran out of time. */
    ungraded: z.number().int().nonnegative().default(0),
  })
  .refine(({ attempts, successes }) => successes <= attempts, { error: 'more successes than attempts' });
export type Tally = z.infer<typeof Tally>;

/** What became of one sample: grading's word, or `truncated` for an answer cut off by the token limit that isn't correct all the same. */
export type SampleOutcome = Outcome | 'truncated';

/** The tally of a problem that was never sampled. */
export function emptyTally(problemId: string): Tally {
  return { problemId, attempts: 0, successes: 0, ungraded: 0 };
}

/** The tally with one more sample. */
export function addOutcome(tally: Tally, outcome: SampleOutcome): Tally {
  if (outcome === 'correct') return { ...tally, attempts: tally.attempts + 1, successes: tally.successes + 1 };
  if (outcome === 'incorrect') return { ...tally, attempts: tally.attempts + 1 };
  return { ...tally, ungraded: tally.ungraded + 1 };
}

/** Two tallies of one problem, as from two rounds, added; the id is the first one's. */
export function addTallies(one: Tally, other: Tally): Tally {
  return {
    problemId: one.problemId,
    attempts: one.attempts + other.attempts,
    successes: one.successes + other.successes,
    ungraded: one.ungraded + other.ungraded,
  };
}
