import { z } from 'zod';
import { UNIFORM_PRIOR, update } from '../posterior.ts';
import { evidence, type PilotState, type Policy } from './policy.ts';

/** GVM-RAFT (arXiv 2505.02391): samples are distributed to minimise the variance of the gradient. */
export const GvmSettings = z
  .object({
    policy: z.literal('gvm'),
    /** Samples of the round, including the pilot, divided by the number of problems. */
    perProblem: z.number().min(1).max(10_000).default(16),
    /** Samples of every problem for estimating p. */
    pilot: z.number().int().min(1).max(100).default(4),
    /** Limits the samples of problems that are almost never solved. */
    alpha: z.number().gt(0).max(1).default(1e-3),
    beta: z.number().min(1).max(10).default(2),
  })
  .refine(({ perProblem, pilot }) => perProblem >= pilot, {
    error: 'the pilot takes more samples than there are per problem; raise perProblem or lower pilot',
    path: ['perProblem'],
  });
export type GvmSettings = z.infer<typeof GvmSettings>;

/** 1/√(p + α/p^(β − 1)), 0 < p ≤ 1; for α = 1e-3 and β = 2 it is largest at p = √α ≈ 0.03. */
export function gvmWeight(p: number, alpha: number, beta: number): number {
  return 1 / Math.sqrt(p + alpha / p ** (beta - 1));
}

function gvmBudget(perProblem: number, problems: number): number {
  return Math.floor(perProblem * problems);
}

/**
 * p is the posterior mean, because a pilot of four without a success does not prove p = 0. In a running round the samples after the pilot
 * are whole numbers that sum to the rest; for expected numbers of problems they are exact proportions, which `plan.ts` rounds.
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
      // Removes the rounding error of summed weights.
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

/**
 * Whole numbers in proportion to `weights` that sum to `total`, by largest remainder; equal remainders go to the earlier one. All are 0 if
 * no weight is positive.
 */
export function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (weight / sum) * total);
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
