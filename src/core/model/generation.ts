import { z } from 'zod';

/** How a model is asked to write. */
export const Sampling = z.object({
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  /** Completion tokens. */
  maxTokens: z.number().int().positive(),
});
export type Sampling = z.infer<typeof Sampling>;

/** Samples of one prompt that one request asks for (`n`); a server that does not honour it is asked singly all the same. */
export const SamplesPerRequest = z.number().int().min(1).max(128);
