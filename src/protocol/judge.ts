import { z } from 'zod';
import { Behaviour, CostEstimate, ModelRef } from '../core/schemas/index.ts';
import { dataset, flag, model } from './arguments.ts';

const count = z.number().int().nonnegative();

export const JudgeArgs = z.object({
  dataset,
  rounds: z.array(z.string()).optional().describe('only chains of these rounds'),
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  limit: z.number().int().positive().optional().describe('limit of chains that are not judged yet'),
  plan: z.boolean().optional().describe('show what it would request and cost, and send no request'),
  /** That of the dataset's `judge` when absent. */
  model,
});
export type JudgeArgs = z.infer<typeof JudgeArgs>;

/** What judging would request: calls to be paid for when every answer can be used. */
export const JudgePlan = CostEstimate.extend({
  model: ModelRef,
  /** Chains to be judged, and those that this judge has judged already. */
  chains: count,
  judged: count,
  sentences: count,
  windows: count,
  /** Windows that the journal or another chain answers. */
  reused: count,
  /** Every request tried as often as it may be, and as long as it may be. */
  completionTokensMax: count,
  /** Completion tokens are estimated from earlier calls of this model; otherwise without any thinking before the answer. */
  measured: z.boolean(),
});
export type JudgePlan = z.infer<typeof JudgePlan>;

/** The outcome of judging. */
export const JudgeSummary = z.object({
  chains: count,
  sentences: count,
  /** Sentences that carry each kind. */
  labels: z.record(Behaviour, count),
  /** Windows without a usable answer, and the first of them. */
  failedWindows: count,
  failed: z.array(z.object({ chainId: z.string(), from: count, to: count, reason: z.string() })),
  /** Sentences that judge and classifiers label differently, and chains that have any. */
  differ: count,
  differingChains: count,
  /** Calls paid for, and those that the journal answered. */
  calls: count,
  reused: count,
  retries: count,
  promptTokens: count,
  completionTokens: count,
  cost: z.number().nonnegative().nullable(),
  seconds: z.number().nonnegative(),
});
export type JudgeSummary = z.infer<typeof JudgeSummary>;
