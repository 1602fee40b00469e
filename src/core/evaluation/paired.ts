import { z } from 'zod';
import { randomSource } from '../maths/random.ts';
import { bootstrapMean, Interval } from './bootstrap.ts';

/** A paired test over the problems of two evaluations. */
export const PairedTest = z.object({
  problems: z.number().int().positive(),
  /** Mean over problems of after − before, −1 to 1. */
  difference: Interval,
  /** Two-sided. */
  p: z.number().min(0).max(1),
  /** All signs were tested; else 100,000 seeded draws. */
  exact: z.boolean(),
  /** Problems whose share of correct samples rose, fell and stayed the same. */
  better: z.number().int().nonnegative(),
  worse: z.number().int().nonnegative(),
  same: z.number().int().nonnegative(),
});
export type PairedTest = z.infer<typeof PairedTest>;

/** Maximum number of non-zero differences for testing all 2^n signs. */
const MOST_EXACT = 16;
const DRAWS = 100_000;
const SEED = 20_260_102;

/**
 * Paired randomisation test of after − before, with one pair of shares (0 to 1) per problem: for equal models, the sign of each difference
 * is random (Fisher, The Design of Experiments, 1935, ch. 3). With one sample per problem this is McNemar's exact test.
 * @throws RangeError for empty lists or lists of different length.
 */
export function pairedTest(before: readonly number[], after: readonly number[]): PairedTest {
  if (before.length !== after.length) throw new RangeError('a paired test needs both values of each problem');
  const differences = before.map((value, i) => (after[i] ?? 0) - value);
  const moved = differences.filter((difference) => difference !== 0);
  const exact = moved.length <= MOST_EXACT;
  return {
    problems: differences.length,
    difference: bootstrapMean(differences, [-1, 1]),
    p: exact ? allSigns(moved) : drawnSigns(moved),
    exact,
    better: moved.filter((difference) => difference > 0).length,
    worse: moved.filter((difference) => difference < 0).length,
    same: differences.length - moved.length,
  };
}

/** Tolerates rounding errors. */
const reaches = (sum: number, observed: number): boolean => Math.abs(sum) >= Math.abs(observed) - 1e-9;

function allSigns(differences: readonly number[]): number {
  const observed = differences.reduce((sum, difference) => sum + difference, 0);
  const ways = 2 ** differences.length;
  let extreme = 0;
  for (let signs = 0; signs < ways; signs++) {
    const sum = differences.reduce((total, difference, i) => total + ((signs >>> i) & 1 ? difference : -difference), 0);
    if (reaches(sum, observed)) extreme++;
  }
  return extreme / ways;
}

/** Counts the observed signs as one of the draws, so that p is never 0 (Phipson and Smyth 2010). */
function drawnSigns(differences: readonly number[]): number {
  const observed = differences.reduce((sum, difference) => sum + difference, 0);
  const random = randomSource(SEED);
  let extreme = 1;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const difference of differences) sum += random() < 0.5 ? difference : -difference;
    if (reaches(sum, observed)) extreme++;
  }
  return extreme / (DRAWS + 1);
}
