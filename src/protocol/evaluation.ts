import { z } from 'zod';
import { dataset, flag, model, responseSettings, roundChoice, sampledRole } from './arguments.ts';

/** What an evaluation is planned from: what is absent is the dataset's own. */
export const EvaluateArgs = z
  .object({
    dataset,
    problems: flag(
      z.string().min(1).optional(),
      'JSONL, JSON, CSV or Parquet with problems and answers, or a set on the Hugging Face hub as hf:OWNER/NAME; the problems of the dataset when absent',
      { value: 'FILE' },
    ),
    ...roundChoice,
    name: z.string().optional().describe('name of the evaluation'),
    limit: z.number().int().positive().optional().describe('limit of problems, the same ones for each model'),
    role: sampledRole,
    model,
    prompt: flag(
      z.string().min(1).optional(),
      'prompt of a response, in place of the dataset’s: Markdown as in prompts/',
      {
        value: 'FILE',
      },
    ),
    k: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('samples per problem (default 4); 32 or more for a small benchmark'),
    ...responseSettings,
    plan: z.boolean().optional().describe('show what it would request and cost, and send no request'),
    resume: flag(z.string().min(1).optional(), 'resume this evaluation', { value: 'NAME' }),
  })
  .refine(
    ({ dataset: _dataset, resume, ...others }) =>
      resume === undefined || Object.values(others).every((value) => value === undefined),
    { path: ['resume'], error: 'can’t be combined with other flags: the plan of the evaluation has everything else' },
  );
export type EvaluateArgs = z.infer<typeof EvaluateArgs>;
