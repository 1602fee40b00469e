import { z } from 'zod';
import { FORM_IDS, PAIRINGS, PassRateBand } from '../../core/export/forms/index.ts';
import { PiecesAs, ReasoningForm } from '../../core/export/reasoning.ts';
import { WarningCounts } from '../../core/export/warnings.ts';
import { dataset, flag, positional } from '../../protocol/arguments.ts';
import { DamagedFile } from '../../protocol/damage.ts';
import { defineVerb } from '../define.ts';

/**
 * `dialogue`: chains of stage 1, handwritten and imported ones too. `sampling`: responses of stage 2. `merged`: both, by the rules of
 * docs/how-to/export-a-training-set.md. In these three each problem carries the sentence of its source. `all`: every chain, without the sentences.
 */
export const ExportSource = z.enum(['all', 'dialogue', 'sampling', 'merged']);
export type ExportSource = z.infer<typeof ExportSource>;

export const exportVerbs = {
  export: defineVerb({
    summary: 'Write a training set: prompt/completion and messages rows with segments and loss mask, manifest and card',
    args: z.object({
      dataset,
      /** `accepted`: accepted by a reviewer and rejected by none. `passed`: passed the filters and the quota, with a reviewer's word on the answer in the place of the verdict, and rejected by none. */
      select: flag(
        z.enum(['accepted', 'passed']).default('accepted'),
        'accepted (in review; the default) or passed (the filters)',
        { value: 'RULE' },
      ),
      form: flag(z.enum(FORM_IDS).optional(), `what a row is: ${FORM_IDS.join(', ')} (sft when absent)`, {
        value: 'FORM',
      }),
      pairs: flag(
        z.enum(PAIRINGS).optional(),
        'pairs of the form dpo: samples (right with wrong), length (of about equal length) or edits (after with before)',
        { value: 'PAIRING' },
      ),
      pairsPerProblem: z.number().int().min(1).max(1000).optional().describe('most pairs of a problem (4)'),
      passRate: flag(PassRateBand.optional(), 'only problems with a mean pass rate in this range, such as 0.1-0.9', {
        value: 'LOW-HIGH',
      }),
      suspects: z
        .boolean()
        .optional()
        .describe('also problems whose samples agree on another answer than the gold answer'),
      seed: z.number().int().nonnegative().optional().describe('of random choices (42)'),
      source: ExportSource.optional().describe(
        'dialogue (stage 1), sampling (stage 2) or merged (both), each problem with the sentence of its source; all without (the default)',
      ),
      rounds: z.array(z.string()).optional().describe('only chains of these rounds'),
      chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
      reasoning: flag(
        z.enum(['auto', ...ReasoningForm.options]).optional(),
        'where rows have the thought of a chain: in reasoning_content or thinking beside the answer, in tags or plain before it; auto takes what the chat template of --model reads (the default; reasoning_content without a model)',
        { value: 'FORM' },
      ),
      pieces: flag(
        PiecesAs.optional(),
        'chains written by pieces: all is the answer (answer, the default), or all before the summary is the thought (thought)',
        { value: 'AS' },
      ),
      model: z.string().optional().describe('folder of the model to train, for --reasoning auto'),
      name: z.string().optional().describe('name of the export'),
      strict: z
        .boolean()
        .optional()
        .describe('export nothing, with exit code 3, where a line that it needs can’t be read'),
    }),
    result: z.object({
      folder: z.string(),
      chains: z.number().int(),
      /** Number of rows by file. */
      rows: z.record(z.string(), z.number().int()),
      /** Code units of trained and masked text. */
      trained: z.number().int(),
      masked: z.number().int(),
      /** Rows with the thought apart from the answer, and where it is; absent without any. */
      apart: z.object({ rows: z.number().int(), form: ReasoningForm }).optional(),
      /** Chains that may not belong in a training set; a chain may have both warnings. */
      warnings: WarningCounts,
      files: z.record(z.string(), z.string()),
      /** Chains of the source that were filtered out, by reason; absent for `all`. */
      left: z.record(z.string(), z.number().int()).optional(),
      /** Files that the export read and of which not every line can be read: their content is missing. */
      damaged: z.array(DamagedFile),
    }),
    load: () => import('./export.ts'),
  }),
  publish: defineVerb({
    summary:
      'Publish an export to a dataset repository on the Hugging Face hub, after a plan; HF_TOKEN holds the token',
    args: z.object({
      export: positional(z.string().min(1), 'folder of an export', 'EXPORT'),
      to: flag(z.string().min(1), 'the repository', { value: 'OWNER/NAME' }),
      plan: z.boolean().optional().describe('show what would be uploaded, and upload nothing'),
      confirm: flag(z.string().optional(), 'upload what the plan of this number shows', { value: 'NUMBER' }),
      public: z.boolean().optional().describe('anyone can read the repository; a new one is private without it'),
      licence: flag(
        z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]{0,60}$/)
          .optional(),
        'licence of the set, as the hub names it (cc-by-4.0)',
        {
          value: 'LICENCE',
        },
      ),
      reviews: z.boolean().optional().describe('with decisions, notes and tags of the reviewers'),
      reviewerNames: z.boolean().optional().describe('with the names of reviewers, in place of pseudonyms'),
      allowSensitive: z.boolean().optional().describe('publish although keys or personal data were found'),
    }),
    result: z.object({
      repo: z.string(),
      host: z.string(),
      url: z.string(),
      visibility: z.enum(['private', 'public']),
      /** The repository exists already. */
      exists: z.boolean(),
      licence: z.string(),
      rows: z.number().int(),
      files: z.array(
        z.object({ path: z.string(), bytes: z.number().int(), state: z.enum(['new', 'changed', 'same']) }),
      ),
      /** Other files of the repository, which stay. */
      others: z.number().int(),
      /** On contamination, duplicates and verdicts. */
      statements: z.array(z.string()),
      /** Places with keys or personal data, which the excerpts hide; the first ones. */
      sensitive: z.array(
        z.object({ file: z.string(), line: z.number().int(), reason: z.string(), excerpt: z.string() }),
      ),
      sensitiveCount: z.number().int(),
      /** Path of the card as it would be published. */
      card: z.string(),
      /** Number of the plan. */
      confirm: z.string(),
      /** Why it can't be published with these options. */
      blocked: z.string().optional(),
      /** After the upload: the commit, and the number of files that were not there before. */
      commit: z.string().optional(),
      uploaded: z.number().int().optional(),
    }),
    load: () => import('./publish.ts'),
  }),
};
