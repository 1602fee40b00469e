import { z } from 'zod';
import { normaliseLevel, normaliseTopic } from '../dataset/level-topic.ts';

/** One line of `problems/*.jsonl`. Maths is Markdown with LaTeX in `$…$` or `\(…\)`. */
export const Problem = z.object({
  /** Unique in the dataset, as its source writes it. */
  id: z.string().min(1).max(200),
  problem: z.string().min(1),
  /** The gold answer, without `\boxed{}`. Never shown to a model in `blind` mode. */
  answer: z.string().min(1),
  /** A worked solution, when the source gives one. */
  solution: z.string().optional(),
  /** Normalised when read; see normaliseLevel. A number where it is one. */
  level: z.union([z.number(), z.string()]).transform(normaliseLevel).optional(),
  topic: z.string().transform(normaliseTopic).optional(),
  /** Level and topic as the source writes them, where an import changed them. */
  original: z.object({ level: z.union([z.number(), z.string()]).optional(), topic: z.string().optional() }).optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
