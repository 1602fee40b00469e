import { z } from 'zod';

/** Prompts of a new dataset: for models that follow long instructions, and for others. */
export const PromptSet = z.enum(['full', 'small']);
export type PromptSet = z.infer<typeof PromptSet>;

/**
 * Limit of an answer with the small prompt set. The starter model ends 69 % of its answers to the sample problems within 160 tokens, 89 % within
 * 320 and 93 % within 512 (docs/reference/models.md); longer ones mostly repeat themselves.
 */
export const SMALL_ANSWER_TOKENS = 320;
