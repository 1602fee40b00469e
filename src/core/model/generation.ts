import { z } from 'zod';

/** How a model is asked to write. */
export const Sampling = z.object({
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  /** Completion tokens. */
  maxTokens: z.number().int().positive(),
});
export type Sampling = z.infer<typeof Sampling>;
