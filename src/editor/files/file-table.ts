import { randomUUID } from 'node:crypto';
import { UserError } from '../../core/errors.ts';
import { chainWarnings } from '../../core/export/warnings.ts';
import { FIELDS } from '../../core/query/fields.ts';
import { QueryError } from '../../core/query/parse.ts';
import { formatQuery, type Query } from '../../core/query/query.ts';
import {
  type BatchAct,
  type BatchChain,
  type BatchPlan,
  batchActs,
  planBatch,
  reverseBatch,
} from '../../core/review/batch.ts';
import { REJECT_REASONS } from '../../core/review/reasons.ts';
import { COLUMNS, type ColumnId } from '../../core/review/table/columns.ts';
import type { TableSort } from '../../core/review/table/view.ts';
import { NoAnswer, Outcome, type OverrideOutcome } from '../../core/schemas/index.ts';
import { formatBytes } from '../../core/text/format.ts';
import type { ChainTableRow, TableFacet, TableField, TableReading, UnreadFields } from '../../protocol/chains.ts';
import type { FileOrder } from '../../store/trace-table/file-order.ts';
import { fieldsOfReading, hasField, READINGS, type Reading } from '../../store/trace-table/readings.ts';
import type { TraceFacts } from '../../store/trace-table/trace-table.ts';
import { SHOWN_FACETS } from '../review/facets.ts';
import { sortOf } from '../review/order.ts';
import { tableFacets } from '../review/table/table-facets.ts';
import type { ChainList, FoundChains, TableSource } from '../review/table/table-source.ts';
import type { FileReviewSource } from './file-source.ts';
import type { FileProgress } from './messages.ts';

/** In bytes: smaller files are read, and graded, when their table opens. About a second each. */
const READ_AT_ONCE = 100_000_000;
const GRADED_AT_ONCE = 4_000_000;

const CANCELLED = ['Reading was cancelled.', 'What was read is kept. Run the query again to read the rest.'] as const;

/** The chains of a file that belongs to no dataset as one reviewer's table. */
export class FileTable implements TableSource {
  readonly name: string;
  readonly reviewer: string;
  readonly columns: readonly ColumnId[] = COLUMNS.flatMap(({ id, field }) => (hasField(field) ? [id] : []));
  readonly #source: FileReviewSource;
  readonly #listeners = new Set<() => void>();
  readonly #watchers = new Set<(reading: TableReading | undefined) => void>();
  readonly #running = new Set<AbortController>();
  /** What acts need of planned chains, while the file is the same. */
  #planned: ReadonlyMap<string, TraceFacts> | undefined;
  #facets: readonly TableFacet[] = [];
  #known: Reading = 'places';
  #isWhole = true;
  #began = false;

  constructor(source: FileReviewSource) {
    this.#source = source;
    this.name = source.facts.name;
    this.reviewer = source.reviewer;
    this.#listening = source.onDidChange((what) => this.#changed(what));
  }

  readonly #listening: { dispose(): void };

  dispose(): void {
    this.cancel();
    this.#listening.dispose();
    this.#listeners.clear();
  }

  fields(): readonly TableField[] {
    return FIELDS.filter(({ name }) => hasField(name)).map((field) => {
      const facet = this.#facets.find(({ field: name }) => name === field.name);
      const values = 'values' in field ? [...field.values] : (facet?.values.map(({ value }) => value) ?? []);
      return { name: field.name, about: field.about, values };
    });
  }

  get texts(): object {
    return this.#source.generation;
  }

  async find(query: Query, sort: TableSort | null, signal: AbortSignal): Promise<FoundChains> {
    const source = this.#source;
    const { generation } = source;
    try {
      const found = await this.#watched(signal, (watch) => source.find(query, sortOf(sort), SHOWN_FACETS, watch));
      this.#known = found.reading;
      this.#isWhole = found.positions === undefined;
      this.#facets = tableFacets(found.facets, query);
      this.#readSmall();
      const list = new FileList(source, generation, found.positions);
      return { list, all: source.order.length, facets: this.#facets };
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== 'query') throw error;
      throw new QueryError(error.message, error.advice, { start: 0, end: formatQuery(query).length });
    }
  }

  async rows(ids: readonly string[]): Promise<ChainTableRow[]> {
    const rows = await this.#source.file.tableRows(ids);
    return rows.map((row) => {
      const reviewers = [...this.#source.reviews.of(row.id).reviewers];
      return {
        ...row,
        decisions: reviewers.flatMap(([reviewer, { decision }]) =>
          decision === 'pending' ? [] : [{ reviewer, decision }],
        ),
        edited: this.#source.reviews.of(row.id).reviewers.get(this.reviewer)?.edited ?? false,
        tags: [...new Set(reviewers.flatMap(([, { tags }]) => tags ?? []))],
        assigned: [...new Set(reviewers.flatMap(([, { assigned }]) => assigned ?? []))],
      };
    });
  }

  async plan(act: BatchAct, ids: readonly string[]): Promise<BatchPlan> {
    const places = [...new Set(ids)];
    // A plan is made again at each key of its text.
    if (!places.every((id) => this.#planned?.has(id))) {
      const found = await this.#watched(undefined, (watch) => this.#source.file.facts(places, watch));
      this.#planned = new Map(places.flatMap((id, at) => (found[at] === undefined ? [] : [[id, found[at]] as const])));
    }
    return this.#planOf(act, places);
  }

  async apply(act: BatchAct, ids: readonly string[]): Promise<string> {
    const planned = this.#planned;
    if (planned === undefined || (await this.#source.hasChanged()))
      throw new UserError(
        'file',
        `${this.name} has changed since these chains were listed. Nothing was written.`,
        'Look at the chains again, and repeat the act.',
      );
    const keys = ids.flatMap((id) => planned.get(id)?.key ?? []);
    const acts = batchActs(act, keys, this.#stamp());
    await this.#source.appendKeyed(acts);
    return acts[0]?.batch?.id ?? '';
  }

  async reverse(how: 'undo' | 'redo', batch: string): Promise<{ changed: number; kept: number }> {
    const done = this.#source.reviews.batch(batch, this.reviewer, how);
    const { acts, kept } = reverseBatch(how, done, this.#stamp());
    await this.#source.appendKeyed(acts);
    return { changed: acts.length, kept };
  }

  suggestions(kind: BatchAct['act']): readonly string[] {
    const valuesOf = (name: string) => this.fields().find((field) => field.name === name)?.values ?? [];
    if (kind === 'tag' || kind === 'untag') return valuesOf('tag');
    if (kind === 'assign') return [...new Set([...valuesOf('reviewer'), ...valuesOf('assigned'), this.reviewer])];
    return kind === 'reject' ? REJECT_REASONS : [];
  }

  readonly onDidChange = (listener: () => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  readonly onDidRead = (watcher: (reading: TableReading | undefined) => void): { dispose(): void } => {
    this.#watchers.add(watcher);
    return { dispose: () => void this.#watchers.delete(watcher) };
  };

  unread(): UnreadFields[] {
    return READINGS.slice(READINGS.indexOf(this.#known) + 1).flatMap((reading) =>
      reading === 'places' ? [] : [{ reading, fields: fieldsOfReading(reading), size: formatBytes(this.#source.size) }],
    );
  }

  async read(reading: 'rows' | 'grades'): Promise<void> {
    await this.#watched(undefined, (watch) => this.#source.file.read(reading, watch));
    this.#known = reading;
    this.#tell();
  }

  cancel(): void {
    for (const controller of this.#running) controller.abort(new UserError('query', ...CANCELLED));
  }

  /** Reads a small file after its first chains are listed. */
  #readSmall(): void {
    const { size } = this.#source;
    if (this.#began || size === 0) return;
    this.#began = true;
    if (size > READ_AT_ONCE) return;
    this.read(size > GRADED_AT_ONCE ? 'rows' : 'grades').catch(() => undefined);
  }

  #planOf(act: BatchAct, ids: readonly string[]): BatchPlan {
    return planBatch(
      act,
      ids.flatMap((id): BatchChain[] => {
        const facts = this.#planned?.get(id);
        if (facts === undefined) return [];
        const review = this.#source.reviews.of(id).reviewers.get(this.reviewer);
        return [
          {
            chainId: id,
            decision: review?.decision ?? 'pending',
            tags: review?.tags ?? [],
            hasNote: review?.note !== undefined,
            assigned: review?.assigned,
            warnings: warningsOf(facts, review?.override),
            isUngraded: facts.verdict === undefined && review?.override === undefined,
          },
        ];
      }),
    );
  }

  #stamp() {
    return { id: () => randomUUID(), at: new Date().toISOString(), reviewer: this.reviewer };
  }

  /** Runs a request that may read for long: its progress is shown, and a cancel ends it. */
  async #watched<T>(
    signal: AbortSignal | undefined,
    request: (watch: { signal: AbortSignal; progress: (progress: FileProgress) => void }) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const both = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
    this.#running.add(controller);
    try {
      return await request({ signal: both, progress: (progress) => this.#show(progress) });
    } finally {
      this.#running.delete(controller);
      if (this.#running.size === 0) this.#show(undefined);
    }
  }

  #show(reading: TableReading | undefined): void {
    for (const watcher of this.#watchers) watcher(reading);
  }

  /** More rows are of interest while all are listed; another query has read them all. */
  #changed(what: 'all' | 'grades' | 'rows'): void {
    if (what === 'all') this.#planned = undefined;
    if (what === 'grades' || (what === 'rows' && !this.#isWhole)) return;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Chains of a file by position, until the file or its columns change. */
class FileList implements ChainList {
  readonly #source: FileReviewSource;
  readonly #generation: object;
  readonly #order: FileOrder;
  readonly #positions: Uint32Array | undefined;
  /** By position, 1 + the row; 0 for a chain that is not listed. */
  #rowOf: Uint32Array | undefined;
  readonly #length: number;

  constructor(source: FileReviewSource, generation: object, positions: Uint32Array | undefined) {
    this.#source = source;
    this.#generation = generation;
    this.#order = source.order;
    this.#positions = positions;
    this.#length = positions?.length ?? source.order.length;
  }

  get length(): number {
    return this.#length;
  }

  get isCurrent(): boolean {
    return this.#source.generation === this.#generation;
  }

  at(row: number): string | undefined {
    if (!this.isCurrent || row >= this.#length) return undefined;
    const position = this.#positions === undefined ? row : this.#positions[row];
    return position === undefined ? undefined : this.#order.at(position);
  }

  rowOf(id: string): number {
    if (!this.isCurrent) return -1;
    const position = this.#order.indexOf(id);
    if (this.#positions === undefined || position < 0) return position < this.#length ? position : -1;
    this.#rowOf ??= this.#rowsByPosition(this.#positions);
    return (this.#rowOf[position] ?? 0) - 1;
  }

  equals(other: ChainList): boolean {
    if (!(other instanceof FileList) || other.#generation !== this.#generation || other.length !== this.length)
      return false;
    const [own, others] = [this.#positions, other.#positions];
    if (own === undefined || others === undefined) return own === others;
    return own.every((position, row) => position === others[row]);
  }

  #rowsByPosition(positions: Uint32Array): Uint32Array {
    const rows = new Uint32Array(this.#order.length);
    positions.forEach((position, row) => {
      rows[position] = row + 1;
    });
    return rows;
  }
}

function warningsOf({ verdict = 'unknown', failed = [] }: TraceFacts, override: OverrideOutcome | undefined) {
  const [outcome, ended] = [Outcome.safeParse(verdict).data, NoAnswer.safeParse(verdict).data];
  return chainWarnings({ outcome: outcome ?? 'unknown', ended, failed, override });
}
