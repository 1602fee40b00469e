import { z } from 'zod';

/** Prompts that a dataset begins with: for models that follow long instructions, and for those that don't. */
export const PromptSet = z.enum(['full', 'small']);
export type PromptSet = z.infer<typeof PromptSet>;
