import { defined } from '../../core/defined.ts';
import { problemGroups } from '../../core/examine/problem-groups.ts';
import { chatRow } from '../../core/export/forms/index.ts';
import {
  type Candidate,
  DEFAULT_CHOICES,
  EXPORT_FORMS,
  exportChain,
  type LeftOut,
  type Pair,
  type Paired,
  planRows,
  ROW_SETS,
  type RowChoices,
  type RowOverview,
  type RowPlan,
  type RowSet,
  reviewedText,
  rowOverview,
  withoutMask,
} from '../../core/export/index.ts';
import { CHAIN_WARNINGS } from '../../core/export/warnings.ts';
import { formatQuery, type Query } from '../../core/query/query.ts';
import type { ExportArgs, ExportPlan, ExportTrouble, PreviewRow } from '../../protocol/export.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
import { findModel } from '../../trainers/model.ts';
import { contextWarning } from '../../trainers/preflight/row-checks.ts';
import type { TemplateContext } from '../../trainers/template/thread.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { isSeparated, markOf, type SelectedChain, type SelectedChains, selectChains } from './candidates.ts';
import { pairsOf } from './pairs.ts';
import { previewOf, previewProblem, type ShownRow } from './preview.ts';
import { type PlannedProblems, planProblems } from './problems.ts';
import type { LaidOutArgs } from './reasoning.ts';
import { noProblems, oneLabel, whyEmpty } from './trouble.ts';

/** The rows of an export, planned from the index. */
export interface PlannedExport {
  selected: SelectedChains;
  rows: RowPlan<SelectedChain>;
  /** Only in forms of pairs; the rows are the chains of the pairs. */
  pairs?: Readonly<Record<RowSet, readonly Pair[]>>;
  choices: RowChoices;
  overview: RowOverview;
  /** Chains of the export's source without a row. */
  left: LeftOut[];
}

/** Plans an export. The same dataset and arguments give the same rows in the same order. @throws as selectChains; VerbError */
export async function planExport(
  dataset: Dataset,
  args: ExportArgs,
  context: Pick<VerbContext, 'signal' | 'log'>,
): Promise<PlannedExport> {
  const choices = choicesOf(args);
  if (choices.dedupe === 'near' && !dataset.index.isExamined) {
    const advice = 'Run “longhand doctor” on the dataset first, or use --dedupe exact.';
    throw new VerbError('Near-duplicate replies are not known yet.', advice);
  }
  const selected = await selectChains(dataset, args, context);
  const groupOf = choices.validation === 0 ? undefined : await groupsOf(dataset, selected.chains, context.signal);
  const chosen = planRows(selected.chains, choices, groupOf);
  const isPaired = EXPORT_FORMS[args.form ?? 'sft'].unit === 'pair';
  const paired = isPaired
    ? { train: pairsOf(dataset, chosen.train, args), validation: pairsOf(dataset, chosen.validation, args) }
    : undefined;
  const pairs = paired && { train: paired.train.pairs, validation: paired.validation.pairs };
  const rows = paired === undefined ? chosen : pairedRows(chosen, paired);
  const rowId = ({ id, source }: SelectedChain): string => (isSeparated(args) ? `${source}/${id}` : id);
  const left = rows.left.map(({ chain: { id, problemId, source }, reason, by }) => ({
    ...{ id, problem_id: problemId, source, reason },
    ...(by === undefined ? {} : { by: rowId(by) }),
  }));
  return {
    selected,
    rows,
    ...defined({ pairs }),
    choices,
    overview: rowOverview(rows),
    left: [...selected.left, ...left],
  };
}

/** The chains of the pairs; the others have no row. */
function pairedRows(rows: RowPlan<SelectedChain>, paired: Record<RowSet, Paired>): RowPlan<SelectedChain> {
  const left = [...rows.left];
  const [train, validation] = ROW_SETS.map((set) => {
    const { pairs, equal } = paired[set];
    const used = new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
    return rows[set].filter((chain) => {
      if (!used.has(chain.id)) left.push({ chain, reason: equal.has(chain.id) ? 'same-text' : 'unpaired' });
      return used.has(chain.id);
    });
  });
  return { train: train ?? [], validation: validation ?? [], left };
}

function choicesOf(args: ExportArgs): RowChoices {
  // Sources that are kept apart never repeat a text.
  const dedupe = isSeparated(args) && (args.dedupe ?? 'none') === 'none' ? 'exact' : args.dedupe;
  return {
    leaveOut: new Set(args.leaveOut),
    dedupe: dedupe ?? DEFAULT_CHOICES.dedupe,
    perProblem: args.perProblem,
    validation: args.validation ?? DEFAULT_CHOICES.validation,
    order: args.order ?? DEFAULT_CHOICES.order,
    seed: args.seed ?? DEFAULT_CHOICES.seed,
  };
}

/** The group of near-duplicate problems of each chain, from the texts of the problems. */
async function groupsOf(
  dataset: Dataset,
  chains: readonly SelectedChain[],
  signal: AbortSignal,
): Promise<(chain: Candidate) => string> {
  const byHash = new Map(chains.map(({ problem, problemId }) => [problem, problemId]));
  const hashes = [...byHash.keys()];
  const reader = new ChainReader(dataset);
  const texts: string[] = [];
  try {
    for (const id of byHash.values()) {
      signal.throwIfAborted();
      texts.push((await reader.problem(id)).problem);
    }
  } finally {
    await reader.close();
  }
  const first = problemGroups(texts);
  const groups = new Map(hashes.map((hash, i) => [hash, hashes[first[i] ?? i] ?? hash]));
  return ({ problem }) => groups.get(problem) ?? problem;
}

/** The plan as the page and `--plan` show it. */
export async function describePlan(
  dataset: Dataset,
  args: LaidOutArgs,
  planned: PlannedExport,
  context: TemplateContext,
): Promise<ExportPlan> {
  const { selected, choices, overview, left } = planned;
  const { tokens, classes, levels, lengths, median, longest } = overview;
  return {
    train: rowCounts(planned, 'train'),
    ...(choices.validation === 0 ? {} : { validation: rowCounts(planned, 'validation') }),
    atMost: mayNotFit(dataset, planned.rows, args),
    ...{ tokens, classes, levels, lengths, median, longest },
    warnings: warningsOf(selected, choices, args),
    selected: selected.chains.length,
    left: countBy(left, ({ reason }) => reason),
    ...defined({ trouble: troubleOf(planned, args), context: await beyondContext(planned, args) }),
    ...(await previewRows(dataset, planned, args, context)),
    choices: selected.choices,
  };
}

/** What a training with the model of the arguments truncates or can't learn. Of a chain, the tokens of the answer are known. */
async function beyondContext(
  { rows, overview }: PlannedExport,
  { model }: ExportArgs,
): Promise<ExportTrouble | undefined> {
  const base = model === undefined ? undefined : await findModel(model);
  if (base?.kind !== 'folder') return undefined;
  const lengths = ROW_SETS.flatMap((set) => rows[set].map(({ tokens }) => tokens));
  return contextWarning(lengths, base.path, overview.tokens.estimated ? 'about ' : '');
}

function troubleOf(planned: PlannedExport, args: ExportArgs): ExportTrouble | undefined {
  const labels = countBy(planned.rows.train, ({ label = true }) => String(label));
  const { message, advice } = whyEmpty(planned, args) ?? oneLabel(labels, args) ?? {};
  return message === undefined ? undefined : { message, ...defined({ advice }) };
}

/** The plan of a form of problems. */
export async function describeProblemPlan(
  dataset: Dataset,
  args: ExportArgs,
  context: Pick<VerbContext, 'signal' | 'log'>,
): Promise<ExportPlan> {
  const { rows, left, contaminated } = await planProblems(dataset, args, context);
  const { choices } = await selectChains(dataset, { dataset: args.dataset, select: args.select }, IN_SILENCE);
  const none = rowOverview({ train: [], validation: [] });
  return {
    train: { rows: rows.length, problems: rows.length },
    atMost: false,
    ...{ tokens: none.tokens, classes: {}, lengths: [], median: 0, longest: 0 },
    levels: countBy(rows, ({ problem: { level } }) => String(level ?? 'none')),
    warnings:
      contaminated === 0
        ? []
        : [{ id: 'contaminated', chains: contaminated, isLeftOut: args.leaveOut?.includes('contaminated') ?? false }],
    selected: rows.length + left.filter(({ reason }) => reason === 'warning').length,
    left: countBy(left, ({ reason }) => reason),
    ...(rows.length === 0 ? { trouble: noProblems(left.length) } : {}),
    preview: await Promise.all(rows.slice(0, PREVIEW_ROWS).map((row) => problemRow(dataset, row))),
    choices,
  };
}

async function problemRow(
  dataset: Dataset,
  { problem: { id }, known }: PlannedProblems['rows'][number],
): Promise<PreviewRow> {
  const problem = await dataset.problem(id);
  return previewProblem({ problem, ...known });
}

/** Counts only; what is left out is reported by another plan. */
const IN_SILENCE = { signal: new AbortController().signal, log: () => undefined };

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
}

/** Rows of a set, and the problems that they are about. */
export const rowCounts = ({ rows, pairs }: PlannedExport, set: RowSet): ExportPlan['train'] => ({
  rows: (pairs ?? rows)[set].length,
  problems: new Set(rows[set].map(({ problem }) => problem)).size,
});

/** Whether only the texts show that each of the chains has a row in the form. */
function mayNotFit(
  { index }: Dataset,
  { train, validation }: RowPlan<SelectedChain>,
  { form, layout }: LaidOutArgs,
): boolean {
  const { mask, takes } = EXPORT_FORMS[form ?? 'sft'];
  const chains = [...train, ...validation];
  if (takes === 'stepped') return chains.some(({ id }) => index.steps(id) === 'some');
  if (mask === 'prefix' && chains.some(({ trained, size }) => trained < size)) return true;
  // Where the reply has no end, its thought may have none.
  const canEnd = mask !== 'exact' || layout.form === 'plain';
  return canEnd && chains.some(({ id }) => index.chain(id)?.ended !== undefined);
}

function warningsOf(
  { chains, query }: SelectedChains,
  { leaveOut }: RowChoices,
  { select, source = 'all' }: ExportArgs,
): ExportPlan['warnings'] {
  const selection: Query = select === 'all' ? [] : [{ field: 'export', op: '=', values: [select] }];
  const origin: Query =
    source === 'all' || source === 'merged'
      ? []
      : [{ field: 'origin', op: '=', values: ['sampled'], ...(source === 'sampling' ? {} : { not: true as const }) }];
  return CHAIN_WARNINGS.flatMap((id) => {
    const number = chains.filter(({ warnings }) => warnings.includes(id)).length;
    if (number === 0) return [];
    const whole: Query = [...query, ...origin, ...selection, { field: 'warning', op: '=', values: [id] }];
    return [{ id, chains: number, isLeftOut: leaveOut.has(id), query: formatQuery(whole) }];
  });
}

/** Rows of each set that are shown. */
const PREVIEW_ROWS = 3;
/** Most chains of each set that are read for it: the form may not be able to express some. */
const PREVIEW_CHAINS = 50;

async function previewRows(
  dataset: Dataset,
  planned: PlannedExport,
  args: LaidOutArgs,
  context: TemplateContext,
): Promise<Pick<ExportPlan, 'preview' | 'template'>> {
  const shown: ShownRow[] = [];
  for (const set of ROW_SETS) {
    let left = planned.pairs === undefined ? PREVIEW_ROWS : 2 * PREVIEW_ROWS;
    for (const row of firstRows(planned, set)) {
      const one = await shownRow(dataset, row, set, args);
      if (one === undefined) continue;
      shown.push(one);
      left -= 1;
      if (left === 0) break;
    }
  }
  return previewOf(shown, args, context);
}

/** The first chains, of which some are shown, or those of the first pairs. */
function firstRows({ rows, pairs }: PlannedExport, set: RowSet): SelectedChain[] {
  if (pairs === undefined) return rows[set].slice(0, PREVIEW_CHAINS);
  const byId = new Map(rows[set].map((row) => [row.id, row]));
  return pairs[set].slice(0, PREVIEW_ROWS).flatMap(({ chosen, rejected }) => {
    const [right, wrong] = [byId.get(chosen), byId.get(rejected)];
    return right && wrong ? [right, { ...wrong, label: false }] : [];
  });
}

/** The row of a chain as messages; undefined where the form can't express it. */
async function shownRow(
  dataset: Dataset,
  row: SelectedChain,
  set: PreviewRow['set'],
  args: LaidOutArgs,
): Promise<ShownRow | undefined> {
  const chain = await dataset.chain(row.id);
  const form = EXPORT_FORMS[args.form ?? 'sft'];
  const reviewed = reviewedText(chain, await dataset.reviewActs(row.id), form.takes === 'stepped');
  // Only the text before an edit is rejected in such pairs.
  const { text, segments, spans } = args.pairs === 'edits' && row.label === false ? chain : reviewed;
  const shown = { ...reviewed, text, segments, spans };
  const review = args.unmasked ? withoutMask(shown) : shown;
  const problem = await dataset.problem(row.problemId);
  const marked = markOf(dataset, row, problem.problem, args);
  const exported = exportChain(chain, problem, review, marked, args.layout);
  const { messages, prefix } = exported;
  const label = row.label ?? true;
  if (form.unit === 'chain' && form.rows(exported, { label, review }).every((one) => one === undefined))
    return undefined;
  const made = form.mask === 'prefix' && prefix ? { messages: chatRow(prefix).messages, loss_mask: [] } : {};
  const steps = form.unit === 'chain' ? form.steps?.(review) : undefined;
  return { set, ...messages, ...made, ...defined({ label: row.label, steps }) };
}
