import { z } from 'zod';
import { randomSource } from '../maths/random.ts';

/** A number with its 95 % interval. */
export const Interval = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

/** Why the bootstrap has no interval: it draws the same value every time. */
const NoInterval = z.enum(['one problem', 'the same value for all problems', 'the same ratio in all draws']);
type NoInterval = z.infer<typeof NoInterval>;

/**
 * A number without bounds of its own, with its 95 % interval. Without an interval, both ends are null and `noInterval` is the reason.
 * `high` alone is null for a ratio if more than 2.5 % of the draws divide by 0, because JSON has no infinity.
 */
export const Measure = z.object({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  noInterval: NoInterval.optional(),
});
export type Measure = z.infer<typeof Measure>;

const without = (value: number, noInterval: NoInterval): Measure => ({ value, low: null, high: null, noInterval });

const RESAMPLES = 10_000;
const TAIL = 0.025;
const SEED = 20_260_101;

/**
 * The mean of one value per problem with its percentile bootstrap interval over problems (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993, ch. 13). All samples of a problem stay together. Deterministic.
 *
 * `bounds`: minimum and maximum value of a problem, such as 0 and 1. If all values are equal, the bootstrap has no width. With bounds, the
 * interval is then that of Clopper and Pearson (Biometrika 26, 1934) for the share u of problems with another value, none of which was seen among n:
 * u ≤ 1 − 0.025^(1/n). Without bounds, there is no interval: equal values show nothing of how far others may be.
 * @throws RangeError without a problem.
 */
export function bootstrapMean(values: readonly number[], bounds: readonly [number, number]): Interval;
export function bootstrapMean(values: readonly number[]): Measure;
export function bootstrapMean(values: readonly number[], bounds?: readonly [number, number]): Measure {
  const [value] = values;
  if (value !== undefined && values.every((one) => one === value)) {
    if (!bounds) return without(value, values.length === 1 ? 'one problem' : 'the same value for all problems');
    const unseen = 1 - TAIL ** (1 / values.length);
    const [least, greatest] = bounds;
    return { value, low: value - unseen * (value - least), high: value + unseen * (greatest - value) };
  }
  const { low, high, ...mean } = bootstrap(
    values.length,
    (drawn) => drawn.reduce((sum, i) => sum + (values[i] ?? 0), 0) / drawn.length,
  );
  return { value: mean.value, low, high };
}

/** The mean of shares, each from 0 to 1; see bootstrapMean. */
export const bootstrapShare = (shares: readonly number[]): Interval => bootstrapMean(shares, [0, 1]);

/**
 * The ratio of the means of `after` and `before`, resampled in pairs; undefined if `before` is all 0. It has no interval if all draws that
 * can be divided have the same ratio, as for all right before and all wrong after, or for no change.
 */
export function bootstrapRatio(before: readonly number[], after: readonly number[]): Measure | undefined {
  if (!before.some((value) => value > 0)) return undefined;
  const { value, low, high, least, greatest } = bootstrap(before.length, (drawn) => {
    let above = 0;
    let below = 0;
    for (const i of drawn) {
      above += after[i] ?? 0;
      below += before[i] ?? 0;
    }
    return below > 0 ? above / below : Number.POSITIVE_INFINITY;
  });
  if (before.length === 1) return without(value, 'one problem');
  // Sums in another order differ in their last digits.
  if (greatest - least <= 1e-12 * Math.abs(value)) return without(value, 'the same ratio in all draws');
  return { value, low, high: Number.isFinite(high) ? high : null };
}

interface Range {
  /** Of the draws with a finite value. */
  least: number;
  greatest: number;
}

/** The percentile bootstrap of a statistic of `size` items; `drawn` has the places of a draw. Deterministic. @throws RangeError without an item */
export function bootstrap(size: number, statistic: (drawn: Uint32Array) => number): Interval & Range {
  if (size === 0) throw new RangeError('there are no problems to average over');
  const random = randomSource(SEED);
  const drawn = new Uint32Array(size);
  const value = statistic(drawn.map((_, i) => i));
  const found = new Float64Array(RESAMPLES);
  for (let r = 0; r < RESAMPLES; r++) {
    for (let i = 0; i < size; i++) drawn[i] = Math.floor(random() * size);
    found[r] = statistic(drawn);
  }
  found.sort();
  const at = (q: number): number => found[Math.min(RESAMPLES - 1, Math.floor(q * RESAMPLES))] ?? value;
  const least = found[0] ?? value;
  const greatest = found.findLast(Number.isFinite) ?? value;
  return { value, low: at(TAIL), high: at(1 - TAIL), least, greatest };
}
