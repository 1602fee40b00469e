import { z } from 'zod';
import { Behaviour, CallUse, CostEstimate, ModelRef } from '../core/schemas/index.ts';
import { dataset, flag, model } from './arguments.ts';

const count = z.number().int().nonnegative();

const planOnly = z.boolean().optional().describe('show what it would request and cost, and send no request');

export const JudgeArgs = z.object({
  dataset,
  rounds: z.array(z.string()).optional().describe('only chains of these rounds'),
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  limit: z.number().int().positive().optional().describe('limit of chains that are not judged yet'),
  secondPass: z
    .boolean()
    .optional()
    .describe('let the judge revise its own labels, with a second call for each window'),
  plan: planOnly,
  /** That of the dataset's `judge` when absent. */
  model,
});
export type JudgeArgs = z.infer<typeof JudgeArgs>;

/** What judging would request: calls to be paid for when every answer can be used. */
export const JudgePlan = CostEstimate.extend({
  model: ModelRef,
  /** Two calls for each window. */
  secondPass: z.boolean(),
  /** Chains to be judged, and those that this judge has judged already. */
  chains: count,
  judged: count,
  sentences: count,
  windows: count,
  /** Calls that the journal or another chain answers. */
  reused: count,
  /** Every request tried as often as it may be, and as long as it may be. */
  completionTokensMax: count,
  /** Completion tokens are estimated from earlier calls of this model; otherwise without any thinking before the answer. */
  measured: z.boolean(),
});
export type JudgePlan = z.infer<typeof JudgePlan>;

/** What the second pass made of the labels of the first, in sentences, and how well the two agree. */
export const PassAgreement = z.object({ kept: count, removed: count, added: count, kappa: z.number().nullable() });
export type PassAgreement = z.infer<typeof PassAgreement>;

/** The outcome of judging. */
export const JudgeSummary = CallUse.extend({
  chains: count,
  sentences: count,
  /** Sentences that carry each kind. */
  labels: z.record(Behaviour, count),
  /** Those of them that are its acts. */
  acts: z.record(Behaviour, count),
  secondPass: z
    .object({
      passes: z.record(Behaviour, PassAgreement),
      /** Windows whose second answer can't be used; they keep the labels of the first pass. */
      unconfirmedWindows: count,
    })
    .optional(),
  /** Windows without a usable answer, and the first of them. */
  failedWindows: count,
  failed: z.array(z.object({ chainId: z.string(), from: count, to: count, reason: z.string() })),
  /** Sentences that judge and classifiers label differently, and chains that have any. */
  differ: count,
  differingChains: count,
});
export type JudgeSummary = z.infer<typeof JudgeSummary>;
