import { z } from 'zod';
import { apportion } from '../apportion.ts';
import { UNIFORM_PRIOR, update } from '../posterior.ts';
import { evidence, type PilotState, type Policy } from './policy.ts';

/** GVM-RAFT (arXiv 2505.02391): samples shared out so that the variance of the gradient is least. */
export const GvmSettings = z
  .object({
    policy: z.literal('gvm'),
    /** Samples of the whole round, the pilot among them, divided by the number of problems. */
    perProblem: z.number().min(1).max(10_000).default(16),
    /** Samples of every problem from which p is estimated. */
    pilot: z.number().int().min(1).max(100).default(4),
    /** Keeps problems that hardly anything solves from taking everything. */
    alpha: z.number().gt(0).max(1).default(1e-3),
    beta: z.number().min(1).max(10).default(2),
  })
  .refine(({ perProblem, pilot }) => perProblem >= pilot, {
    error: 'the pilot takes more samples than there are per problem; raise perProblem or lower pilot',
    path: ['perProblem'],
  });
export type GvmSettings = z.infer<typeof GvmSettings>;

/** 1/√(p + α/p^(β − 1)): with α = 1e-3 and β = 2 largest at p = √α ≈ 0.03, and falling to both sides. In: 0 < p ≤ 1. */
export function gvmWeight(p: number, alpha: number, beta: number): number {
  return 1 / Math.sqrt(p + alpha / p ** (beta - 1));
}

/** Samples of a round over `problems` problems. */
export function gvmBudget(perProblem: number, problems: number): number {
  return Math.floor(perProblem * problems);
}

/**
 * The `gvm` policy. p is the posterior mean: a pilot of four without a success is no proof of p = 0. In a running round the samples
 * after the pilot are whole and sum to what the pilot left; for expected numbers of problems they are the exact proportions, which
 * `plan.ts` rounds both ways.
 */
export function gvm({ perProblem, pilot, alpha, beta }: GvmSettings): Policy {
  const weightOf = (state: PilotState): number => {
    const { attempts, successes } = evidence(state);
    const { a, b } = update(UNIFORM_PRIOR, attempts, successes);
    return gvmWeight(a / (a + b), alpha, beta);
  };
  return {
    pilot,
    rules: (states) => {
      const total = (value: (state: PilotState) => number): number =>
        states.reduce((sum, state) => sum + state.weight * value(state), 0);
      // Expected numbers of problems sum to a whole one but for the last binary digits.
      const problems = Math.round(total(() => 1));
      const left = Math.max(0, gvmBudget(perProblem, problems) - total(({ drawn }) => drawn));
      const running = states.every(({ weight }) => weight === 1);
      const shares = running ? apportion(states.map(weightOf), Math.floor(left)) : [];
      const scale = left / total(weightOf);
      return states.map((state, i) => ({
        kind: 'total',
        total: state.drawn + (running ? (shares[i] ?? 0) : scale * weightOf(state)),
      }));
    },
    most: (problems) => gvmBudget(perProblem, problems),
  };
}
