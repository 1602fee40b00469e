import { z } from 'zod';
import { FIELD_NAMES, type FieldName } from '../../core/query/fields.ts';
import { CalibrationReport } from '../../core/review/calibration/model.ts';
import { Behaviour, ChainClass, Decision, Outcome, STEP_LABELS } from '../../core/schemas/index.ts';
import { dataset, flag, positional } from '../../protocol/arguments.ts';
import { JudgeArgs, JudgePlan, JudgeSummary } from '../../protocol/judge.ts';
import { JudgeEvalArgs, JudgeEvalPlan, JudgeEvalReport } from '../../protocol/judge-eval.ts';
import { RefilterResult, RefitResult, RemarkResult } from '../../protocol/rework.ts';
import { policy, readJson, readOptionalModel, rounds, rowsOut, workers } from '../arguments.ts';
import { UsageError } from '../context.ts';
import { defineVerb } from '../define.ts';

const count = z.number().int();

/** Fields that chains can be sorted by. */
const SORTABLE = FIELD_NAMES.filter((name) => name !== 'note' && name !== 'text') as [SortField, ...SortField[]];
type SortField = Exclude<FieldName, 'note' | 'text'>;

/** A chain as `chains` lists it. */
const ListedChain = z.object({
  id: z.string(),
  problem: z.string(),
  round: z.string(),
  model: z.string(),
  level: z.string().optional(),
  topic: z.string().optional(),
  class: ChainClass.optional(),
  /** Absent for a file, unless the query or the order needs grades. */
  verdict: z.string().optional(),
  first: Outcome.optional(),
  tokens: count,
  /** Share of right first answers of the problem, 0 to 1. */
  passRate: z.number().optional(),
  /** Ids of failed filters, or `quota`. */
  failed: z.array(z.string()),
  decision: Decision,
});

/** The number of a step from 1, and its label. */
const StepFlag = z
  .string()
  .regex(
    new RegExp(`^[1-9]\\d{0,5}=(?:${[...STEP_LABELS, 'none'].join('|')})$`),
    `a number and ${STEP_LABELS.join(', ')} or none are needed, such as 4=neutral`,
  );
const FirstWrongFlag = z
  .string()
  .regex(/^(?:[1-9]\d{0,5}|none|unset)$/, 'the number of a step, none or unset is needed');

/** Verbs about what is in a chain: behaviours and filters. */
export const reviewVerbs = {
  annotate: defineVerb({
    summary:
      'Mark sentences, behaviours and candidate answers in rows of JSONL that hold a text; prints the same rows with them',
    args: z.object({
      file: positional(z.string().min(1), 'file of rows; - is stdin'),
      textKey: flag(
        z.string().min(1).default('text'),
        'where the text is in a row; a dotted path reaches into objects',
        { value: 'NAME' },
      ),
      /** By which candidates are compared with a row's `gold`. */
      policy,
      dataset: flag(z.string().min(1).optional(), 'mark with the classifier of this dataset', { value: 'DATASET' }),
      workers,
      out: rowsOut,
    }),
    result: z.object({
      rows: count,
      /** Rows without a text. */
      bad: count,
      characters: count,
      sentences: count,
      spans: z.record(Behaviour, count),
      candidates: count,
      out: z.string().optional(),
      seconds: z.number(),
    }),
    load: () => import('./annotate.ts'),
  }),
  share: defineVerb({
    summary: 'Write the chains that match a query as a page for any browser, to read without VS Code',
    args: z.object({
      dataset,
      where: flag(z.string().optional(), 'a query; see the reference of queries', { value: 'QUERY' }),
      out: flag(z.string().min(1), 'the page, an HTML file', { value: 'FILE' }),
      names: z.boolean().optional().describe('with the names of reviewers, in place of pseudonyms'),
    }),
    result: z.object({ file: z.string(), chains: count, bytes: count }),
    load: () => import('./share.ts'),
  }),
  chains: defineVerb({
    summary:
      'List the chains of a dataset or a file of traces that match a query, such as tokens > 4000 and failed = repetition',
    args: z.object({
      source: positional(z.string().min(1), 'folder of the dataset, or a file of traces as it is', 'DATASET|FILE'),
      where: flag(z.string().optional(), 'a query; see the reference of queries', { value: 'QUERY' }),
      reviewer: flag(z.string().min(1).optional(), 'whose decisions and edits count; all reviewers when absent', {
        value: 'NAME',
      }),
      sort: flag(z.enum(SORTABLE).optional(), 'field to sort by; as stored when absent', { value: 'FIELD' }),
      descending: z.boolean().optional().describe('the other way round'),
      limit: count.min(1).default(100).describe('list N chains at most'),
    }),
    result: z.object({
      /** Chains that match, and all chains of the source. */
      total: count,
      all: count,
      chains: z.array(ListedChain),
    }),
    load: () => import('./chains.ts'),
  }),
  review: defineVerb({
    summary:
      'Accept, reject, tag, assign or write a note on all chains of a query, in one act that one undo reverses; or label a step of one chain',
    args: z.object({
      dataset,
      where: flag(z.string().optional(), 'a query; see the reference of queries', { value: 'QUERY' }),
      reviewer: flag(z.string().min(1), 'who acts', { value: 'NAME' }),
      accept: z.boolean().optional().describe('accept the chains'),
      reason: flag(z.string().regex(/\S/, 'a reason is needed').optional(), 'why the chains are accepted', {
        value: 'REASON',
      }),
      reject: flag(z.string().optional(), 'reject the chains, with this reason', { value: 'REASON' }),
      tag: flag(z.string().optional(), 'add a tag', { value: 'TAG' }),
      untag: flag(z.string().optional(), 'remove a tag', { value: 'TAG' }),
      note: flag(z.string().optional(), 'write a note, which replaces the reviewer’s earlier one', { value: 'TEXT' }),
      assign: flag(z.string().optional(), 'ask a reviewer to review the chains', { value: 'NAME' }),
      step: flag(StepFlag.optional(), 'label a step of one chain, such as 4=neutral; N=none removes the label', {
        value: 'N=LABEL',
      }),
      firstWrongStep: flag(
        FirstWrongFlag.optional(),
        'number of the first wrong step of one chain, none where no step is wrong, or unset',
        { value: 'N' },
      ),
      undo: flag(z.string().min(1).optional(), 'undo an earlier act on several chains', { value: 'ID' }),
      plan: z.boolean().optional().describe('show what it would change, and write nothing'),
    }),
    result: z.object({
      /** What the act does; absent for an undo. */
      description: z.string().optional(),
      /** For `undo`; absent when nothing was written. */
      batch: z.string().optional(),
      changed: count,
      /** Chains that stay as they are. */
      kept: count,
      /** Accepted chains that are graded incorrect and not overruled. */
      incorrect: count.default(0),
      undone: z.boolean(),
    }),
    read: readReview,
    load: () => import('./review.ts'),
  }),
  judge: defineVerb({
    summary: 'Let a model label the behaviours of chains; calls in its journal are not paid again',
    args: JudgeArgs,
    /** Without a summary when only the plan was requested, or nothing is left to judge. */
    result: z.object({ plan: JudgePlan, summary: JudgeSummary.optional() }),
    read: readOptionalModel,
    load: () => import('./judge.ts'),
  }),
  'judge-eval': defineVerb({
    summary:
      'Measure a judge against labels by people: F1, κ, precision, recall and cost; paid calls are not paid again',
    args: JudgeEvalArgs,
    /** Without a report when only the plan was requested. */
    result: z.object({ plan: JudgeEvalPlan, report: JudgeEvalReport.optional() }),
    read: readOptionalModel,
    load: () => import('./judge-eval.ts'),
  }),
  calibrate: defineVerb({
    summary: 'Measure the classifiers of behaviours by a curator’s labels, or draw sentences to label',
    args: z.object({
      dataset,
      calibration: flag(z.string().optional(), 'calibration to show; the latest when absent', { value: 'NAME' }),
      draw: count.min(10).max(1000).optional().describe('draw N sentences to label in the editor'),
      sameAs: flag(z.string().optional(), 'label the same sentences as another reviewer', { value: 'NAME' }),
      order: z
        .enum(['random', 'learning'])
        .optional()
        .describe('random to measure (the default), or learning: first those that teach the classifier most'),
      reviewer: flag(z.string().min(1).optional(), 'who labels what is drawn', { value: 'NAME' }),
      seed: count.nonnegative().optional().describe('the same seed draws the same sentences'),
    }),
    result: CalibrationReport,
    read: readCalibration,
    load: () => import('./calibrate.ts'),
  }),
  refit: defineVerb({
    summary:
      'Update the classifier of behaviours from the labels of a dataset, without a model; writes it with --apply',
    args: z.object({
      dataset,
      apply: z.boolean().optional().describe('write the updated classifier into the dataset, if it is better'),
      off: z.boolean().optional().describe('mark with the shipped classifier from now on'),
      on: z.boolean().optional().describe('mark with the updated classifier again'),
    }),
    result: RefitResult,
    read: readRefit,
    load: () => import('./refit.ts'),
  }),
  remark: defineVerb({
    summary:
      'Mark the behaviours of all chains again with the classifier in use; shows what changes, and writes it with --apply',
    args: z.object({
      dataset,
      rounds,
      apply: z.boolean().optional().describe('write the new marks into the rounds'),
    }),
    result: RemarkResult,
    load: () => import('./remark.ts'),
  }),
  refilter: defineVerb({
    summary:
      'Run the filters over all chains of a dataset again, without a model; shows what changes, and writes it with --apply',
    args: z.object({
      dataset,
      rounds,
      /** See FilterSettings. */
      set: flag(
        z.record(z.string(), z.unknown()).optional(),
        'other thresholds than those of longhand.json, such as minLength=40,off=equations,language; or JSON',
        { value: 'NAME=VALUE,…', kind: 'text' },
      ),
      apply: z.boolean().optional().describe('write what changes into the rounds'),
    }),
    result: RefilterResult,
    read: readSet,
    load: () => import('./refilter.ts'),
  }),
};

function readReview(
  {
    accept,
    reason,
    reject,
    tag,
    untag,
    note,
    assign,
    step,
    firstWrongStep,
    undo,
    where,
    plan,
  }: Record<string, unknown>,
  verb: string,
): void {
  const acts = [accept || undefined, reject, tag, untag, note, assign, step, firstWrongStep, undo];
  if (acts.filter((one) => one !== undefined).length !== 1) {
    const flags = '--accept, --reject, --tag, --untag, --note, --assign, --step, --first-wrong-step and --undo';
    throw new UsageError(`Give one of ${flags}.`, verb);
  }
  if (reason !== undefined && !accept)
    throw new UsageError('--reason goes with --accept. --reject takes the reason of a rejection.', verb);
  if (undo === undefined && where === undefined)
    throw new UsageError('Give --where; an empty query is all chains.', verb);
  if (undo !== undefined && (where !== undefined || plan))
    throw new UsageError('--undo goes without --where and --plan.', verb);
}

function readRefit({ apply, off, on }: Record<string, unknown>, verb: string): void {
  if ([apply, off, on].filter(Boolean).length > 1) throw new UsageError('Give one of --apply, --off and --on.', verb);
}

function readCalibration(
  { draw, sameAs, reviewer, calibration, seed, order }: Record<string, unknown>,
  verb: string,
): void {
  const asks = [draw, sameAs, calibration].filter((one) => one !== undefined).length;
  if (asks > 1) throw new UsageError('Give one of --calibration, --draw and --same-as.', verb);
  const makes = draw !== undefined || sameAs !== undefined;
  if (makes !== (reviewer !== undefined)) {
    throw new UsageError('--reviewer goes with --draw or --same-as, and these with it.', verb);
  }
  if (seed !== undefined && draw === undefined) throw new UsageError('--seed goes with --draw.', verb);
  if (order !== undefined && draw === undefined) throw new UsageError('--order goes with --draw.', verb);
}

/** `minLength=40,off=equations,language`: a part without a name belongs to the list before it. */
function readSet(given: Record<string, unknown>, verb: string): void {
  if (typeof given.set !== 'string') return;
  const text = given.set.trim();
  given.set = text.startsWith('{') ? readJson(text, '--set', verb) : readThresholds(text, verb);
}

function readThresholds(text: string, verb: string): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  let list: string[] | undefined;
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(part) ?? [];
    if (name === 'off') set.off = list = value ? [value] : [];
    else if (name !== undefined) {
      list = undefined;
      set[name] = value === '' ? Number.NaN : Number(value);
      if (Number.isNaN(set[name])) throw new UsageError(`--set: ${name} must be a number.`, verb);
    } else if (list && part !== '') list.push(part);
    else throw new UsageError(`--set: “${part}” is not NAME=VALUE.`, verb);
  }
  return set;
}
