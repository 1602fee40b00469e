import { z } from 'zod';
import { EvaluationComparison } from '../../core/evaluation/compare.ts';
import { EvaluationPlan, EvaluationResult } from '../../core/evaluation/evaluation-plan.ts';
import { dataset, positional } from '../../protocol/arguments.ts';
import { EvaluateArgs } from '../../protocol/evaluation.ts';
import { readOptionalModel } from '../arguments.ts';
import { defineVerb } from '../define.ts';

const count = z.number().int().nonnegative();
const evaluation = positional(z.string().min(1), 'name of an evaluation');

/** Verbs that measure models. */
export const evaluationVerbs = {
  evaluate: defineVerb({
    summary: 'Measure a model on problems with known answers: avg@k, pass@k, maj@k, lengths and behaviours',
    args: EvaluateArgs,
    /** Without a result and a report when only the plan was requested. */
    result: z.object({
      plan: EvaluationPlan.omit({ prompts: true, problemIds: true }).extend({
        problems: count,
        /** Rows of the file that could not be used. */
        bad: count,
      }),
      result: EvaluationResult.optional(),
      report: z.string().optional(),
    }),
    read: readOptionalModel,
    load: () => import('./evaluate.ts'),
  }),
  'compare-evaluations': defineVerb({
    summary: 'Compare two evaluations of the same problems with a paired test',
    args: z.object({
      dataset,
      a: evaluation,
      b: evaluation,
      common: z.boolean().optional().describe('where the sets differ, compare the problems that both have'),
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
    load: () => import('./compare-evaluations.ts'),
  }),
};
