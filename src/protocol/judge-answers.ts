import { z } from 'zod';
import { CostEstimate, ModelRef, Outcome, PieceName } from '../core/schemas/index.ts';
import { dataset, flag, model } from './arguments.ts';
import { RegradeResult } from './rework.ts';

const count = z.number().int().nonnegative();

export const JudgeAnswersArgs = z.object({
  dataset,
  rounds: z.array(z.string()).optional().describe('only chains of these rounds'),
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  limit: z.number().int().positive().optional().describe('limit of different answers to ask about'),
  plan: z.boolean().optional().describe('show what it would request and cost, and send no request'),
  apply: z.boolean().optional().describe('write the overruled verdicts into the rounds'),
  /** That of the dataset's `judge` when absent. */
  model,
});
export type JudgeAnswersArgs = z.infer<typeof JudgeAnswersArgs>;

/** What judging answers would request. */
export const JudgeAnswersPlan = CostEstimate.extend({
  model: ModelRef,
  /** Answers that grading calls incorrect or unknown, and how many different ones: each is asked about once. */
  answers: count,
  different: count,
  /** Calls that the journal answers. */
  reused: count,
  completionTokensMax: count,
});
export type JudgeAnswersPlan = z.infer<typeof JudgeAnswersPlan>;

/** A verdict that the judge overrules, with both reasons. */
export const Overruling = z.object({
  chainId: z.string(),
  problemId: z.string(),
  piece: PieceName,
  gold: z.string(),
  answer: z.string(),
  graded: Outcome,
  gradedReason: z.string().optional(),
  outcome: Outcome,
  reason: z.string(),
});
export type Overruling = z.infer<typeof Overruling>;

export const JudgeAnswersSummary = z.object({
  /** Different answers with a usable reply. */
  judged: count,
  failures: count,
  /** The first of them. */
  failed: z.array(z.object({ chainId: z.string(), piece: PieceName, reason: z.string() })),
  overrulings: z.array(Overruling),
  calls: count,
  reused: count,
  retries: count,
  promptTokens: count,
  completionTokens: count,
  cost: z.number().nonnegative().nullable(),
});
export type JudgeAnswersSummary = z.infer<typeof JudgeAnswersSummary>;

/** Without a summary when only the plan was requested or there is nothing to ask; `regraded` is what the overrulings change. */
export const JudgeAnswersResult = z.object({
  plan: JudgeAnswersPlan,
  summary: JudgeAnswersSummary.optional(),
  regraded: RegradeResult.optional(),
});
