import { z } from 'zod';
import { normaliseLevel, normaliseTopic } from '../dataset/level-topic.ts';

/** Origin of a problem set on the Hugging Face hub. `name` refers to exactly the same rows. */
export const HubOrigin = z.object({
  /** `hf:owner/name:config/split@commit`. */
  name: z.string().min(1),
  /** `owner/name`. */
  repo: z.string().min(1),
  config: z.string().optional(),
  split: z.string().optional(),
  /** The commit of the repository, 40 hex digits. */
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Host and port of the hub. */
  host: z.string(),
  /** Paths in the repository with the hub's hash: SHA-256 of the content, or git's SHA-1 of the blob. */
  files: z.array(z.object({ path: z.string(), hash: z.string() })),
  /** From the card of the set. */
  licence: z.string().optional(),
});
export type HubOrigin = z.infer<typeof HubOrigin>;

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
