import { z } from 'zod';
import { ReasoningForm } from '../../core/export/reasoning.ts';
import { WarningCounts } from '../../core/export/warnings.ts';
import { flag, positional } from '../../protocol/arguments.ts';
import { DamagedFile } from '../../protocol/damage.ts';
import { ExportArgs, ExportPlan, ExportTrouble } from '../../protocol/export.ts';
import { defineVerb } from '../define.ts';

export const exportVerbs = {
  export: defineVerb({
    summary: 'Write a training set: prompt/completion and messages rows with segments and loss mask, manifest and card',
    args: ExportArgs,
    result: z.object({
      /** With `plan`, where the export would be written if there is none of its name. */
      folder: z.string(),
      chains: z.number().int(),
      /** Number of rows by file. */
      rows: z.record(z.string(), z.number().int()),
      /** Code units of trained and masked text. */
      trained: z.number().int(),
      masked: z.number().int(),
      /** Rows with the thought apart from the answer, and where it is; absent without any. */
      apart: z.object({ rows: z.number().int(), form: ReasoningForm }).optional(),
      /** Chains that may not belong in a training set; a chain may have several warnings. */
      warnings: WarningCounts,
      /** Hashes of the written files; empty with `plan`. */
      files: z.record(z.string(), z.string()),
      /** Chains that were filtered out, by reason; absent without any choice that does so. */
      left: z.record(z.string(), z.number().int()).optional(),
      /** Why a training learns nothing from the rows; absent where none is known. */
      trouble: ExportTrouble.optional(),
      /** Files that the export read and of which not every line can be read: their content is missing. */
      damaged: z.array(DamagedFile),
      /** Only with `plan`. */
      plan: ExportPlan.optional(),
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
