import { z } from 'zod';
import { update } from '../posterior.ts';
import { fitPrior } from '../prior.ts';
import type { Policy } from './policy.ts';

/** Each sample goes to the problem with the highest expected gain; see docs/design/sampling.md. */
export const AdaptiveSettings = z.object({
  policy: z.literal('adaptive'),
  /** Target of correct responses per problem: as many as selection keeps. */
  wanted: z.number().int().min(1).max(10).default(2),
  /** Value of each correct response after the first, relative to the first. */
  furtherWorth: z.number().min(0).max(1).default(0.25),
  /** Maximum samples of a problem without a success, earlier rounds included. */
  atMost: z.number().int().min(1).max(10_000).default(112),
  /** Samples of every problem for estimating the population of pass rates. */
  pilot: z.number().int().min(2).max(100).default(2),
  /** Batch size as a share of the samples drawn: 0 never draws too many, higher values need fewer batches. */
  growth: z.number().min(0).max(1).default(0.25),
});
export type AdaptiveSettings = z.infer<typeof AdaptiveSettings>;

/**
 * Pass rates are assumed to be Beta(a, b), fitted to the pilot. After n samples without a success the expected gain is a/(a + b + n) per
 * sample; sampling stops below the gain at `atMost`.
 */
export function adaptive({ wanted, furtherWorth, atMost, pilot, growth }: AdaptiveSettings): Policy {
  return {
    pilot: Math.min(pilot, atMost),
    rules: (states) => {
      const prior = fitPrior(states.map(({ graded, successes, weight }) => ({ attempts: graded, successes, weight })));
      const floor = prior.a / (prior.a + prior.b + atMost - 1);
      return states.map(({ earlier }) => ({
        kind: 'index',
        belief: update(prior, earlier.attempts, earlier.successes),
        wanted,
        furtherWorth,
        floor,
        atMost,
        growth,
      }));
    },
    most: () => atMost,
  };
}
