import { z } from 'zod';
import {
  AssemblySettings,
  ChainClass,
  FilterSettings,
  GradingCounts,
  HeadOutcome,
  PieceName,
} from '../core/schemas/index.ts';

const count = z.number().int().nonnegative();
/** At most 1,000 are listed. The count beside is the total. */
const ids = z.array(z.string());

/** What regrading a dataset found. */
export const RegradeResult = GradingCounts.extend({
  /** Name and path of the folder that holds what was found. */
  grading: z.string(),
  folder: z.string(),
  policy: z.string(),
  applied: z.boolean(),
  /** Answers whose verdict was known from an earlier run by the same policy and grader. */
  reused: count,
  /** Problems that are no longer in the dataset: their answers are left unchanged. */
  missing: count,
  seconds: z.number(),
});
export type RegradeResult = z.infer<typeof RegradeResult>;

/** What running the filters again found. */
export const RefilterResult = z.object({
  applied: z.boolean(),
  settings: FilterSettings,
  rounds: z.array(
    z.object({
      round: z.string(),
      chains: count,
      /** Chains of which any result differs from the one that is stored. */
      changed: count,
      passedBefore: count,
      passedAfter: count,
      /** Chains that pass and are left out by the quota. */
      quotaBefore: count,
      quotaAfter: count,
    }),
  ),
  /** Filters that rejected a chain before, or reject one now. */
  filters: z.array(
    z.object({
      id: z.string(),
      /** Chains that it rejected, and rejects now. */
      before: count,
      after: count,
      /** Chains that it rejects now and did not before, and the other way round. */
      rejected: count,
      passed: count,
      newlyRejected: ids,
      newlyPassed: ids,
    }),
  ),
  /** Chains that passed all filters before and no longer do, and the other way round. */
  rejected: count,
  passed: count,
  newlyRejected: ids,
  newlyPassed: ids,
  /** Problems that are no longer in the dataset. */
  missing: count,
  seconds: z.number(),
});
export type RefilterResult = z.infer<typeof RefilterResult>;

/** What assembling a chain again changes of it. */
export const RebuiltChain = z.object({
  id: z.string(),
  round: z.string(),
  /** The first place at which the texts differ, with a few words around it. */
  text: z.object({ before: z.string(), after: z.string() }).optional(),
  /** Pieces whose loss mask changes, with the new value. */
  mask: z.array(z.object({ piece: PieceName, train: z.boolean() })).optional(),
  /** The class that its text is joined for. */
  joinedAs: z.object({ before: ChainClass, after: ChainClass }).optional(),
  passed: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
  /** Passed the filters and was kept by the quota. */
  kept: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
});
export type RebuiltChain = z.infer<typeof RebuiltChain>;

export const RebuildResult = z.object({
  applied: z.boolean(),
  settings: AssemblySettings,
  /** Dialogue chains that were looked at, and those of which something changes. */
  chains: count,
  changed: count,
  /** Changes by what changes. */
  texts: count,
  masks: count,
  passedBefore: count,
  passedAfter: count,
  keptBefore: z.record(ChainClass, count),
  keptAfter: z.record(ChainClass, count),
  /** Chains whose text a reviewer has edited or labelled: their text is left as it is. */
  reviewed: count,
  /** Chains whose problem is gone: left as they are. */
  missing: count,
  /** The first thousand of those that change. */
  listed: z.array(RebuiltChain),
  seconds: z.number(),
});
export type RebuildResult = z.infer<typeof RebuildResult>;

/** What fitting the classifier to the labels of a dataset found. */
export const RefitResult = z.object({
  /** Labelled sentences of calibrations, and sentences corrected in the reader. */
  labels: count,
  corrected: count,
  chains: count,
  reviewers: z.array(z.string()),
  outcomes: z.array(HeadOutcome),
  /** For at least one behaviour. */
  better: z.boolean(),
  /** Number of the file that was written. */
  written: count.optional(),
  /** The latest head of the dataset, and why it is used or not. */
  current: z.object({
    state: z.enum(['none', 'used', 'off', 'outdated', 'damaged']),
    number: count.optional(),
    labels: count.optional(),
    problem: z.string().optional(),
  }),
  /** Of the fit alone. */
  seconds: z.number(),
});
export type RefitResult = z.infer<typeof RefitResult>;

/** What marking chains again found. */
export const RemarkResult = z.object({
  applied: z.boolean(),
  /** The classifier that marks. */
  version: z.string(),
  chains: count,
  changed: count,
  /** Chains that keep their marks, because a reviewer changed them. */
  reviewed: count,
  /** Spans of the classifier. */
  before: count,
  after: count,
  missing: count,
  seconds: z.number(),
});
export type RemarkResult = z.infer<typeof RemarkResult>;
