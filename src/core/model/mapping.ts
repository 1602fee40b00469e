import { z } from 'zod';

/** Which column of a file means what. A dotted path reaches into objects (`meta.answer`). */
export const ColumnMapping = z.object({
  problem: z.string(),
  answer: z.string(),
  /** How the answer is read from its column: as it stands, the last `\boxed{}`, or what follows the last `####`. */
  answerFrom: z.enum(['plain', 'boxed', 'hash']),
  id: z.string().optional(),
  solution: z.string().optional(),
  level: z.string().optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;
