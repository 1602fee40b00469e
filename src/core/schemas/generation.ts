import { z } from 'zod';

/** Sampling parameters. */
export const Sampling = z.object({
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  /** Completion tokens. */
  maxTokens: z.number().int().positive(),
});
export type Sampling = z.infer<typeof Sampling>;

/** Samples of one prompt per request (`n`); servers without support get one request per sample. */
export const SamplesPerRequest = z.number().int().min(1).max(128);

/** Fields of all settings about many calls to a model. */
export const CALL_LIMITS = {
  concurrency: z.number().int().min(1).max(512).default(4).describe('Requests in flight, at most.'),
  idleTimeoutSeconds: z
    .number()
    .int()
    .min(5)
    .default(300)
    .describe('Seconds of silence before a call ends and is tried again.'),
};

/** Prompts of a new dataset: for models that follow long instructions, and for others. */
export const PromptSet = z.enum(['full', 'small']);
export type PromptSet = z.infer<typeof PromptSet>;

/**
 * Limit of an answer with the small prompt set. The starter model ends 69 % of its answers to the sample problems within 160 tokens, 89 % within
 * 320 and 93 % within 512 (docs/reference/models.md); longer ones mostly repeat themselves.
 */
export const SMALL_ANSWER_TOKENS = 320;
