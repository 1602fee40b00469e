import { z } from 'zod';
import { Budget, Prices } from './budget.ts';
import { SamplingPolicy } from './policies/index.ts';
import { SelectionSettings } from './select.ts';
import { TriageSettings } from './triage.ts';

/** Edges of the difficulty buckets, as pass rates from hard to easy; a bucket holds its lower edge, the last one both. */
export const DifficultyEdges = z
  .array(z.number().min(0).max(1))
  .min(2)
  .refine(
    (edges) => edges[0] === 0 && edges.at(-1) === 1 && edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? 1)),
    {
      error: 'the edges must rise from 0 to 1',
    },
  );

/** Stage 2 settings of a round: everything that decides which samples are drawn, kept and questioned. Stored in its plan. */
export const SamplingSettings = z
  .object({
    policy: SamplingPolicy.default(SamplingPolicy.parse({ policy: 'cascade' })),
    budget: Budget.prefault({}),
    prices: Prices.optional(),
    /** Samples asked for in one request; 1 where the server does not honour `n`. */
    samplesPerRequest: z.number().int().min(1).max(128).default(1),
    /** A problem is left out when P(p > 1/samples left for it) is below this; 0 leaves none out. */
    dropBelow: z.number().min(0).max(1).default(0.05),
    edges: DifficultyEdges.default([0, 0.05, 0.2, 0.5, 0.8, 1]),
    selection: SelectionSettings.prefault({}),
    triage: TriageSettings.prefault({}),
    /** Decides which problems come first where a budget does not reach all, and the seeds of the calls. */
    seed: z.number().int().nonnegative().default(0),
  })
  .refine(({ budget, prices }) => budget.money === undefined || prices !== undefined, {
    error: 'a budget in money needs the prices of the model; set them, or limit tokens instead',
    path: ['budget', 'money'],
  });
export type SamplingSettings = z.infer<typeof SamplingSettings>;
