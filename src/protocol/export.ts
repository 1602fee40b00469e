import { z } from 'zod';
import { FileFormats } from '../core/export/features.ts';
import { FORM_IDS, PAIRINGS, PassRateBand } from '../core/export/forms/index.ts';
import { DEDUPES, ROW_ORDERS } from '../core/export/plan.ts';
import { PiecesAs, ReasoningForm } from '../core/export/reasoning.ts';
import { CHAIN_WARNINGS } from '../core/export/warnings.ts';
import { dataset, flag } from './arguments.ts';

const count = z.number().int().nonnegative();

/**
 * `dialogue`: chains of stage 1, handwritten and imported ones too. `sampling`: responses of stage 2. `merged`: both, by the rules of
 * docs/how-to/export-a-training-set.md. In these three each problem carries the sentence of its source. `all`: every chain, without the sentences.
 */
const ExportSource = z.enum(['all', 'dialogue', 'sampling', 'merged']);

/** Which rows an export has. */
export const ExportArgs = z.object({
  dataset,
  /** `accepted`: accepted by a reviewer and rejected by none. `passed`: passed the filters and the quota, with a reviewer's word on the answer in the place of the verdict, and rejected by none. `all`: whatever both decided. */
  select: flag(
    z.enum(['accepted', 'passed', 'all']).default('accepted'),
    'accepted (in review; the default), passed (the filters) or all (whatever filters and reviewers decided); forms of steps and of problems ignore it',
    { value: 'RULE' },
  ),
  form: flag(z.enum(FORM_IDS).optional(), `what a row is: ${FORM_IDS.join(', ')} (sft when absent)`, { value: 'FORM' }),
  pairs: flag(
    z.enum(PAIRINGS).optional(),
    'pairs of the form dpo: samples (right with wrong), length (of about equal length) or edits (after with before)',
    { value: 'PAIRING' },
  ),
  pairsPerProblem: count.min(1).max(1000).optional().describe('most pairs of a problem (default 4)'),
  passRate: flag(
    PassRateBand.optional(),
    'only problems whose share of correct samples is in this range, such as 0.1-0.9',
    {
      value: 'LOW-HIGH',
    },
  ),
  suspects: z.boolean().optional().describe('also problems whose samples agree on another answer than the gold answer'),
  source: ExportSource.optional().describe(
    'dialogue (stage 1), sampling (stage 2) or merged (both), each problem with the sentence of its source; all without (the default)',
  ),
  marker: z
    .enum(['dialogue', 'sampling'])
    .optional()
    .describe('each problem with the sentence of this source, wherever its chain comes from'),
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
  unmasked: z.boolean().optional().describe('train on masked text too, to compare it with the loss mask'),
  model: z.string().optional().describe('folder of the model to train, for --reasoning auto'),
  where: flag(z.string().optional(), 'only chains of a query; see the reference of queries', { value: 'QUERY' }),
  view: flag(z.string().min(1).optional(), 'only chains of a saved view of the chain table', { value: 'NAME' }),
  leaveOut: flag(
    z.array(z.enum(CHAIN_WARNINGS)).optional(),
    `no chains with these warnings: ${CHAIN_WARNINGS.join(', ')}`,
    { value: 'WARNING' },
  ),
  dedupe: flag(
    z.enum(DEDUPES).optional(),
    'none (the default), exact (one row of equal texts of a problem) or near (also one of near-duplicate replies of a problem)',
    { value: 'HOW' },
  ),
  perProblem: count.min(1).optional().describe('rows of a problem at most, drawn with the seed'),
  validation: z
    .number()
    .min(0)
    .max(0.5)
    .optional()
    .describe('share of the rows for validation, 0 to 0.5; near-duplicate problems are never in both sets'),
  order: flag(
    z.enum(ROW_ORDERS).optional(),
    'stored (the default), problem (rows of a problem together), easy (by pass rate, then level) or shuffled',
    { value: 'ORDER' },
  ),
  seed: count.max(0xffff_ffff).optional().describe('of what is drawn or shuffled (default 42)'),
  files: FileFormats.optional().describe('files of the rows: jsonl (the default), parquet or both'),
  name: z.string().optional().describe('name of the export'),
  strict: z.boolean().optional().describe('export nothing, with exit code 3, where a line that it needs can’t be read'),
  plan: z.boolean().optional().describe('show the rows, their tokens and warnings, and write nothing'),
});
export type ExportArgs = z.infer<typeof ExportArgs>;

/** What prevents an export, or makes its rows useless for a training, and what to do about it. */
export const ExportTrouble = z.object({ message: z.string(), advice: z.string().optional() });
export type ExportTrouble = z.infer<typeof ExportTrouble>;

/** Rows, and the problems that they are about. */
const RowCounts = z.object({ rows: count, problems: count });

/** A row as the page shows it. */
export const PreviewRow = z.object({
  id: z.string(),
  set: z.enum(['train', 'validation']),
  problem: z.string(),
  /**
   * Texts with one value of the loss mask: the assistant's thought, if it is apart, then the content. Where the chat template of a model renders the row, all
   * of its text, with what the template writes.
   */
  parts: z.array(
    z.object({ text: z.string(), train: z.boolean(), part: z.enum(['template', 'reasoning', 'content']) }),
  ),
  /** In a form of problems, which has no texts of the assistant: the gold answer, and the columns that have a value. */
  answer: z.string().optional(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  /** In a form of steps, which has no other texts of the assistant: the steps with their labels as they are written. */
  steps: z.array(z.object({ text: z.string(), label: z.string() })).optional(),
  /** In a form that labels chains: an example to follow or not. */
  label: z.boolean().optional(),
  /** The shown texts are shortened. */
  shortened: z.boolean(),
});
export type PreviewRow = z.infer<typeof PreviewRow>;

/** What an export would write. */
export const ExportPlan = z.object({
  train: RowCounts,
  /** Absent without a split. */
  validation: RowCounts.optional(),
  /** There may be fewer rows: only the texts show which chains can be written in the form. */
  atMost: z.boolean(),
  /** Of the answers. Estimated where a server did not count them, and for their trained and masked parts. */
  tokens: z.object({ all: count, trained: count, masked: count, estimated: z.boolean() }),
  /** Rows by class, and by level as `3` or a name; `none` without. */
  classes: z.record(z.string(), count),
  levels: z.record(z.string(), count),
  /** Rows by tokens of the answer: `to` is exclusive. */
  lengths: z.array(z.object({ from: count, to: count, rows: count })),
  median: count,
  longest: count,
  /** Of the selected chains, or of problems in a form of them, before any is left out. */
  warnings: z.array(
    z.object({
      id: z.enum(CHAIN_WARNINGS),
      chains: count,
      isLeftOut: z.boolean(),
      /** Shows the chains in the chain table; absent for problems. */
      query: z.string().optional(),
    }),
  ),
  /** Selected chains, and those without a row by reason. */
  selected: count,
  left: z.record(z.string(), count),
  /** Why there is no row for training, or why a training learns nothing from the rows. */
  trouble: ExportTrouble.optional(),
  /** Rows that are longer than the context of the model; absent without any, and without a model. */
  context: ExportTrouble.optional(),
  preview: z.array(PreviewRow),
  /** The model whose chat template renders the preview, or why it can't; absent without a model or in a form without messages. */
  template: z.object({ model: z.string(), trouble: z.string().optional() }).optional(),
  /** What can be chosen: numbers of chains, and names of saved views. */
  choices: z.object({
    accepted: count,
    passed: count,
    sources: z.object({ dialogue: count, sampling: count }),
    rounds: z.record(z.string(), count),
    views: z.array(z.string()),
    /** Near-duplicate replies are known from an examination. */
    isExamined: z.boolean(),
  }),
});
export type ExportPlan = z.infer<typeof ExportPlan>;
