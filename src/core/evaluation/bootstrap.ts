import { z } from 'zod';
import { randomSource } from '../maths/random.ts';

/** A number with its 95 % interval. */
export const Interval = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

/** A ratio has no upper end where more than a fortieth of the draws divide by 0; JSON knows no infinity. */
export const Ratio = Interval.extend({ high: z.number().nullable() });
export type Ratio = z.infer<typeof Ratio>;

const RESAMPLES = 10_000;
const TAIL = 0.025;
const SEED = 20_260_101;

/**
 * The mean of one value per problem with its percentile bootstrap interval: problems are drawn again with replacement (Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993, ch. 13). The interval is about problems like these, so all samples of a problem stay together.
 * The same input gives the same interval.
 * @throws RangeError without a problem.
 */
export function bootstrapMean(values: readonly number[]): Interval {
  return bootstrap(values.length, (drawn) => drawn.reduce((sum, i) => sum + (values[i] ?? 0), 0) / drawn.length);
}

/** The ratio of the means of `after` and `before`, drawn in pairs; undefined where `before` is 0 throughout, since nothing can be divided by it. */
export function bootstrapRatio(before: readonly number[], after: readonly number[]): Ratio | undefined {
  if (!before.some((value) => value > 0)) return undefined;
  const { value, low, high } = bootstrap(before.length, (drawn) => {
    let above = 0;
    let below = 0;
    for (const i of drawn) {
      above += after[i] ?? 0;
      below += before[i] ?? 0;
    }
    return below > 0 ? above / below : Number.POSITIVE_INFINITY;
  });
  return { value, low, high: Number.isFinite(high) ? high : null };
}

function bootstrap(size: number, statistic: (drawn: Uint32Array) => number): Interval {
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
  return { value, low: at(TAIL), high: at(1 - TAIL) };
}
