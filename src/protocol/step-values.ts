import { z } from 'zod';
import { ModelRef, ReviewerName } from '../core/schemas/index.ts';
import { dataset, flag, responseSettings, sampledRole } from './arguments.ts';
import { ContinuationCost } from './continuation.ts';

const count = z.number().int().nonnegative();
const chance = z.number().min(0).max(1);

/** Estimate the chance of ending right after the steps of chains. */
export const StepValuesArgs = z.object({
  dataset,
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  where: flag(z.string().optional(), 'only chains of this query', { value: 'QUERY' }),
  reviewer: flag(
    ReviewerName.optional(),
    'whose text is measured, and whose decisions and labels the query means; the chain’s own text and those of all when absent',
    { value: 'NAME' },
  ),
  limit: count.min(1).default(20).describe('chains at most, as stored'),
  budget: count.min(1).default(40).describe('continuations of a chain, at most'),
  batch: count.min(1).max(64).default(4).describe('continuations at a place before the next place is chosen'),
  scan: z.boolean().optional().describe('measure every step with --batch continuations, instead of a search'),
  certainty: chance
    .default(0.9)
    .describe('stop when the first wrong step is known to within one step with this probability'),
  labelled: flag(
    z.string().optional(),
    'chains of a file, or of a set on the hub as hf:OWNER/NAME, with the first wrong step as people labelled it, instead of chains of the dataset',
    { value: 'FILE' },
  ),
  role: sampledRole,
  ...responseSettings,
  plan: z.boolean().optional().describe('show what it would request and cost at most, and request nothing'),
});
export type StepValuesArgs = z.infer<typeof StepValuesArgs>;

export const StepValuesPlan = ContinuationCost.extend({
  model: ModelRef,
  chains: count,
  steps: count,
  /** Outcomes of these chains that are paid already. */
  reused: count,
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

/** A line of `step-values.jsonl` of a continued round. A later line of the same text of a chain replaces an earlier one. */
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
  /** Continuations of this chain, without other samples of the problem. */
  samples: count,
});
export type StepValues = z.infer<typeof StepValues>;

/** The values as the reader shows them: on the reviewed text, as far as it is the measured one. */
export const ShownStepValues = StepValues.omit({ chainId: true, text: true, host: true }).extend({
  /** See thoughtAnchors. */
  anchors: z.array(
    z.object({
      first: count,
      last: count,
      start: count,
      end: count,
      before: chance,
      after: chance,
      chance,
    }),
  ),
});
export type ShownStepValues = z.infer<typeof ShownStepValues>;

/** How well the first wrong step was found where people labelled it. Continuations are graded by gold answers, which the critics of ProcessBench (arXiv 2412.06559) do not see. */
export const StepAccuracy = z.object({
  /** Chains with a wrong step, and those of them whose very step was found, and whose step or a neighbour was. */
  wrong: count,
  exact: count,
  near: count,
  /** Chains without a wrong step, and those of them where none was found. */
  right: count,
  none: count,
  /** Harmonic mean of `exact / wrong` and `none / right`; null without chains of both kinds. */
  f1: chance.nullable(),
  /** Continuations, and those of a scan of every step with 8 each. */
  samples: count,
  scan: count,
  /** Rows without an answer that continuations can be graded by, or without a known label. */
  skipped: count,
});
export type StepAccuracy = z.infer<typeof StepAccuracy>;

export const StepValuesResult = z.object({
  plan: StepValuesPlan,
  values: z.array(StepValues),
  /** Chains that could not be continued, with the reason. */
  failed: z.array(z.object({ chainId: z.string(), reason: z.string() })),
  calls: count,
  /** Of labelled chains. */
  accuracy: StepAccuracy.optional(),
});
export type StepValuesResult = z.infer<typeof StepValuesResult>;
