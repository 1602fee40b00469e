import { z } from 'zod';

/** One line of `problems/*.jsonl`. Maths is Markdown with LaTeX in `$…$` or `\(…\)`. */
export const Problem = z.object({
  /** Unique in the dataset, as its source writes it. */
  id: z.string().min(1).max(200),
  problem: z.string().min(1),
  /** The gold answer, without `\boxed{}`. Trusted; never shown to a model in `blind` mode. */
  answer: z.string().min(1),
  /** A worked solution, when the source gives one. */
  solution: z.string().optional(),
  level: z.union([z.number(), z.string()]).optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
