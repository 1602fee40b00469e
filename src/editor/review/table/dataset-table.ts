import { defined } from '../../../core/defined.ts';
import { FIELDS } from '../../../core/query/fields.ts';
import type { Query } from '../../../core/query/query.ts';
import type { BatchAct, BatchPlan } from '../../../core/review/batch.ts';
import { REJECT_REASONS } from '../../../core/review/reasons.ts';
import { COLUMN_IDS, type ColumnId } from '../../../core/review/table/columns.ts';
import type { TableSort } from '../../../core/review/table/view.ts';
import { passRate } from '../../../core/sampling/posterior.ts';
import { BEHAVIOURS, sampleOutcome } from '../../../core/schemas/index.ts';
import { oneLine } from '../../../core/text/format.ts';
import type { ChainTableRow, TableField } from '../../../protocol/chains.ts';
import type { ChainEntry, Dataset } from '../../../store/index.ts';
import {
  FoundChains as Chains,
  choicesOf,
  countFacets,
  numberOf,
  planReview,
  queryPositions,
  reverseReview,
  writeBatch,
} from '../../../store/index.ts';
import { valueName } from '../facet-names.ts';
import { sortOf } from '../order.ts';
import { MOST_VALUES, tableFacets } from './table-facets.ts';
import type { ChainList, FoundChains, TableSource } from './table-source.ts';

/** Length of a problem's beginning, in UTF-16 code units. */
const EXCERPT = 300;
/** Beginnings of problems that are kept. */
const KEPT = 20_000;

const OF_EXAMINATION: readonly ColumnId[] = ['findings', 'group', 'replyGroup'];

type Listener = () => void;

/** The chains of a dataset as one reviewer's table. */
export class DatasetTable implements TableSource {
  readonly name: string;
  readonly reviewer: string;
  /** A chain keeps its text. */
  readonly texts = {};
  readonly #dataset: Dataset;
  readonly #written: () => void;
  readonly #listeners = new Set<Listener>();
  readonly #excerpts = new Map<string, string>();
  #fields: readonly TableField[] | undefined;

  /** @param written Called after new acts, for the other views. */
  constructor(name: string, dataset: Dataset, reviewer: string, written: () => void) {
    this.name = name;
    this.#dataset = dataset;
    this.reviewer = reviewer;
    this.#written = written;
  }

  /** Findings only after an examination. */
  get columns(): readonly ColumnId[] {
    const [examined] = this.#dataset.index.examined();
    return examined === undefined ? COLUMN_IDS.filter((id) => !OF_EXAMINATION.includes(id)) : COLUMN_IDS;
  }

  fields(): readonly TableField[] {
    this.#fields ??= this.#fieldsNow();
    return this.#fields;
  }

  async find(query: Query, sort: TableSort | null, signal: AbortSignal): Promise<FoundChains> {
    const { index } = this.#dataset;
    const as = this.reviewer;
    const hasText = await this.#dataset.searchTexts(query, { as, signal });
    const list = new IndexList(index, queryPositions(index, query, { as, hasText }, sortOf(sort)));
    const counts = countFacets(index, query, { as, hasText });
    return { list, all: index.chainCount, facets: tableFacets(counts, query) };
  }

  rows(ids: readonly string[]): Promise<ChainTableRow[]> {
    return Promise.all(
      ids.map(async (id) => {
        const chain = this.#dataset.index.chain(id);
        return chain === undefined
          ? { id, problem: '', filters: [], findings: [], decisions: [], tags: [], assigned: [] }
          : this.#row(chain);
      }),
    );
  }

  async plan(act: BatchAct, ids: readonly string[]): Promise<BatchPlan> {
    return planReview(this.#dataset.index, act, ids, this.reviewer);
  }

  async apply(act: BatchAct, ids: readonly string[]): Promise<string> {
    const batch = await writeBatch(this.#dataset, act, ids, this.reviewer);
    this.#written();
    return batch;
  }

  async reverse(how: 'undo' | 'redo', batch: string): Promise<{ changed: number; kept: number }> {
    const result = await reverseReview(this.#dataset, how, batch, this.reviewer);
    this.#written();
    return result;
  }

  suggestions(kind: BatchAct['act']): readonly string[] {
    const valuesOf = (name: string) => this.fields().find((field) => field.name === name)?.values ?? [];
    if (kind === 'tag' || kind === 'untag') return valuesOf('tag');
    if (kind === 'assign') return [...new Set([...valuesOf('reviewer'), ...valuesOf('assigned'), this.reviewer])];
    return kind === 'reject' ? REJECT_REASONS : [];
  }

  readonly onDidChange = (listener: Listener): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  /** The index has read something new. */
  changed(): void {
    this.#fields = undefined;
    this.#excerpts.clear();
    for (const listener of this.#listeners) listener();
  }

  async #row(chain: ChainEntry): Promise<ChainTableRow> {
    const { index } = this.#dataset;
    const problem = index.problem(chain.problemId);
    const rate = index.passRate(chain.problemId);
    const review = index.review(chain.id);
    const decisions = [...review.reviewers].flatMap(([reviewer, { decision }]) =>
      decision === 'pending' ? [] : [{ reviewer, decision }],
    );
    const rates = BEHAVIOURS.map((kind) => [kind, numberOf(index, chain, kind)]);
    return {
      id: chain.id,
      problemId: chain.problemId,
      problem: await this.#excerpt(chain.problemId),
      round: chain.round,
      model: chain.model,
      verdict: sampleOutcome(chain.outcome, chain.ended),
      tokens: chain.tokens,
      filters: chain.quotaDropped ? ['quota'] : chain.failed,
      findings: index.findings(chain.id).map((finding) => valueName('finding', finding)),
      decisions,
      edited: index.isEdited(chain.id, this.reviewer),
      tags: [...choicesOf(index, chain, 'tag', undefined)],
      assigned: [...choicesOf(index, chain, 'assigned', undefined)],
      ...defined({
        parent: chain.parent,
        class: chain.class,
        first: chain.first,
        level: problem?.level?.toString(),
        topic: problem?.topic,
        group: index.nearDuplicates(chain.id),
        replyGroup: index.nearReplies(chain.id),
        passRate: rate && passRate(rate.attempts, rate.successes),
      }),
      ...defined(Object.fromEntries(rates) as Pick<ChainTableRow, (typeof BEHAVIOURS)[number]>),
    };
  }

  /** The beginning of a problem; its id if it can't be read. */
  async #excerpt(problemId: string): Promise<string> {
    const known = this.#excerpts.get(problemId);
    if (known !== undefined) return known;
    const problem = await this.#dataset.problem(problemId).catch(() => undefined);
    const text = problem === undefined ? problemId : oneLine(problem.problem, EXCERPT);
    if (this.#excerpts.size >= KEPT) this.#excerpts.clear();
    this.#excerpts.set(problemId, text);
    return text;
  }

  #fieldsNow(): TableField[] {
    const counts = countFacets(this.#dataset.index, [], { as: this.reviewer });
    return FIELDS.map((field) => {
      const found = Object.hasOwn(counts, field.name) ? [...counts[field.name as keyof typeof counts].keys()] : [];
      const values = 'values' in field ? [...field.values] : found.slice(0, MOST_VALUES);
      return { name: field.name, about: field.about, values };
    });
  }
}

/** Chains of the index by position, until the index changes; the table is listed again then. */
class IndexList implements ChainList {
  readonly #index: Dataset['index'];
  readonly #rows: object;
  /** As they were when the query was run. */
  readonly #found: Chains;

  constructor(index: Dataset['index'], positions: Uint32Array) {
    this.#index = index;
    this.#rows = index.versions.rows;
    this.#found = new Chains(index.chainTable, positions);
  }

  get length(): number {
    return this.#found.length;
  }

  at(row: number): string | undefined {
    return this.#found.at(row);
  }

  rowOf(id: string): number {
    return this.isCurrent ? this.#found.indexOf(id) : -1;
  }

  equals(other: ChainList): boolean {
    return other instanceof IndexList && other.#rows === this.#rows && other.#found.equals(this.#found);
  }

  get isCurrent(): boolean {
    return this.#index.versions.rows === this.#rows;
  }
}
