import { z } from 'zod';
import { ExaminationReport } from '../../core/examine/finding.ts';
import { SEVERITIES } from '../../core/examine/kinds.ts';
import { ColumnMapping, HubOrigin, TraceMapping } from '../../core/schemas/index.ts';
import { dataset, engine, flag, flags, positional } from '../../protocol/arguments.ts';
import { BadLine, DamagedFile, RepairedFile } from '../../protocol/damage.ts';
import { DashboardReport, Figure } from '../../protocol/dashboard.ts';
import { RoundResult, RoundStatus } from '../../protocol/runner.ts';
import { BatchOptions } from '../../protocol/sampling.ts';
import { Detached, detach, policy, readEngine, round, strict, workers } from '../arguments.ts';
import { defineVerb } from '../define.ts';

const count = z.number().int();
/** Path, or `hf:…`; see parseHubName. */
const file = positional(z.string().min(1), 'path, or a set on the Hugging Face hub as hf:OWNER/NAME');
const name = z.string().optional().describe('name of the file or round');
const column = (what: string) => ({ value: 'COLUMN', help: `column of the ${what}` });
/** Columns that problems and traces may both have. */
const columns = {
  id: column('id'),
  level: column('level'),
  topic: column('topic'),
  source: column('source'),
  licence: column('licence'),
};
const answerFrom = { value: 'HOW', help: 'plain, boxed (last \\boxed{}) or hash (after ####)' };

/** In place of the recognised columns. */
const traceMapping = flags(TraceMapping.partial().optional(), {
  problem: column('problem, or of chats that hold both; a dotted path reaches into objects'),
  input: column('text that follows the problem'),
  trace: column('trace, or of a list of traces'),
  reasoning: column('reasoning that is stored apart from the reply'),
  answer: column('trusted answer'),
  'answer-from': answerFrom,
  'problem-id': column('id of the problem'),
  model: column('model that wrote the trace'),
  finish: column('reason why the model stopped'),
  ...columns,
});

/** Verbs about a dataset as a whole: its files, and the state of its rounds. */
export const datasetVerbs = {
  init: defineVerb({
    summary: 'Make a folder a dataset',
    args: z.object({ dataset, name: z.string().optional().describe('name of the dataset') }),
    result: z.object({ dataset: z.string(), id: z.string() }),
    load: () => import('./init.ts'),
  }),
  sample: defineVerb({
    summary: 'Copy the sample dataset into a folder that does not exist yet or is empty',
    args: z.object({ dataset }),
    result: z.object({ dataset: z.string(), problems: count, chains: count }),
    load: () => import('./sample.ts'),
  }),
  preview: defineVerb({
    summary: 'Show the first rows of a file, or of a set on the Hugging Face hub, and how its columns are recognised',
    args: z.object({ file }),
    result: z.object({
      format: z.string(),
      rows: z.array(z.unknown()),
      /** Or why the columns are not recognised. */
      mapping: ColumnMapping.optional(),
      reason: z.string().optional(),
      /** The columns of traces, if they are recognised. */
      traces: TraceMapping.optional(),
      hub: HubOrigin.optional(),
    }),
    load: () => import('./preview.ts'),
  }),
  view: defineVerb({
    summary: 'Open a file of traces in the editor, where it is; a set on the hub is copied into a folder first',
    args: z.object({
      file,
      into: flag(z.string().min(1).optional(), 'folder for the copy of a set; the current one when absent', {
        value: 'FOLDER',
      }),
      noEditor: z.boolean().optional().describe('only check the file or copy the set'),
    }),
    result: z.object({
      file: z.string(),
      /** What opened it. */
      program: z.string().optional(),
    }),
    load: () => import('./view.ts'),
  }),
  import: defineVerb({
    summary: 'Import problems from JSONL, JSON, CSV or Parquet, or a set on the Hugging Face hub',
    args: z.object({
      dataset,
      file,
      name,
      benchmark: z.boolean().optional().describe('problems that must not be trained on; see docs/reference/filters.md'),
      /** In place of the recognised columns. */
      mapping: flags(ColumnMapping.partial().optional(), {
        problem: column('problem; a dotted path reaches into objects'),
        answer: column('trusted answer'),
        'answer-from': answerFrom,
        solution: column('worked solution'),
        ...columns,
      }),
    }),
    result: z.object({
      file: z.string(),
      rows: count,
      imported: count,
      duplicates: count,
      bad: z.array(BadLine),
      seconds: z.number(),
    }),
    load: () => import('./import.ts'),
  }),
  'import-traces': defineVerb({
    summary:
      'Import chains of thought: chats, prompt/completion, generations, Alpaca, Inspect logs or problem/trace rows',
    args: z.object({
      dataset,
      file: positional(
        z.string().min(1),
        'path, an export as its folder, or a set or export on the Hugging Face hub as hf:OWNER/NAME',
      ),
      name,
      mapping: traceMapping,
      reviews: z
        .boolean()
        .optional()
        .describe('take along what was decided in the editor of the file, from FILE.longhand.jsonl'),
    }),
    result: z.object({
      round: z.string(),
      /** Of an export: every round that was written. */
      rounds: z.array(z.string()),
      rows: count,
      traces: count,
      newProblems: count,
      duplicates: count,
      outcomes: z.record(z.string(), count),
      passed: count,
      bad: z.array(BadLine),
      /** Acts that were taken along. */
      reviews: count.optional(),
      seconds: z.number(),
    }),
    load: () => import('./import-traces.ts'),
  }),
  doctor: defineVerb({
    summary:
      'Examine a file, a set on the hub or a dataset: duplicates, truncated replies, wrong answers and other faults',
    args: z.object({
      source: positional(
        z.string().min(1),
        'file, set on the Hugging Face hub as hf:OWNER/NAME, or folder of a dataset',
      ),
      out: flag(
        z.string().min(1).optional(),
        'folder of the report; absent: examination/ of the dataset, or beside the file',
        {
          value: 'FOLDER',
        },
      ),
      failOn: flag(
        z.enum([...SEVERITIES, 'never']).default('error'),
        'exit code 4 for findings of this severity or worse',
      ),
      benchmarks: flag(z.array(z.string()).optional(), 'files or sets that must not be trained on', {
        value: 'FILE,…',
      }),
      policy,
      mapping: traceMapping,
      workers,
    }),
    result: z.object({
      report: ExaminationReport,
      /** Of the report, the findings and, while it runs, the journal. */
      folder: z.string(),
      /** Rows that an earlier run of this examination had examined. */
      resumed: count,
    }),
    load: () => import('./doctor.ts'),
  }),
  status: defineVerb({
    summary: 'Show what a dataset holds, the state of its rounds, and its damaged lines',
    args: z.object({ dataset, strict }),
    result: z.object({
      dataset: z.string(),
      name: z.string(),
      problems: count,
      chains: count,
      accepted: count,
      rejected: count,
      pending: count,
      rounds: z.array(RoundStatus),
      /** Files of which not every line can be read. */
      damaged: z.array(DamagedFile),
    }),
    load: () => import('./status.ts'),
  }),
  dashboard: defineVerb({
    summary: 'Show where chains are lost, pass rates, lengths, behaviours, reviewers and tokens of all rounds',
    args: z.object({
      dataset,
      figure: Figure.optional().describe('the figure whose numbers --csv writes'),
      csv: flag(z.string().min(1).optional(), 'where the numbers of the figure are written', { value: 'FILE' }),
    }),
    result: DashboardReport,
    load: () => import('./dashboard.ts'),
  }),
  repair: defineVerb({
    summary: 'Move lines that can’t be read from the files of a dataset to a file beside each',
    args: z.object({
      dataset,
      files: z.array(z.string()).optional().describe('only these files, relative to the dataset'),
      plan: z.boolean().optional().describe('list what would be moved, and change nothing'),
    }),
    result: z.object({
      /** What was damaged before. */
      damaged: z.array(DamagedFile),
      repaired: z.array(RepairedFile),
      /** Files that could not be repaired. */
      skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
    }),
    load: () => import('./repair.ts'),
  }),
  resume: defineVerb({
    summary: 'Resume a round whose runner stopped; calls in its journal are not paid again',
    args: z.object({
      dataset,
      round,
      /** Of a sampling round: sends what is left there. Batches that were started are collected in any case. */
      engine,
      /** With an engine only. */
      batch: BatchOptions.optional(),
      detach,
    }),
    result: z.union([RoundResult, Detached]),
    read: readEngine,
    load: () => import('./resume.ts'),
  }),
  cancel: defineVerb({
    summary: 'Stop a running round at the next call; it can be resumed',
    args: z.object({ dataset, round }),
    result: z.object({ round: z.string(), state: z.string() }),
    load: () => import('./cancel.ts'),
  }),
};
