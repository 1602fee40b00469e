import { z } from 'zod';
import { UNIFORM_PRIOR, update } from '../posterior.ts';
import { evidence, type PilotState, type Policy } from './policy.ts';

/** DART-Math (arXiv 2407.13690), Uniform: the same number of correct responses for every problem. */
export const UniformSettings = z.object({
  policy: z.literal('uniform'),
  /** k_u of the paper. */
  correct: z.number().int().min(1).max(1_000).default(4),
  /** Maximum samples of one problem. */
  atMost: z.number().int().min(1).max(10_000).default(112),
});
export type UniformSettings = z.infer<typeof UniformSettings>;

export function uniform({ correct, atMost }: UniformSettings): Policy {
  return {
    pilot: 0,
    rules: (states) => states.map(() => ({ kind: 'target', correct, atMost })),
    most: () => atMost,
  };
}

/** DART-Math, Prop2Diff: correct responses in proportion to difficulty. */
export const Prop2DiffSettings = z.object({
  policy: z.literal('prop2diff'),
  /** k_p of the paper: target of correct responses for the hardest problem. */
  hardest: z.number().int().min(1).max(1_000).default(4),
  /** Samples of every problem for estimating its difficulty. */
  pilot: z.number().int().min(1).max(100).default(4),
  /** Maximum samples of one problem, including the pilot. */
  atMost: z.number().int().min(1).max(10_000).default(112),
});
export type Prop2DiffSettings = z.infer<typeof Prop2DiffSettings>;

/** Expected share of wrong answers among further samples; never 0, so that every problem has a target of at least one. */
function failShare(state: PilotState): number {
  const { attempts, successes } = evidence(state);
  const { a, b } = update(UNIFORM_PRIOR, attempts, successes);
  return b / (a + b);
}

/** The largest fail share that at least half a problem is expected to have; with weights of 1, the largest. */
function largestFail(states: readonly PilotState[]): number {
  let problems = 0;
  for (const state of [...states].sort((one, other) => failShare(other) - failShare(one))) {
    problems += state.weight;
    if (problems >= 0.5) return failShare(state);
  }
  return 1;
}

/** ceil(k_p · fail_i / max fail) correct responses of problem i, including its correct pilot samples. */
export function prop2diff({ hardest, pilot, atMost }: Prop2DiffSettings): Policy {
  return {
    pilot: Math.min(pilot, atMost),
    rules: (states) => {
      const largest = largestFail(states);
      return states.map((state) => {
        // Rounded first, because 3 · (1/3) may exceed 1 by a rounding error.
        const share = Math.min(1, failShare(state) / largest);
        const correct = Math.max(1, Math.ceil(Number((hardest * share).toFixed(9))));
        return { kind: 'target', correct, atMost };
      });
    },
    most: () => atMost,
  };
}
