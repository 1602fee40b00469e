import { z } from 'zod';

/**
 * What grading says of one text. `unknown`: the gold can't be read, so the sample is skipped and never counted as wrong.
 * `timeout` and `error` speak of the grader, not of the answer.
 */
export const Outcome = z.enum(['correct', 'incorrect', 'unknown', 'timeout', 'error']);
export type Outcome = z.infer<typeof Outcome>;

/** The comparison that decided, from cheapest to dearest; `none` when nothing was compared. */
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
  /** The final answer as found in the prediction, before normalisation. */
  extracted: z.string().optional(),
  /** The two normal forms that were compared. */
  gold: z.string().optional(),
  prediction: z.string().optional(),
  /** One sentence for a person: why equal, what differed, or why `unknown`, `timeout` or `error`. */
  detail: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
