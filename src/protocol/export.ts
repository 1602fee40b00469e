import { z } from 'zod';

/** Which chains an export takes; see ExportSource. */
export const ExportSource = z.enum(['all', 'dialogue', 'sampling', 'merged']);
/**
 * `dialogue`: chains of stage 1, handwritten and imported ones too. `sampling`: responses of stage 2. `merged`: both, by the rules of
 * docs/sampling.md. In these three each problem carries the sentence of its source. `all`: whatever there is, without the sentences.
 */
export type ExportSource = z.infer<typeof ExportSource>;

/** The verb `export`, part of VERBS. */
export const EXPORT = {
  summary: 'Write a training set: prompt/completion and messages rows with segments and loss mask, manifest and card',
  args: z.object({
    dataset: z.string().min(1),
    name: z.string().optional(),
    /** `accepted`: accepted by a reviewer and rejected by none. `passed`: passed the filters and the quota, with a reviewer's word on the answer in the place of the verdict, and rejected by none. */
    select: z.enum(['accepted', 'passed']).default('accepted'),
    /** `all` when absent. */
    source: ExportSource.optional(),
    rounds: z.array(z.string()).optional(),
  }),
  result: z.object({
    folder: z.string(),
    chains: z.number().int(),
    /** Code units of trained and masked text. */
    trained: z.number().int(),
    masked: z.number().int(),
    files: z.record(z.string(), z.string()),
    /** Chains of the source that were left out, by reason; absent for `all`. */
    left: z.record(z.string(), z.number().int()).optional(),
  }),
} as const;
