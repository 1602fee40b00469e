import { z } from 'zod';
import { update } from '../posterior.ts';
import { fitPrior } from '../prior.ts';
import type { Policy } from './policy.ts';

/** Our own: the next sample goes where it is expected to bring most; see docs/sampling.md. */
export const AdaptiveSettings = z.object({
  policy: z.literal('adaptive'),
  /** Correct responses wanted of a problem: as many as selection keeps. */
  wanted: z.number().int().min(1).max(10).default(2),
  /** What a correct response after the first is worth, the first being 1. */
  furtherWorth: z.number().min(0).max(1).default(0.25),
  /** Samples that a problem without any success, earlier rounds included, gets at most. */
  atMost: z.number().int().min(1).max(10_000).default(112),
  /** Samples of every problem from which the population of pass rates is estimated. */
  pilot: z.number().int().min(2).max(100).default(2),
  /** Size of a batch as a share of what was drawn: 0 draws no sample too many, more needs fewer waves. */
  growth: z.number().min(0).max(1).default(0.25),
});
export type AdaptiveSettings = z.infer<typeof AdaptiveSettings>;

/**
 * The `adaptive` policy. The pass rates are taken to come from Beta(a, b), fitted to the pilot. A problem without a success after n
 * samples has the expected gain a/(a + b + n) per sample; the floor is that gain at `atMost`, and no problem is sampled below it.
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
