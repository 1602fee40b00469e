import { z } from 'zod';
import { Prices } from '../schemas/cost.ts';
import { SamplesPerRequest } from '../schemas/generation.ts';
import { Budget } from './budget.ts';
import { SamplingPolicy } from './policies/index.ts';

/** Edges of the difficulty buckets as pass rates, ascending; a bucket contains its lower edge, the last one both. */
const DifficultyEdges = z
  .array(z.number().min(0).max(1))
  .min(2)
  .refine(
    (edges) => edges[0] === 0 && edges.at(-1) === 1 && edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? 1)),
    {
      error: 'the edges must rise from 0 to 1',
    },
  );

export const SelectionSettings = z.object({
  keep: z.number().int().min(1).max(10).default(2).describe('Correct responses kept per problem, at most.'),
});
export type SelectionSettings = z.infer<typeof SelectionSettings>;

export const TriageSettings = z.object({
  leastShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('Share of the most frequent answer that makes the gold answer doubtful.'),
  leastAnswers: z.number().int().min(1).default(8).describe('Answers that such a vote requires.'),
});
export type TriageSettings = z.infer<typeof TriageSettings>;

/** Sentence after each problem that identifies the kind of training row (method.md, "Merge"). */
export const SourceMarkers = z
  .object({
    dialogue: z
      .string()
      .trim()
      .min(1)
      .default('Solve it, check your solution, solve it another way, and then decide.')
      .describe('Sentence after the problem of a chain, in an export.'),
    sampling: z
      .string()
      .trim()
      .min(1)
      .default('Solve it in one go and put the final answer in a box.')
      .describe('Sentence after the problem of a response, in an export.'),
  })
  .refine(({ dialogue, sampling }) => dialogue !== sampling, {
    error: 'the two sentences are the same, so the two kinds of rows can’t be distinguished; change one',
    path: ['sampling'],
  });
export type SourceMarkers = z.infer<typeof SourceMarkers>;

/** Stage 2 settings of a dataset; a plan adds the model's prices and a seed. */
export const SamplingChoices = z.object({
  policy: SamplingPolicy.default(SamplingPolicy.parse({ policy: 'cascade' })).describe(
    'Which problem gets how many samples.',
  ),
  budget: Budget.prefault({}).describe('Limits on samples, requests, tokens, money or seconds.'),
  /** Absent: see samplesPerRequestOf (runner). */
  samplesPerRequest: SamplesPerRequest.optional(),
  dropBelow: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('A problem is skipped when P(p > 1/remaining samples) is below it.'),
  edges: DifficultyEdges.default([0, 0.05, 0.2, 0.5, 0.8, 1]).describe(
    'Pass rates that separate the buckets of difficulty.',
  ),
  selection: SelectionSettings.prefault({}),
  triage: TriageSettings.prefault({}),
});
export type SamplingChoices = z.infer<typeof SamplingChoices>;

/** Stage 2 settings of a round, stored in its plan. */
export const SamplingSettings = z
  .object({
    ...SamplingChoices.shape,
    samplesPerRequest: SamplesPerRequest.default(1),
    prices: Prices.optional(),
    /** Decides the order of problems within a budget, and the seeds of the calls. */
    seed: z.number().int().nonnegative().default(0),
  })
  .refine(({ budget, prices }) => budget.money === undefined || prices !== undefined, {
    error: 'a budget in money needs the prices of the model; set them, or limit tokens instead',
    path: ['budget', 'money'],
  });
export type SamplingSettings = z.infer<typeof SamplingSettings>;
