import { z } from 'zod';
import { GradingPolicy, HubOrigin, ModelRef, ModelRole, Prices, PromptSet, Sampling } from '../model/index.ts';
import { EvaluationScores } from './scores.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

/** Where the problems of an evaluation come from. */
export const EvaluationSet = z.object({
  from: z.enum(['dataset', 'file', 'hub']),
  /** Of a file: its path in the dataset, or its bare name where it is elsewhere. */
  file: z.string().optional(),
  /** Of the Hugging Face hub: which set, at which commit. */
  hub: HubOrigin.optional(),
  /** Only problems with one of these levels or topics. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  /** Problems that it has; where fewer are evaluated, they were drawn by the dataset's id, the same ones each time. */
  size: count,
});
export type EvaluationSet = z.infer<typeof EvaluationSet>;

/** What an evaluation asks for; cost and seconds are absent while prices and speed are unknown. */
export const ExpectedEvaluation = z.object({
  requests: count,
  promptTokens: amount,
  completionTokens: amount,
  /** Every answer as long as it may be. */
  completionTokensMax: amount,
  cost: amount.optional(),
  seconds: amount.optional(),
  /** `guess`: half of the token limit, since this model has no round yet. */
  from: z.enum(['sampling', 'dialogue', 'guess']),
});
export type ExpectedEvaluation = z.infer<typeof ExpectedEvaluation>;

/** `evaluations/<n>-<name>/plan.json`: written once, before the first call. With `problems.jsonl` beside it, it is all that a resume needs. */
export const EvaluationPlan = z.object({
  version: z.literal(1),
  /** Folder name, `<n>-<name>`. */
  evaluation: z.string().min(1),
  createdAt: z.string(),
  set: EvaluationSet,
  problemIds: z.array(z.string()).min(1),
  /** SHA-256 over ids, texts and gold answers. */
  problemsHash: z.string(),
  /** Samples a problem. */
  k: z.number().int().positive(),
  model: ModelRef,
  role: ModelRole,
  promptSet: PromptSet,
  /** SHA-256 over the prompt files' names and texts, which are in `prompts`. */
  promptsHash: z.string(),
  prompts: z.record(z.string(), z.string()),
  response: Sampling,
  samplesPerRequest: z.number().int().positive(),
  concurrency: z.number().int().positive(),
  idleTimeoutSeconds: z.number().int().positive(),
  grading: GradingPolicy,
  /** Seeds of the calls derive from this number, the problem and the number of the sample. */
  seed: count,
  prices: Prices.optional(),
  expected: ExpectedEvaluation,
});
export type EvaluationPlan = z.infer<typeof EvaluationPlan>;

/** An evaluated problem that stands in the training data too. */
export const ContaminationHit = z.object({
  problemId: z.string(),
  /** The problem of the training data. */
  trainedId: z.string(),
  /** `same`: the same text to a reader; `words`: eight words in a row. */
  how: z.enum(['same', 'words']),
  /** The shared words. */
  words: z.string().optional(),
});
export type ContaminationHit = z.infer<typeof ContaminationHit>;

/** What of the evaluated problems stands among the problems of exports, of training runs and of the chains that an export would take. */
export const Contamination = z.object({
  /** Distinct problems of the training data that were looked at. */
  trained: count,
  exports: z.array(z.string()),
  /** Training runs whose rows were looked at, as they were sent. */
  runs: z.array(z.string()).default([]),
  /** Training runs of which no row was found that tells its problem: nobody knows what they hold. */
  unread: z.array(z.string()).default([]),
  hits: z.array(ContaminationHit),
});
export type Contamination = z.infer<typeof Contamination>;

/** `scores.json` of an evaluation: its presence says that the evaluation has ended. */
export const EvaluationResult = z.object({
  version: z.literal(1),
  evaluation: z.string(),
  finishedAt: z.string(),
  scores: EvaluationScores,
  /** Paid samples of all runs. */
  calls: count,
  promptTokens: count,
  completionTokens: count,
  /** In the currency of the prices; null while they are unknown. */
  cost: amount.nullable(),
  /** Samples that the server refused. */
  unanswered: count,
  contamination: Contamination,
});
export type EvaluationResult = z.infer<typeof EvaluationResult>;
