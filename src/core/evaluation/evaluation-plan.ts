import { z } from 'zod';
import {
  CostEstimate,
  GradingPolicy,
  HubOrigin,
  ModelRef,
  ModelRole,
  Prices,
  PromptSet,
  Sampling,
} from '../schemas/index.ts';
import { EvaluationScores } from './scores.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

/** Source of the problems of an evaluation. */
export const EvaluationSet = z.object({
  from: z.enum(['dataset', 'file', 'hub']),
  /** Path of a file in the dataset, or the file name if it is outside. */
  file: z.string().optional(),
  hub: HubOrigin.optional(),
  /** Only problems with one of these levels or topics. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  /** Number of its problems. If fewer are evaluated, the dataset's id selects them, always the same ones. */
  size: count,
});
export type EvaluationSet = z.infer<typeof EvaluationSet>;

/** Expected calls; cost and seconds are absent without prices and speed. */
const ExpectedEvaluation = CostEstimate.extend({
  completionTokensMax: amount,
  /** `guess`: half of the token limit, because this model has no finished round. */
  from: z.enum(['sampling', 'dialogue', 'guess']),
});
export type ExpectedEvaluation = z.infer<typeof ExpectedEvaluation>;

/** `evaluations/<n>-<name>/plan.json`, written once before the first call. A resume needs it and `problems.jsonl`. */
export const EvaluationPlan = z.object({
  version: z.literal(1),
  /** Folder name, `<n>-<name>`. */
  evaluation: z.string().min(1),
  createdAt: z.string(),
  set: EvaluationSet,
  problemIds: z.array(z.string()).min(1),
  /** SHA-256 over ids, texts and gold answers. */
  problemsHash: z.string(),
  /** Samples per problem. */
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
  /** Base of the seeds of all samples. */
  seed: count,
  prices: Prices.optional(),
  expected: ExpectedEvaluation,
});
export type EvaluationPlan = z.infer<typeof EvaluationPlan>;

/** An evaluated problem that is also in the training data. */
export const ContaminationHit = z.object({
  problemId: z.string(),
  /** The problem of the training data. */
  trainedId: z.string(),
  /** `same`: equal texts; `words`: eight consecutive words. */
  how: z.enum(['same', 'words']),
  /** The shared words. */
  words: z.string().optional(),
});
export type ContaminationHit = z.infer<typeof ContaminationHit>;

/** Evaluated problems among the problems of exports, training runs and kept chains. */
export const Contamination = z.object({
  /** Number of different problems of the training data that were compared. */
  trained: count,
  exports: z.array(z.string()),
  /** Training runs whose rows were compared. */
  runs: z.array(z.string()).default([]),
  /** Training runs without rows that name their problem, so that they could not be compared. */
  unread: z.array(z.string()).default([]),
  hits: z.array(ContaminationHit),
});
export type Contamination = z.infer<typeof Contamination>;

/** `scores.json` of a finished evaluation. */
export const EvaluationResult = z.object({
  version: z.literal(1),
  evaluation: z.string(),
  finishedAt: z.string(),
  scores: EvaluationScores,
  /** Paid samples over all runs. */
  calls: count,
  promptTokens: count,
  completionTokens: count,
  /** In the currency of the prices; null if unknown. */
  cost: amount.nullable(),
  /** Samples that the server refused. */
  unanswered: count,
  contamination: Contamination,
});
export type EvaluationResult = z.infer<typeof EvaluationResult>;
