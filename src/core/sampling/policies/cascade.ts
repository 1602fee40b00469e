import { z } from 'zod';
import type { Policy } from './policy.ts';

/** Dual-phase paper, arXiv 2601.05616, stage 2: few samples for easy problems, many for unsolved ones. */
export const CascadeSettings = z.object({
  policy: z.literal('cascade'),
  /** Samples of each stage; a problem enters the next stage while it has no success. */
  stages: z.array(z.number().int().min(1).max(10_000)).min(1).max(20).default([2, 10, 100]),
  /** The round ends before a stage that fewer than this share of all problems would enter. */
  leastSurvivors: z.number().min(0).max(1).default(0.01),
});
export type CascadeSettings = z.infer<typeof CascadeSettings>;

/** Cumulative ends of the stages. */
export function stageEnds(stages: readonly number[]): number[] {
  let sum = 0;
  return stages.map((samples) => (sum += samples));
}

/** A stage is always completed, even after a success. */
export function cascade({ stages }: CascadeSettings): Policy {
  const ends = stageEnds(stages);
  return {
    pilot: 0,
    rules: (states) => states.map(() => ({ kind: 'stages', ends })),
    most: () => ends.at(-1) ?? 0,
  };
}
