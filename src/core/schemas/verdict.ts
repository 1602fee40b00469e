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
  'judge',
  'none',
]);
export type Method = z.infer<typeof Method>;

/** A model that decides whether two answers are the same. */
export const DecidingModel = z.object({
  /** Host and port of the endpoint, or `starter`. */
  host: z.string(),
  model: z.string(),
  /** SHA-256 of the prompt file. */
  prompt: z.string(),
});
export type DecidingModel = z.infer<typeof DecidingModel>;

/** A model that overruled grading, its reason, and what grading found. A reviewer's verdict replaces both. */
const ModelVerdict = DecidingModel.extend({
  reason: z.string(),
  graded: z.object({ outcome: Outcome, method: Method, detail: z.string() }),
});
type ModelVerdict = z.infer<typeof ModelVerdict>;

/** Both reasons in one text for a person. */
export function formatModelVerdict({ model, reason, graded }: ModelVerdict): string {
  const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
  const before = graded.detail === '' ? '' : ` ${sentence(graded.detail)}`;
  return `${model} decided: ${sentence(reason)} Grading was ${graded.outcome}.${before}`;
}

export const Verdict = z.object({
  outcome: Outcome,
  method: Method,
  /** The final answer in the prediction, before normalisation. */
  extracted: z.string().optional(),
  /** The two normal forms that were compared. */
  gold: z.string().optional(),
  prediction: z.string().optional(),
  /** Why equal, what differed, or why `unknown`, `timeout` or `error`. */
  detail: z.string().optional(),
  /** Present if a model decided, not the grader. */
  judge: ModelVerdict.optional(),
});
export type Verdict = z.infer<typeof Verdict>;
