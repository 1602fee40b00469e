import { z } from 'zod';
import type { ExportedChain } from '../rows.ts';

/** A message of a conversation. Its thought may be apart, under the name that the model's chat template reads. */
export const Message = z.object({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
  reasoning_content: z.string().optional(),
  thinking: z.string().optional(),
});

/** The sentence of the card about ChainFacts. */
export const ABOUT_CHAIN =
  'Every row has `id`, `problem_id`, `answer` (the gold answer), `class`, `round` and `model`.';

/** Members of each row of a chain that tell where it is from. */
export const ChainFacts = z.object({
  id: z.string(),
  problem_id: z.string(),
  /** The gold answer. */
  answer: z.string(),
  class: z.string().nullable(),
  round: z.string(),
  model: z.string(),
});
type ChainFacts = z.infer<typeof ChainFacts>;

export function factsOf({ promptCompletion }: ExportedChain): ChainFacts {
  const { id, problem_id, answer, class: chainClass, round, model } = promptCompletion;
  return { id, problem_id, answer, class: chainClass, round, model };
}
