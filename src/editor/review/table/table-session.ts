import { findField } from '../../../core/query/fields.ts';
import { parseQuery } from '../../../core/query/parse.ts';
import { formatClause, formatQuery, hasValue, type Query, withoutValue, withValue } from '../../../core/query/query.ts';
import { type ColumnLayout, DEFAULT_LAYOUT } from '../../../core/review/table/columns.ts';
import { type Ranges, rangesOf, rowsOf } from '../../../core/review/table/ranges.ts';
import { isSameSort, type TableSort } from '../../../core/review/table/view.ts';
import type { ChainsSnapshot, ChainTableRow } from '../../../protocol/chains.ts';
import { clauseLabel } from '../facet-names.ts';
import type { FoundChains, TableSource } from './table-source.ts';

/** Rows in a snapshot until the page has asked for its own. */
const FIRST_ROWS = 80;

const NONE: FoundChains = { ids: [], all: 0, facets: [] };

/** What the chain table lists: query, order, the chains found, and the selected ones among them. */
export class TableSession {
  readonly #source: TableSource;
  #query: Query = [];
  #sort: TableSort | null = null;
  #found: FoundChains = NONE;
  #selected: ReadonlySet<string> = new Set();
  #version = 0;
  #request = 0;
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

  /** The listed chains in order. */
  get ids(): readonly string[] {
    return this.#found.ids;
  }

  /** The selected chains, in the order of the table. */
  get selected(): readonly string[] {
    return this.#found.ids.filter((id) => this.#selected.has(id));
  }

  /**
   * Lists the chains of a query. A later call ends an earlier one.
   * @returns whether the list is that of this call. @throws QueryError, and then keeps the list
   */
  async find(request: number, query: Query, sort: TableSort | null): Promise<boolean> {
    this.#finding.abort();
    const finding = new AbortController();
    this.#finding = finding;
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
    this.#request = Math.max(this.#request, request);
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
    const rest = withoutValue(this.#query, field, value);
    const excluded: Query = [...rest, { field, op: '=', values: [value], not: true }];
    const toggled = hasValue(this.#query, field, value) ? rest : withValue(this.#query, field, value);
    return this.find(request, how === 'exclude' ? excluded : toggled, this.#sort);
  }

  /** The page was told why this request changes nothing: it takes the next snapshot. */
  refused(request: number): void {
    this.#request = Math.max(this.#request, request);
  }

  /** After a change of files: the same query again. */
  refresh(): Promise<boolean> {
    const { request, query, sort } = this.#wanted ?? { request: this.#request, query: this.#query, sort: this.#sort };
    return this.find(request, query, sort);
  }

  /** Selects rows of the list. Ranges of an earlier list are ignored. */
  select(version: number, ranges: Ranges): void {
    if (version !== this.#version) return;
    const { ids } = this.#found;
    this.#selected = new Set([...rowsOf(ranges, ids.length)].flatMap((row) => ids[row] ?? []));
  }

  /** The rows at an offset; undefined for an earlier list. */
  async rows(version: number, offset: number, limit: number): Promise<ChainTableRow[] | undefined> {
    if (version !== this.#version) return undefined;
    this.#window = { offset, limit };
    return this.#source.rows(this.#found.ids.slice(offset, offset + limit));
  }

  /** What the page shows. */
  async snapshot(): Promise<Omit<ChainsSnapshot, 'canUndo' | 'canRedo' | 'views'>> {
    const { ids, all, facets } = this.#found;
    const { offset, limit } = this.#window;
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
      total: ids.length,
      all,
      selected: rangesOf(this.#selectedRows()),
      facets: [...facets],
      fields: [...this.#source.fields()],
      offset,
      rows: await this.#source.rows(ids.slice(offset, offset + limit)),
    };
  }

  dispose(): void {
    this.#finding.abort();
  }

  #set(found: FoundChains): void {
    const before = this.#found.ids;
    const isSame = before.length === found.ids.length && before.every((id, at) => id === found.ids[at]);
    this.#found = found;
    if (isSame) return;
    this.#version += 1;
    // A chain that the query no longer shows is not selected: acts are on listed chains only.
    const listed = new Set(found.ids);
    this.#selected = new Set([...this.#selected].filter((id) => listed.has(id)));
  }

  *#selectedRows(): Generator<number> {
    if (this.#selected.size === 0) return;
    for (const [row, id] of this.#found.ids.entries()) if (this.#selected.has(id)) yield row;
  }
}
