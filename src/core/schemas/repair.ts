import { z } from 'zod';
import { Sampling } from './generation.ts';
import { ModelRole } from './model-ref.ts';

const count = z.number().int().nonnegative();

/** How chains are repaired. */
export const RepairSettings = z.object({
  budget: count.min(1).max(1000).default(4).describe('continuations of a chain, at most'),
  batch: count.min(1).max(64).default(2).describe('continuations at a place before the next place is chosen'),
  certainty: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('probability that the first wrong step is in the part that is not trained, at least'),
  tokens: count.min(1).optional().describe('completion tokens of the round, at most; calls in flight may exceed it'),
});
export type RepairSettings = z.infer<typeof RepairSettings>;

/**
 * A wrong step that is known without a call, in code units of the text that is repaired: the first one that a reviewer has labelled, or the first
 * equality that does not hold.
 */
export const KnownWrongStep = z.union([
  z.object({ start: count, end: count, reviewer: z.string().min(1) }),
  z.object({ start: count, end: count, equation: z.string().min(1) }),
]);
export type KnownWrongStep = z.infer<typeof KnownWrongStep>;

/** The part of a plan that only a round of repairs has. */
export const RepairPlan = z.object({
  settings: RepairSettings,
  role: ModelRole,
  response: Sampling,
  concurrency: count.min(1).max(512),
  chains: z.array(
    z.object({
      chainId: z.string(),
      /** Hash of the text that is repaired, with the edits of its reviewers. */
      text: z.string(),
      wrong: KnownWrongStep.optional(),
    }),
  ),
});
export type RepairPlan = z.infer<typeof RepairPlan>;

/**
 * What became of a chain: `repaired`, or a chain was made and `filtered-out`; `repeated`: an earlier round has made the same chain; `not-found`: no step is known after which success collapses, and no continuation ended right;
 * `not-continued`: no continuation from before the wrong part, which no other chain has, ended right; `budget`: the tokens of the round were spent; `changed`: its text or labels
 * are others now; `refused` by the server; `ungraded`: the gold answer can't be read.
 */
export const RepairEnd = z.enum([
  'repaired',
  'filtered-out',
  'repeated',
  'not-found',
  'not-continued',
  'budget',
  'changed',
  'refused',
  'ungraded',
]);
export type RepairEnd = z.infer<typeof RepairEnd>;

/** A line of `repairs.jsonl` of a round: a chain that is done. */
export const RepairLine = z.object({
  chainId: z.string(),
  end: RepairEnd,
  /** The wrong part, in code units of the chain's text. */
  wrong: z.object({ start: count, end: count }).optional(),
  /** Continuations that were requested, and how many of them the search for the wrong part requested. */
  samples: count,
  searched: count,
  /** Ids of the new chains. */
  made: z.array(z.string()),
  reason: z.string().optional(),
});
export type RepairLine = z.infer<typeof RepairLine>;

/** Number of chains by what became of them. */
export const RepairSummary = z.object({ ends: z.partialRecord(RepairEnd, count) });
export type RepairSummary = z.infer<typeof RepairSummary>;
