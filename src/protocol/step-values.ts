import { z } from 'zod';
import { CostEstimate, ModelRef } from '../core/schemas/index.ts';
import { dataset, flag, responseSettings, sampledRole } from './arguments.ts';

const count = z.number().int().nonnegative();
const chance = z.number().min(0).max(1);

/** Estimate the chance of ending right after the steps of chains. */
export const StepValuesArgs = z.object({
  dataset,
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  where: flag(z.string().optional(), 'only chains of this query', { value: 'QUERY' }),
  limit: count.min(1).default(20).describe('chains at most, as stored'),
  budget: count.min(1).default(40).describe('continuations of a chain, at most'),
  batch: count.min(1).max(64).default(4).describe('continuations at a place before the next place is chosen'),
  certainty: chance
    .default(0.9)
    .describe('stop when the first wrong step is known to within one step with this probability'),
  role: sampledRole,
  ...responseSettings,
  plan: z.boolean().optional().describe('show what it would cost at most, and request nothing'),
});
export type StepValuesArgs = z.infer<typeof StepValuesArgs>;

export const StepValuesPlan = CostEstimate.extend({
  model: ModelRef,
  chains: count,
  steps: count,
});
export type StepValuesPlan = z.infer<typeof StepValuesPlan>;

/** The outcomes of continuations after a number of kept steps, with the mean and the 90 % interval of their value. */
export const PlaceValue = z.object({
  kept: count,
  /** Code units of the kept text. */
  at: count,
  right: count,
  wrong: count,
  mean: chance,
  low: chance,
  high: chance,
});
export type PlaceValue = z.infer<typeof PlaceValue>;

/** A line of `step-values.jsonl` of a continued round. A later line of a chain replaces an earlier one. */
export const StepValues = z.object({
  chainId: z.string(),
  /** Hash of the text that was continued. */
  text: z.string(),
  at: z.string(),
  host: z.string(),
  model: z.string(),
  steps: count,
  places: z.array(PlaceValue),
  /** Expected values before the first wrong step and from it on. */
  before: chance,
  after: chance,
  /** The step after which success collapses, in code units of the text, with the probability that it is this one or a neighbour. Absent where none was found. */
  firstWrong: z.object({ step: count.min(1), start: count, end: count, within: chance }).optional(),
  /** Continuations of this chain, without those of fresh samples of the problem. */
  samples: count,
});
export type StepValues = z.infer<typeof StepValues>;

export const StepValuesResult = z.object({
  plan: StepValuesPlan,
  values: z.array(StepValues),
  /** Chains that could not be continued, with the reason. */
  failed: z.array(z.object({ chainId: z.string(), reason: z.string() })),
  calls: count,
});
export type StepValuesResult = z.infer<typeof StepValuesResult>;
