import { findField } from '../../../core/query/fields.ts';
import { parseQuery } from '../../../core/query/parse.ts';
import {
  type Clause,
  formatClause,
  formatQuery,
  hasValue,
  type Query,
  withoutValue,
  withValue,
} from '../../../core/query/query.ts';
import { type ColumnLayout, DEFAULT_LAYOUT } from '../../../core/review/table/columns.ts';
import { type Ranges, rangesOf, rowsOf } from '../../../core/review/table/ranges.ts';
import { isSameSort, type TableSort } from '../../../core/review/table/view.ts';
import type { ChainsSnapshot, ChainTableRow } from '../../../protocol/chains.ts';
import { clauseLabel } from '../facet-names.ts';
import type { ChainList, FoundChains, TableSource } from './table-source.ts';

/** Rows in a snapshot until the page has asked for its own. */
const FIRST_ROWS = 80;

const EMPTY: ChainList = {
  length: 0,
  isCurrent: true,
  at: () => undefined,
  rowOf: () => -1,
  equals: (other) => other === EMPTY,
};
const NONE: FoundChains = { list: EMPTY, all: 0, facets: [] };

/** What the chain table lists: query, order, the chains found, and the selected ones among them. */
export class TableSession {
  readonly #source: TableSource;
  #query: Query = [];
  #sort: TableSort | null = null;
  #found: FoundChains = NONE;
  /** The rows of the selected chains. */
  #selectedRows: Ranges = [];
  #version = 0;
  /** The list before the present one: a click may be on its way when the chains change. */
  #before: { version: number; list: ChainList } = { version: -1, list: EMPTY };
  /** The last request that the list answers, and the last one made. */
  #request = 0;
  #asked = 0;
  #window = { offset: 0, limit: FIRST_ROWS };
  #finding = new AbortController();
  /** The query that is being run; a refresh runs it again instead of the listed one. */
  #wanted: { request: number; query: Query; sort: TableSort | null } | undefined;
  layout: ColumnLayout;

  constructor(source: TableSource, layout: ColumnLayout = DEFAULT_LAYOUT) {
    this.#source = source;
    this.layout = layout;
  }

  get query(): Query {
    return this.#query;
  }

  get sort(): TableSort | null {
    return this.#sort;
  }

  /** The query and order that are being run, else those of the list. */
  get wanted(): { query: Query; sort: TableSort | null } {
    return this.#wanted ?? { query: this.#query, sort: this.#sort };
  }

  get list(): ChainList {
    return this.#found.list;
  }

  /** The selected chains, in the order of the table. */
  get selected(): readonly string[] {
    return [...rowsOf(this.#selectedRows, this.list.length)].flatMap((row) => this.list.at(row) ?? []);
  }

  /**
   * Lists the chains of a query. A later call ends an earlier one.
   * @returns whether the list is that of this call. @throws QueryError, and then keeps the list
   */
  async find(request: number, query: Query, sort: TableSort | null): Promise<boolean> {
    this.#finding.abort();
    const finding = new AbortController();
    this.#finding = finding;
    this.#asked = Math.max(this.#asked, request);
    this.#wanted = { request, query, sort };
    const found = await this.#source.find(query, sort, finding.signal).catch((error: unknown) => {
      if (finding.signal.aborted) return undefined;
      this.#wanted = undefined;
      throw error;
    });
    if (found === undefined || finding.signal.aborted) return false;
    this.#wanted = undefined;
    const isOther = formatQuery(query) !== formatQuery(this.#query) || !isSameSort(sort, this.#sort);
    if (isOther) this.#window = { ...this.#window, offset: 0 };
    this.#query = query;
    this.#sort = sort;
    // A request that this call ended is answered as well.
    this.#request = this.#asked;
    this.#set(found);
    return true;
  }

  /** As `find`, with the text of a query. */
  findText(request: number, text: string, sort: TableSort | null): Promise<boolean> {
    return this.find(request, parseQuery(text), sort);
  }

  /** Adds a value of a facet to the query or removes it; or excludes it. */
  choose(request: number, name: string, value: string, how: 'toggle' | 'exclude'): Promise<boolean> {
    const field = findField(name)?.name;
    if (field === undefined) return Promise.resolve(false);
    const { query, sort } = this.wanted;
    const exclusion: Clause = { field, op: '=', values: [value], not: true };
    const included = query.filter((clause) => formatClause(clause) !== formatClause(exclusion));
    const rest = withoutValue(included, field, value);
    if (how === 'exclude') return this.find(request, [...rest, exclusion], sort);
    return this.find(request, hasValue(included, field, value) ? rest : withValue(included, field, value), sort);
  }

  /** A request without effect, for which the page has an error: the page takes the next snapshot. */
  refused(request: number): void {
    this.#request = Math.max(this.#request, request);
  }

  /** After a change of files: the same query again. */
  refresh(): Promise<boolean> {
    const { request, query, sort } = this.#wanted ?? { request: this.#request, query: this.#query, sort: this.#sort };
    return this.find(request, query, sort);
  }

  /**
   * Selects rows of the list, or those of the list before it that are still listed. Ranges of an earlier list are ignored.
   * @returns whether the page must be shown what is selected
   */
  select(version: number, ranges: Ranges): boolean {
    if (version === this.#version) {
      this.#selectedRows = ranges;
      return false;
    }
    const { list } = this.#before;
    if (version !== this.#before.version) return false;
    this.#version += 1;
    this.#keepSelected(list, ranges);
    return true;
  }

  /** The rows at an offset; undefined for an earlier list. */
  async rows(version: number, offset: number, limit: number): Promise<ChainTableRow[] | undefined> {
    if (version !== this.#version) return undefined;
    this.#window = { offset, limit };
    return this.#rowsAt(this.#window);
  }

  /** What the page shows. */
  async snapshot(): Promise<Omit<ChainsSnapshot, 'canUndo' | 'canRedo' | 'views' | 'saved' | 'unread'>> {
    const { list, all, facets } = this.#found;
    const { offset } = this.#window;
    const [version, request] = [this.#version, this.#request];
    const { name, reviewer, columns } = this.#source;
    return {
      type: 'snapshot',
      dataset: name,
      reviewer,
      request,
      version,
      query: formatQuery(this.#query),
      clauses: this.#query.map((clause) => ({ text: formatClause(clause), label: clauseLabel(clause) })),
      sort: this.#sort,
      columns: [...columns],
      layout: this.layout,
      total: list.length,
      all,
      selected: [...this.#selectedRows],
      facets: [...facets],
      fields: [...this.#source.fields()],
      offset,
      rows: await this.#rowsAt(this.#window),
    };
  }

  dispose(): void {
    this.#finding.abort();
  }

  #rowsAt({ offset, limit }: { offset: number; limit: number }): Promise<ChainTableRow[]> {
    const end = Math.min(this.list.length, offset + limit);
    const ids = Array.from({ length: Math.max(0, end - offset) }, (_, at) => this.list.at(offset + at));
    return this.#source.rows(ids.filter((id) => id !== undefined));
  }

  #set(found: FoundChains): void {
    const { list } = this.#found;
    const isSame = found.list.equals(list);
    this.#found = found;
    if (isSame) return;
    this.#before = { version: this.#version, list };
    this.#version += 1;
    this.#keepSelected(list, this.#selectedRows);
  }

  /** Selects rows of an earlier list where they are now. A chain that is no longer listed is not selected: acts are on listed chains only. */
  #keepSelected(before: ChainList, ranges: Ranges): void {
    // One id at a time: there may be a million, and positions differ where the index has changed.
    const rows = Int32Array.from(rowsOf(ranges, before.length), (row) => this.list.rowOf(before.at(row) ?? ''));
    this.#selectedRows = rangesOf(rows.filter((row) => row >= 0).sort());
  }
}
