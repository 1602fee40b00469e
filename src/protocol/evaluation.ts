import { z } from 'zod';
import { EvaluationComparison } from '../core/evaluation/compare.ts';
import { EvaluationPlan, EvaluationResult } from '../core/evaluation/plan.ts';
import { ModelRole, Sampling } from '../core/model/index.ts';

const dataset = z.string().min(1);

/** What an evaluation is planned from: what is absent is the dataset's own. */
export const EvaluateArgs = z.object({
  dataset,
  /** JSONL, JSON, CSV or Parquet with problems and gold answers, or `hf:…` (see parseHubName); the problems of the dataset when absent. */
  problems: z.string().min(1).optional(),
  /** Only problems with one of these levels or topics. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  /** At most so many, the same ones for each model. */
  limit: z.number().int().positive().optional(),
  /** Which model; the fine-tuned one when absent, or the base model where there is none. */
  role: ModelRole.optional(),
  /** Samples a problem; 4 when absent. */
  k: z.number().int().min(1).max(1024).optional(),
  response: Sampling.partial().optional(),
  concurrency: z.number().int().min(1).max(512).optional(),
  seed: z.number().int().nonnegative().optional(),
  name: z.string().optional(),
  /** Say what it would ask for, and ask nothing. */
  plan: z.boolean().optional(),
  /** Go on with this evaluation; everything else is in its plan. */
  resume: z.string().min(1).optional(),
});
export type EvaluateArgs = z.infer<typeof EvaluateArgs>;

/** Verbs that measure models, part of VERBS. */
export const EVALUATION_VERBS = {
  evaluate: {
    summary: 'Measure a model on problems with known answers: avg@k, pass@k, maj@k, lengths and behaviours',
    args: EvaluateArgs.refine(
      ({ dataset: _dataset, resume, ...others }) =>
        resume === undefined || Object.values(others).every((value) => value === undefined),
      { path: ['resume'], error: 'goes alone: all else is in the plan of the evaluation' },
    ),
    /** Without a result and a report when only the plan was wanted. */
    result: z.object({
      plan: EvaluationPlan.omit({ prompts: true, problemIds: true }).extend({
        problems: z.number().int().nonnegative(),
        /** Rows of the file that could not be used. */
        bad: z.number().int().nonnegative(),
      }),
      result: EvaluationResult.optional(),
      report: z.string().optional(),
    }),
  },
  'compare-evaluations': {
    summary: 'Hold two evaluations of the same problems against each other, with a paired test',
    args: z.object({
      dataset,
      a: z.string().min(1),
      b: z.string().min(1),
      /** Where the sets of problems differ: compare those that both have. */
      common: z.boolean().optional(),
    }),
    result: z.object({
      a: z.string(),
      b: z.string(),
      comparison: EvaluationComparison,
      /** The difference as a number of problems. */
      words: z.string(),
      report: z.string(),
      picture: z.string(),
    }),
  },
} as const;
