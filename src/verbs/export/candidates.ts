import {
  chainLabel,
  EXPORT_FORMS,
  isSelected,
  type LeftOut,
  type MeasuredChain,
  reviewedText,
  sourceOf,
  whyNot,
} from '../../core/export/index.ts';
import type { ChainWarning } from '../../core/export/warnings.ts';
import { parseQuery } from '../../core/query/parse.ts';
import type { Query } from '../../core/query/query.ts';
import type { TableView } from '../../core/review/table/view.ts';
import { markProblem, selectResponses } from '../../core/sampling/index.ts';
import type { ExportArgs, ExportPlan } from '../../protocol/export.ts';
import { choiceColumn, type Dataset, numberColumn, queryPositions, textHash } from '../../store/index.ts';
import { plainName } from '../../store/names.ts';
import { readViews } from '../../store/views.ts';
import { type VerbContext, VerbError } from '../context.ts';

/** A chain that is selected for an export. */
export interface SelectedChain extends MeasuredChain {
  /** In the index. */
  position: number;
  round: string;
}

/** The chains of an export before its rows are planned. */
export interface SelectedChains {
  chains: SelectedChain[];
  /** Chains of the source that are not selected; only where the export separates the sources. */
  left: LeftOut[];
  /** Number of chains in the rounds and the query. */
  inScope: number;
  /** The query that the export is limited to: of its rounds, its saved view and its query. */
  query: Query;
  choices: ExportPlan['choices'];
}

/**
 * Finds the chains of an export. Of texts, only edited ones are read, and those of which several rounds kept responses.
 * @throws QueryError; StoreError `unknown-round`; VerbError for an unknown view
 */
export async function selectChains(
  dataset: Dataset,
  args: ExportArgs,
  { signal, log }: Pick<VerbContext, 'signal' | 'log'>,
): Promise<SelectedChains> {
  const { index } = dataset;
  const { takes, mask } = EXPORT_FORMS[args.form ?? 'sft'];
  const views = await readViews(dataset.folder);
  for (const round of args.rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const query = queryOf(args, views);
  const hasText = await dataset.searchTexts(query, { signal });
  const found: SelectedChains = { chains: [], left: [], inScope: 0, query, choices: choicesOf(dataset, views) };
  const measure = measuredBy(dataset, args);
  const named = args.chains && new Set(args.chains);
  for (const position of queryPositions(index, query, { hasText })) {
    const id = index.chainTable.rows.value(position, 'id');
    if (named?.has(id) === false) continue;
    const label = decide(dataset, position, args, found);
    if (label === undefined) continue;
    if (index.problemAt[position] !== -1)
      found.chains.push(
        takes === 'selected'
          ? measure(position)
          : labelled(measure(position), takes === 'labelled' ? label : undefined),
      );
    else
      log(
        `Chain ${id} is filtered out: its problem ${index.chainTable.rows.value(position, 'problemId')} is not in the dataset.`,
      );
  }
  await readEdited(dataset, found.chains, EXPORT_FORMS[args.form ?? 'sft'].takes === 'stepped');
  if (mask === 'none' || args.unmasked) for (const chain of found.chains) chain.trained = chain.size;
  return isSeparated(args) ? separated(dataset, found, args) : found;
}

/** Whether the rows carry the sentences of their sources. */
export const isSeparated = ({ source = 'all' }: Pick<ExportArgs, 'source'>): boolean => source !== 'all';

/** Warnings are about examples to follow only. */
const labelled = (chain: SelectedChain, label: boolean | undefined): SelectedChain => ({
  ...chain,
  label,
  warnings: label ? chain.warnings : [],
});

/** Counts the chain at a position. @returns Its label, which is true for a selected one; undefined for a chain that is not exported. */
function decide({ index }: Dataset, position: number, args: ExportArgs, found: SelectedChains): boolean | undefined {
  const { rows } = index.chainTable;
  const { select, source = 'all' } = args;
  const own = sourceOf(rows.value(position, 'origin'));
  found.choices.sources[own]++;
  if (source !== 'all' && source !== 'merged' && own !== source) return undefined;
  found.inScope++;
  const id = rows.value(position, 'id');
  const chain = {
    passed: rows.value(position, 'passed'),
    failed: rows.value(position, 'failed'),
    quotaDropped: index.chainTable.isOverQuota(position),
    outcome: rows.value(position, 'outcome'),
    ended: rows.value(position, 'ended'),
    suspectGold: index.suspectGold(rows.value(position, 'problemId')) !== undefined,
  };
  const { decision, override } = index.review(id);
  for (const one of ['accepted', 'passed'] as const)
    if (isSelected(chain, decision, override, one)) found.choices[one]++;
  const { takes } = EXPORT_FORMS[args.form ?? 'sft'];
  if (takes === 'labelled') return chainLabel(chain, decision, override, select);
  if (takes === 'stepped') return index.steps(id) === undefined ? undefined : true;
  const reason = whyNot(chain, decision, override, select);
  if (reason !== undefined && isSeparated(args))
    found.left.push({ id, problem_id: rows.value(position, 'problemId'), source: own, reason });
  return reason === undefined ? true : undefined;
}

/** The clauses of rounds, saved view and query together. */
function queryOf({ rounds, view: name, where = '' }: ExportArgs, views: readonly TableView[]): Query {
  const view = views.find((one) => one.name === name);
  if (name !== undefined && view === undefined) {
    const names = views.map((one) => `“${one.name}”`).join(', ');
    const advice = names === '' ? 'Save a view of the chain table first.' : `There are ${names}.`;
    throw new VerbError(`There is no saved view “${name}”.`, advice);
  }
  return [
    ...(rounds === undefined ? [] : [{ field: 'round' as const, op: '=' as const, values: rounds }]),
    ...parseQuery(view?.query ?? ''),
    ...parseQuery(where),
  ];
}

function choicesOf({ index }: Dataset, views: readonly TableView[]): ExportPlan['choices'] {
  const { codes, values } = index.chainTable.rows.codes('round');
  const sizes = new Uint32Array(values.length);
  for (const code of codes) sizes[code] = (sizes[code] ?? 0) + 1;
  const rounds = index.rounds.flatMap((round) => {
    const size = sizes[values.indexOf(round)] ?? 0;
    return size === 0 ? [] : [[round, size] as const];
  });
  return {
    ...{ accepted: 0, passed: 0, sources: { dialogue: 0, sampling: 0 } },
    rounds: Object.fromEntries(rounds),
    views: views.map(({ name }) => name),
    isExamined: index.isExamined,
  };
}

/** Reads what is planned with of a chain from the columns of the index. */
function measuredBy({ index }: Dataset, args: ExportArgs): (position: number) => SelectedChain {
  const { rows } = index.chainTable;
  const { problemTable, problemAt } = index;
  // Making a text of each hash takes a third of the time.
  const { unit } = EXPORT_FORMS[args.form ?? 'sft'];
  const hasTexts = isSeparated(args) || (args.dedupe ?? 'none') !== 'none' || unit === 'pair';
  const hashes: string[] = [];
  const hashOf = (problem: number): string => {
    const hash = hashes[problem] ?? problemTable.value(problem, 'hash');
    hashes[problem] = hash;
    return hash;
  };
  const warnings = choiceColumn(index, 'warning', undefined);
  const passRates = numberColumn(index, 'passRate');
  const known = (value: number | undefined): number | undefined =>
    value === undefined || Number.isNaN(value) ? undefined : value;
  return (position) => {
    const id = rows.value(position, 'id');
    const problem = problemAt[position] ?? 0;
    return {
      ...{ position, id, round: rows.value(position, 'round'), problemId: rows.value(position, 'problemId') },
      source: sourceOf(rows.value(position, 'origin')),
      warnings: warnings.values[warnings.codes[position] ?? 0] as readonly ChainWarning[],
      problem: hashOf(problem),
      text: hasTexts ? rows.value(position, 'trimmed') : '',
      near: hasTexts ? index.nearReplies(id) : undefined,
      passRate: known(passRates[position]),
      level: problemTable.value(problem, 'level'),
      class: rows.value(position, 'class'),
      ...{ tokens: rows.value(position, 'tokens'), estimated: rows.value(position, 'estimated') },
      ...{ size: rows.value(position, 'size'), trained: rows.value(position, 'trained') },
    };
  };
}

/** The index has the texts as they were made. Those that a reviewer edited are measured again. */
async function readEdited(dataset: Dataset, chains: readonly SelectedChain[], labels: boolean): Promise<void> {
  for (const chain of chains) {
    if (!dataset.index.isEdited(chain.id)) continue;
    const stored = await dataset.chain(chain.id);
    const { text, segments } = reviewedText(stored, await dataset.reviewActs(chain.id), labels);
    chain.tokens = Math.round((chain.tokens * text.length) / Math.max(1, chain.size));
    chain.estimated = true;
    chain.text = textHash(text.trim());
    chain.size = text.length;
    chain.trained = segments.reduce((sum, { start, end, train }) => sum + (train ? end - start : 0), 0);
  }
}

/** The chains of the sources, stage 1 first. Where several rounds kept responses of a problem, selection runs over all of them. */
async function separated(
  dataset: Dataset,
  found: SelectedChains,
  { select }: Pick<ExportArgs, 'select'>,
): Promise<SelectedChains> {
  // Each round kept its own. One that a curator accepted wins.
  const again = select === 'passed' ? await selectOverRounds(dataset, found.chains) : new Set<string>();
  const left = found.chains.filter(({ id }) => again.has(id));
  const chains = found.chains.filter(({ id }) => !again.has(id));
  return {
    ...found,
    chains: (['dialogue', 'sampling'] as const).flatMap((kind) => chains.filter(({ source }) => source === kind)),
    left: [
      ...found.left,
      ...left.map(({ id, problemId, source }) => ({ id, problem_id: problemId, source, reason: 'selection' as const })),
    ],
  };
}

/** Ids of responses that are too many where several rounds kept some of one problem. */
async function selectOverRounds(dataset: Dataset, selected: readonly SelectedChain[]): Promise<Set<string>> {
  const byProblem = new Map<string, SelectedChain[]>();
  for (const chain of selected) {
    if (chain.source !== 'sampling' || dataset.index.decision(chain.id) === 'accepted') continue;
    const same = byProblem.get(chain.problemId);
    if (same) same.push(chain);
    else byProblem.set(chain.problemId, [chain]);
  }
  const left = new Set<string>();
  for (const responses of byProblem.values()) {
    if (new Set(responses.map(({ round }) => round)).size < 2) continue;
    const chains = await Promise.all(responses.map(({ id }) => dataset.chain(id)));
    const texts = chains.map(({ id, text, tokens }) => ({ id, text, tokens: tokens.count }));
    for (const { response } of selectResponses(texts, dataset.settings.sampling.selection).left) left.add(response.id);
  }
  return left;
}

/**
 * Id, problem and source of a row in an export that separates the sources or has a sentence after each problem; undefined in another one.
 * @param chain `source` is needed only where the export separates the sources.
 */
export function markOf(
  { settings }: Pick<Dataset, 'settings'>,
  { id, source }: Pick<SelectedChain, 'id'> & Partial<Pick<SelectedChain, 'source'>>,
  problem: string,
  args: ExportArgs,
): { id: string; problem: string; source?: SelectedChain['source'] } | undefined {
  const own = isSeparated(args) ? source : undefined;
  const marker = args.marker ?? own;
  if (marker === undefined) return undefined;
  const marked = markProblem(problem, settings.sampling.markers[marker]);
  return own === undefined ? { id, problem: marked } : { id: `${own}/${id}`, problem: marked, source: own };
}
