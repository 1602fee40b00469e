import { z } from 'zod';
import { Prices } from '../model/cost.ts';
import { SamplesPerRequest } from '../model/generation.ts';
import { Budget } from './budget.ts';
import { SamplingPolicy } from './policies/index.ts';

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

export const SelectionSettings = z.object({
  /** Correct responses kept per problem, at most. */
  keep: z.number().int().min(1).max(10).default(2),
});
export type SelectionSettings = z.infer<typeof SelectionSettings>;

export const TriageSettings = z.object({
  /** Share of the most frequent answer from which the gold answer is doubted. */
  leastShare: z.number().gt(0).max(1).default(0.5),
  /** Fewer answers than this are no vote. */
  leastAnswers: z.number().int().min(1).default(8),
});
export type TriageSettings = z.infer<typeof TriageSettings>;

/** The sentence behind each problem that tells the two kinds of training rows apart (method.md, "Merge"); anyone may write others. */
export const SourceMarkers = z
  .object({
    dialogue: z.string().trim().min(1).default('Solve it, check your solution, solve it another way, and then decide.'),
    sampling: z.string().trim().min(1).default('Solve it in one go and put the final answer in a box.'),
  })
  .refine(({ dialogue, sampling }) => dialogue !== sampling, {
    error: 'the two sentences are the same, so that nothing would tell the two kinds of rows apart; change one',
    path: ['sampling'],
  });
export type SourceMarkers = z.infer<typeof SourceMarkers>;

/** What a dataset says of its stage 2 rounds; a plan adds the prices of its model and a seed. */
export const SamplingChoices = z.object({
  policy: SamplingPolicy.default(SamplingPolicy.parse({ policy: 'cascade' })),
  budget: Budget.prefault({}),
  /** Samples asked for in one request; absent: see samplesPerRequestOf (runner). */
  samplesPerRequest: SamplesPerRequest.optional(),
  /** A problem is left out when P(p > 1/samples left for it) is below this; 0 leaves none out. */
  dropBelow: z.number().min(0).max(1).default(0.05),
  edges: DifficultyEdges.default([0, 0.05, 0.2, 0.5, 0.8, 1]),
  selection: SelectionSettings.prefault({}),
  triage: TriageSettings.prefault({}),
});
export type SamplingChoices = z.infer<typeof SamplingChoices>;

/** Stage 2 settings of a round: everything that decides which samples are drawn, kept and questioned. Stored in its plan. */
export const SamplingSettings = z
  .object({
    ...SamplingChoices.shape,
    samplesPerRequest: SamplesPerRequest.default(1),
    prices: Prices.optional(),
    /** Decides which problems come first where a budget does not reach all, and the seeds of the calls. */
    seed: z.number().int().nonnegative().default(0),
  })
  .refine(({ budget, prices }) => budget.money === undefined || prices !== undefined, {
    error: 'a budget in money needs the prices of the model; set them, or limit tokens instead',
    path: ['budget', 'money'],
  });
export type SamplingSettings = z.infer<typeof SamplingSettings>;
