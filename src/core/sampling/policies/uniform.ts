import { z } from 'zod';
import type { Policy } from './policy.ts';

/** DART-Math (arXiv 2407.13690), Uniform: the same number of correct responses for every problem. */
export const UniformSettings = z.object({
  policy: z.literal('uniform'),
  /** k_u of the paper. */
  correct: z.number().int().min(1).max(1_000).default(4),
  /** Samples of one problem, at most. */
  atMost: z.number().int().min(1).max(10_000).default(112),
});
export type UniformSettings = z.infer<typeof UniformSettings>;

/** The `uniform` policy. */
export function uniform({ correct, atMost }: UniformSettings): Policy {
  return {
    pilot: 0,
    rules: (states) => states.map(() => ({ kind: 'target', correct, atMost })),
    most: () => atMost,
  };
}
