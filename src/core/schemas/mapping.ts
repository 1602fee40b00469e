import { z } from 'zod';

/** How an answer is read from its column: as it is, the last `\boxed{}`, or what follows the last `####`. */
export const AnswerFrom = z.enum(['plain', 'boxed', 'hash']);
export type AnswerFrom = z.infer<typeof AnswerFrom>;

/** Which column of a file of problems means what. A dotted path reaches into objects (`meta.answer`). */
export const ColumnMapping = z.object({
  problem: z.string(),
  answer: z.string(),
  answerFrom: AnswerFrom,
  id: z.string().optional(),
  solution: z.string().optional(),
  level: z.string().optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

/** Which column of a file of traces means what. */
export const TraceMapping = z.object({
  /** The same as `trace` for a chat that holds both. */
  problem: z.string(),
  /** Text that follows the problem, such as the `input` of Alpaca. */
  input: z.string().optional(),
  /** A trace, or a list of traces. */
  trace: z.string(),
  /** Reasoning that is kept apart from the reply. */
  reasoning: z.string().optional(),
  /** The trusted answer. */
  answer: z.string().optional(),
  /** `plain` when absent. */
  answerFrom: AnswerFrom.optional(),
  id: z.string().optional(),
  problemId: z.string().optional(),
  model: z.string().optional(),
  /** Why the model stopped, such as `stop` or `length`. */
  finish: z.string().optional(),
  level: z.string().optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
});
export type TraceMapping = z.infer<typeof TraceMapping>;

/** Which column means what in a file that is read where it is: its traces may have no problem. */
export const FileMapping = TraceMapping.partial({ problem: true });
export type FileMapping = z.infer<typeof FileMapping>;
