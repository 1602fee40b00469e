import { type LeftOut, type LeftReason, reviewedText, sourceOf, whyNot } from '../../core/export/index.ts';
import { type MergeRow, type MergeSource, mergeRows, selectResponses } from '../../core/sampling/index.ts';
import { type ChainEntry, type Dataset, StoreError, textHash } from '../../store/index.ts';
import type { VerbArgs } from '../index.ts';
import type { ExportSource } from './verbs.ts';

/** A chain to write. With a source it has another id, and its problem carries the sentence of the source. */
export interface ChosenRow {
  /** Of the chain. */
  id: string;
  /** In a form that labels chains; see chainLabel. */
  label?: boolean;
  marked?: { id: string; problem: string; source: MergeSource };
}

export interface Chosen {
  rows: ChosenRow[];
  left: LeftOut[];
}

type Sources = Exclude<ExportSource, 'all'>;

/** The rows of one source or both, and every excluded chain with the reason. Texts are read one at a time. */
export async function chooseSources(
  dataset: Dataset,
  entries: Iterable<ChainEntry>,
  source: Sources,
  { select }: Pick<VerbArgs<'export'>, 'select'>,
): Promise<Chosen> {
  const { index, settings } = dataset;
  const left: LeftOut[] = [];
  const leave = ({ id, problemId, origin }: ChainEntry, reason: LeftReason, by?: string): void => {
    const entry = { id, problem_id: problemId, source: sourceOf(origin), reason };
    left.push(by === undefined ? entry : { ...entry, by });
  };
  const taken: ChainEntry[] = [];
  for (const entry of entries) {
    if (source !== 'merged' && sourceOf(entry.origin) !== source) continue;
    const reason = whyNot(entry, index.decision(entry.id), index.override(entry.id), select);
    if (reason === undefined) taken.push(entry);
    else leave(entry, reason);
  }
  // Each round kept its own. One that a curator accepted wins.
  const again = select === 'passed' ? await selectOverRounds(dataset, taken) : new Set<string>();
  const rows: Record<MergeSource, Row[]> = { dialogue: [], sampling: [] };
  for (const entry of taken) {
    if (again.has(entry.id)) {
      leave(entry, 'selection');
      continue;
    }
    const row = await rowOf(dataset, entry);
    if (row) rows[sourceOf(entry.origin)].push(row);
    else leave(entry, 'no-problem');
  }
  const merge = mergeRows(rows.dialogue, rows.sampling, settings.sampling.markers);
  for (const { row, reason, by } of merge.left) leave(row.entry, reason, by);
  return {
    rows: merge.rows.map(({ entry, id, problem, source: from }) => ({
      id: entry.id,
      marked: { id, problem, source: from },
    })),
    left,
  };
}

interface Row extends MergeRow {
  entry: ChainEntry;
}

/** For merging a text is as good as its hash. Undefined where the problem is gone. */
async function rowOf(dataset: Dataset, entry: ChainEntry): Promise<Row | undefined> {
  const chain = await dataset.chain(entry.id);
  const problem = await dataset.problem(entry.problemId).catch((error: unknown) => {
    if (error instanceof StoreError && error.kind === 'unknown-problem') return undefined;
    throw error;
  });
  if (!problem) return undefined;
  const { text } = reviewedText(chain, await dataset.reviewActs(entry.id));
  return { id: entry.id, problemId: entry.problemId, problem: problem.problem, text: textHash(text.trim()), entry };
}

/** Ids of responses that are too many where several rounds kept some of one problem. */
async function selectOverRounds(dataset: Dataset, taken: readonly ChainEntry[]): Promise<Set<string>> {
  const byProblem = new Map<string, ChainEntry[]>();
  for (const entry of taken) {
    if (entry.origin !== 'sampled' || dataset.index.decision(entry.id) === 'accepted') continue;
    byProblem.set(entry.problemId, [...(byProblem.get(entry.problemId) ?? []), entry]);
  }
  const left = new Set<string>();
  for (const entries of byProblem.values()) {
    if (new Set(entries.map(({ round }) => round)).size < 2) continue;
    const chains = await Promise.all(entries.map(({ id }) => dataset.chain(id)));
    const responses = chains.map(({ id, text, tokens }) => ({ id, text, tokens: tokens.count }));
    for (const { response } of selectResponses(responses, dataset.settings.sampling.selection).left)
      left.add(response.id);
  }
  return left;
}
