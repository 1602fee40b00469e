import { z } from 'zod';
import { CostEstimate, ModelRef, ReplyOutcome, ReviewerName, Verdict } from '../core/schemas/index.ts';
import { dataset, flag, positional, responseSettings, sampledRole } from './arguments.ts';

const count = z.number().int().nonnegative();

/** Continue a chain from a place in its text. */
export const ContinueArgs = z.object({
  dataset,
  chain: positional(z.string().min(1), 'id of the chain'),
  at: flag(count.min(1), 'where the kept text ends, in UTF-16 code units of the chain', { value: 'N' }),
  reviewer: flag(ReviewerName.optional(), 'whose text is continued, and who writes; the chain’s own text when absent', {
    value: 'NAME',
  }),
  samples: count.min(1).max(64).default(8).describe('continuations to request'),
  role: sampledRole,
  ...responseSettings,
  plan: z.boolean().optional().describe('show what it would request and cost, and request nothing'),
  keep: flag(count.optional(), 'keep this continuation, counted from 0, as a new chain; only this one is requested', {
    value: 'INDEX',
  }),
  write: flag(count.optional(), 'write this continuation, counted from 0, into the chain, as an edit of the reviewer', {
    value: 'INDEX',
  }),
});
export type ContinueArgs = z.infer<typeof ContinueArgs>;

/** The continuations that are requested: all, or only those that are kept or written. */
export function indexesOf({ samples, keep, write }: Pick<ContinueArgs, 'samples' | 'keep' | 'write'>): number[] {
  const chosen = [...new Set([keep, write].filter((index) => index !== undefined))];
  return chosen.length > 0 ? chosen : Array.from({ length: samples }, (_, index) => index);
}

/** What continuations cost that are not paid yet: as expected, if each is as long as the rest of its chain, and at most. */
export const ContinuationCost = CostEstimate.omit({ seconds: true }).extend({
  completionTokensMax: z.number().nonnegative(),
  /** If each has the longest prompt that it may have, and its maximum length. Absent if prices are unknown. */
  costMax: z.number().nonnegative().optional(),
});
export type ContinuationCost = z.infer<typeof ContinuationCost>;

export const ContinuePlan = ContinuationCost.extend({
  chain: z.string(),
  model: ModelRef,
  /** Code units that are kept. */
  kept: count,
  /** Continuations that the journal has already. */
  reused: count,
  /** Of each. */
  maxTokens: count,
  /** What shows first that the model continues exactly this text: token ids of its server, or a short call. Absent if unknown yet. */
  checkedBy: z.enum(['ids', 'reply']).optional(),
});
export type ContinuePlan = z.infer<typeof ContinuePlan>;

export const Continuation = z.object({
  index: count,
  /** Key of its call in the journal. */
  key: z.string(),
  /** What is new. */
  text: z.string(),
  ended: ReplyOutcome,
  /** Of the final answer of the whole chain. */
  verdict: Verdict,
  tokens: count,
});
export type Continuation = z.infer<typeof Continuation>;

/** Progress of one continuation: a piece of text, its end, or its refusal. */
export const ContinueEvent = z.discriminatedUnion('type', [
  /** `restarts`: the parts before it are of a request that failed. */
  z.object({ type: z.literal('part'), index: count, text: z.string(), restarts: z.literal(true).optional() }),
  z.object({ type: z.literal('done'), continuation: Continuation }),
  z.object({ type: z.literal('refused'), index: count, reason: z.string() }),
]);
export type ContinueEvent = z.infer<typeof ContinueEvent>;

export const ContinueResult = z.object({
  plan: ContinuePlan,
  /** Absent when only the plan was requested. */
  round: z.string().optional(),
  continuations: z.array(Continuation),
  /** Id of the new chain. */
  kept: z.string().optional(),
  written: z.boolean(),
  calls: count,
});
export type ContinueResult = z.infer<typeof ContinueResult>;
