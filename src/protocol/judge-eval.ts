import { z } from 'zod';
import { MeasuredClass, MeasuredPhases } from '../core/review/judge/index.ts';
import { CallUse, Prices } from '../core/schemas/index.ts';
import { flag, flags, model, positional } from './arguments.ts';
import { JudgeArgs, JudgePlan } from './judge.ts';

const count = z.number().int().nonnegative();

/** What a judge can be asked about each sentence. */
const Ask = z.enum(['phases', 'behaviours']);

export const JudgeEvalArgs = z.object({
  file: positional(
    z.string().min(1),
    'file of texts with labels by people: ThinkARM’s phases, or behaviours of Longhand',
  ),
  dataset: flag(z.string().min(1).optional(), 'dataset whose judge, prompts, limits and prices are used', {
    value: 'FOLDER',
  }),
  model,
  ask: Ask.optional().describe('what the judge labels; what people labelled when absent'),
  sentences: z.number().int().positive().optional().describe('measure on a random sample of about N sentences'),
  seed: count
    .optional()
    .describe('of the sample (default 1); a larger sample of the same seed contains the smaller one'),
  window: z.number().int().min(1).max(200).optional().describe('sentences to label in one call, at most'),
  context: z.number().int().min(0).max(50).optional().describe('sentences before them that are shown for context'),
  maxTokens: z.number().int().positive().optional().describe('limit of an answer, in completion tokens'),
  concurrency: z.number().int().min(1).max(512).optional().describe('requests in flight'),
  secondPass: JudgeArgs.shape.secondPass,
  prices: flags(Prices.optional(), {
    prompt: { value: 'PRICE', help: 'of a million prompt tokens, in the currency you are billed in' },
    completion: { value: 'PRICE', help: 'of a million completion tokens, in the currency you are billed in' },
  }),
  journal: flag(z.string().min(1).optional(), 'folder of the journal of paid calls; in Longhand’s cache when absent', {
    value: 'FOLDER',
  }),
  plan: JudgeArgs.shape.plan,
});
export type JudgeEvalArgs = z.infer<typeof JudgeEvalArgs>;

/** What a measurement would request. */
export const JudgeEvalPlan = JudgePlan.omit({ chains: true, judged: true }).extend({
  /** What people labelled, and what the judge is asked. */
  form: Ask,
  ask: Ask,
  texts: count,
  /** In the file; `sentences` are in the sample. */
  sentencesAll: count,
});
export type JudgeEvalPlan = z.infer<typeof JudgeEvalPlan>;

/** Agreement by class, and for phases over all of them. */
export const JudgeEvalScores = z.object({ classes: z.array(MeasuredClass), all: MeasuredPhases.optional() });
export type JudgeEvalScores = z.infer<typeof JudgeEvalScores>;

/** A judge's labels against those of people. Sentences without a usable answer are not compared. */
export const JudgeEvalReport = CallUse.extend({
  /** Sentences with a usable answer. */
  answered: count,
  failedWindows: count,
  failed: z.array(z.object({ id: z.string(), from: count, to: count, reason: z.string() })),
  scores: JudgeEvalScores,
  /** With a second pass: the scores of the first alone, and windows that keep its labels. */
  firstPass: JudgeEvalScores.optional(),
  unconfirmedWindows: count.optional(),
});
export type JudgeEvalReport = z.infer<typeof JudgeEvalReport>;
