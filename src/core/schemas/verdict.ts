import { z } from 'zod';

/**
 * Result of grading one text. `unknown`: the gold answer can't be read, or equality can't be decided; the sample is skipped and never counted as
 * wrong. `timeout` and `error` are about the grader, not the answer.
 */
export const Outcome = z.enum(['correct', 'incorrect', 'unknown', 'timeout', 'error']);
export type Outcome = z.infer<typeof Outcome>;

/** The comparison that decided, from cheapest to most expensive; `none` without a comparison. */
export const Method = z.enum([
  'text',
  'number',
  'expression',
  'set',
  'tuple',
  'interval',
  'matrix',
  'equation',
  'choice',
  'piecewise',
  'family',
  'ratio',
  'numeral',
  'time',
  'date',
  'quantity',
  'none',
]);
export type Method = z.infer<typeof Method>;

export const Verdict = z.object({
  outcome: Outcome,
  method: Method,
  /** The final answer in the prediction, before normalisation. */
  extracted: z.string().optional(),
  /** The two normal forms that were compared. */
  gold: z.string().optional(),
  prediction: z.string().optional(),
  /** One sentence: why equal, what differed, or why `unknown`, `timeout` or `error`. */
  detail: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
