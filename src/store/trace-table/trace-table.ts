import { z } from 'zod';
import { type MappedTrace, mapTrace, type TracePlace, traceChain } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { QueryError } from '../../core/query/parse.ts';
import { formatQuery, type Query } from '../../core/query/query.ts';
import {
  BEHAVIOURS,
  type Chain,
  type FileMapping,
  normaliseLevel,
  normaliseTopic,
  type Verdict,
} from '../../core/schemas/index.ts';
import { oneLine } from '../../core/text/format.ts';
import type { ChainTableRow } from '../../protocol/chains.ts';
import { type ColumnKind, count } from '../chain-index/columns.ts';
import { type Facet, facetCounts, positionsOf, type Sort } from '../chain-index/query.ts';
import { placeOfTrace, sideKey } from '../side-file.ts';
import type { RowFile, RowRead } from '../source/row-file.ts';
import type { FileFindings } from './file-findings.ts';
import { FileOrder, rowOfPlace } from './file-order.ts';
import { hasField, needsFindings, READINGS, type Reading, readingOf } from './readings.ts';
import type { SavedPart, SavedReadings } from './saved-readings.ts';
import { GradeColumns, RowColumns } from './trace-columns.ts';
import { type SearchedText, TraceSearch } from './trace-search.ts';
import { type TraceReviews, TracesForQuery } from './traces-for-query.ts';
import { turns, type Work } from './work.ts';

/** Rows that are graded at once. */
const AHEAD = 64;
/** Length of a problem's beginning, in UTF-16 code units. */
const EXCERPT = 300;
/** Bytes of findings that are read without need, for the columns of the table. */
const FEW_FINDINGS = 4 * 1024 * 1024;
/** Chains of the table have no time of their own. */
const EPOCH = new Date(0).toISOString();
const UNGRADED: Verdict = { outcome: 'unknown', method: 'none' };

/** Grades a trace; `flush` sends the traces that wait for others. */
export interface TraceGrader {
  grade(task: { trace: MappedTrace; gold: string | undefined; place: TracePlace }): Promise<Chain>;
  flush(): void;
}

/** Rows that several chains have, and how many. */
const SEVERAL = { row: count, chains: count };
/** The next row to read or to grade. */
const Progress = z.object({ next: z.number().int().nonnegative() });
type Progress = z.infer<typeof Progress>;

export interface FindTraces {
  query: Query;
  sort: Sort | undefined;
  reviewer: string | undefined;
  reviews: TraceReviews;
  facets: readonly Facet[];
}

export interface FoundTraces {
  /** By FileOrder; undefined for all chains in their order. */
  positions: Uint32Array | undefined;
  facets: { [F in Facet]?: ReadonlyMap<string, number> };
}

/** What an act on a chain needs of its text: see `sideKey`. Grades only where they were read. */
export interface TraceFacts {
  key: string;
  verdict?: string;
  /** Ids of the failed filters. */
  failed?: readonly string[];
}

/**
 * The chains of a file as a table. Nothing is read before it is asked for, and what was read is kept as columns of numbers. A call that is aborted
 * leaves what it has read to the next one.
 */
export class TraceTable {
  readonly order = new FileOrder();
  readonly #file: RowFile;
  readonly #round: string;
  readonly #columns: FileMapping | undefined;
  readonly #grader: () => Promise<TraceGrader>;
  readonly #search = new TraceSearch(this.order, (id, where) => this.#textOf(id, where));
  #rows = new RowColumns();
  #grades = new GradeColumns();
  readonly #saved: SavedReadings | undefined;
  readonly #findings: FileFindings | undefined;
  /** Rows that were read and graded when the table was saved or opened. */
  #kept = { rows: 0, grades: 0 };
  /** The next row to read, and to grade. */
  #nextRow = 0;
  #nextGrade = 0;
  #last: { row: number; traces: readonly MappedTrace[] | { reason: string } } | undefined;
  #versions = { rows: {}, reviews: {} };
  #reviews: TraceReviews = new Map();
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param name Of the file. @param columns Undefined if they are unknown: then no row can be read.
   * @param saved Where what was read is kept for the next time. @param findings Of its last examination.
   */
  constructor(
    file: RowFile,
    name: string,
    columns: FileMapping | undefined,
    grader: () => Promise<TraceGrader>,
    saved?: SavedReadings,
    findings?: FileFindings,
  ) {
    this.#file = file;
    this.#round = name;
    this.#columns = columns;
    this.#grader = grader;
    this.#saved = saved;
    this.#findings = findings;
  }

  /** Takes what was read of the file in this state by these columns. To be called before anything is read. */
  async restore(): Promise<void> {
    const load = (part: SavedPart, kinds: Readonly<Record<string, ColumnKind>>) =>
      this.#saved?.load(part, this.#columns, kinds);
    const [several, rows] = [await load('several', SEVERAL), await load('rows', RowColumns.kinds)];
    const read = Progress.safeParse(rows?.more).data;
    if (several === undefined || rows === undefined || read === undefined) return;
    // They are two files, and a killed thread may have saved one of them only.
    if (Progress.safeParse(several.more).data?.next !== read.next) return;
    for (let at = 0; at < several.rows; at++) {
      const [row, chains] = [several.columns.get('row')?.at(at), several.columns.get('chains')?.at(at)];
      this.order.note(Number(row), Number(chains));
    }
    this.#rows = RowColumns.of(rows.columns);
    this.#nextRow = read.next;
    const grades = await load('grades', GradeColumns.kinds);
    const graded = Progress.safeParse(grades?.more).data;
    if (grades !== undefined && graded !== undefined && grades.rows <= rows.rows) {
      this.#grades = GradeColumns.of(grades.columns);
      this.#nextGrade = graded.next;
    }
    this.#kept = { rows: this.#nextRow, grades: this.#nextGrade };
    this.order.rows = Math.max(this.#file.rows, this.#nextRow);
    this.#changed();
  }

  /** What is known of all chains that the file has now. */
  get reading(): Reading {
    const all = this.#file.searched >= this.#file.size;
    if (!all || this.#nextRow < this.#file.rows) return 'places';
    return this.#nextGrade < this.#file.rows ? 'rows' : 'grades';
  }

  /** Reads what a query needs, and runs it. @throws QueryError for a field that a file does not have; the reason of an aborted signal */
  async find({ query, sort, reviewer, reviews, facets }: FindTraces, work: Work): Promise<FoundTraces> {
    await this.read(readingOf(query, sort), work);
    await this.#readFindings(query, sort, work.signal);
    this.#found();
    if (this.#reviews !== reviews) this.#versions = { ...this.#versions, reviews: {} };
    this.#reviews = reviews;
    const table = this.#forQuery();
    const rest = query.filter(({ op }) => op !== '~');
    const searching = rest.length < query.length;
    const hasText = searching
      ? await this.#inTurn(() => this.#search.search(query, positionsOf(table, rest, { as: reviewer }), reviews, work))
      : undefined;
    const scope = { as: reviewer, ...defined({ hasText }) };
    const known = facets.filter((field) => hasField(field) && this.#isKnown(field));
    return {
      positions: query.length === 0 && sort === undefined ? undefined : positionsOf(table, query, scope, sort),
      facets: facetCounts(table, query, scope, known),
    };
  }

  /** Reads what the last examination found where a query needs it, or where it is little and the rows are known. @throws QueryError if it is needed and there is none */
  async #readFindings(query: Query, sort: Sort | undefined, signal: AbortSignal): Promise<void> {
    const isNeeded = needsFindings(query, sort);
    const findings = this.#findings;
    if (findings !== undefined && (isNeeded || this.#file.searched >= this.#file.size)) {
      const most = isNeeded ? undefined : FEW_FINDINGS;
      if (await findings.refresh(this.#file, signal, most)) this.#changed();
    }
    if (!isNeeded || findings?.known === true) return;
    const place = { start: 0, end: formatQuery(query).length };
    throw new QueryError(
      'The file was not examined, or has changed since.',
      'Run Examine Data… or longhand doctor on it.',
      place,
    );
  }

  /** Reads the rows of the file, or grades them as well. */
  async read(reading: Reading, work: Work): Promise<void> {
    const least = READINGS.indexOf(reading);
    try {
      if (least >= 1) await this.#inTurn(() => this.#readRows(work));
      if (least >= 2) await this.#inTurn(() => this.#gradeRows(work));
    } finally {
      await this.#inTurn(() => this.#save());
    }
  }

  /** Saves what was read since the last time, also of a reading that was cancelled. */
  async #save(): Promise<void> {
    const [saved, by, kept] = [this.#saved, this.#columns, this.#kept];
    if (saved === undefined) return;
    if (this.#nextRow > kept.rows) {
      const { several } = this.order;
      const [row, chains] = [SEVERAL.row.create(), SEVERAL.chains.create()];
      for (const [at, number] of several.entries()) (at % 2 === 0 ? row : chains).push(number);
      const columns = Object.entries({ row, chains });
      const progress: Progress = { next: this.#nextRow };
      await saved.save('several', by, { length: several.length / 2, columns }, progress);
      await saved.save('rows', by, this.#rows, progress);
    }
    if (this.#nextGrade > kept.grades)
      await saved.save('grades', by, this.#grades, { next: this.#nextGrade } satisfies Progress);
    this.#kept = { rows: this.#nextRow, grades: this.#nextGrade };
  }

  /** The rows of the table for these chains, in order, without what reviewers did. */
  async rowsOf(ids: readonly string[]): Promise<ChainTableRow[]> {
    const rows: ChainTableRow[] = [];
    for (const id of ids) rows.push(await this.#tableRow(id));
    return rows;
  }

  /** What acts on these chains need, in order; undefined for one that can't be read. */
  async factsOf(ids: readonly string[], { signal, progress }: Work): Promise<(TraceFacts | undefined)[]> {
    const facts: (TraceFacts | undefined)[] = [];
    const turn = turns(signal);
    for (const id of ids) {
      const trace = await this.#traceOf(id);
      const at = this.order.indexOf(id);
      const isGraded = at >= 0 && at < this.#grades.length;
      facts.push(
        trace && {
          key: sideKey(id, this.#chainOf(trace, id).text),
          ...(isGraded && defined({ verdict: this.#grades.verdict.at(at), failed: this.#grades.failed.at(at) })),
        },
      );
      if (turn.isOver()) await turn.next(() => progress('rows', facts.length / ids.length));
    }
    return facts;
  }

  /** Forgets the rows from this one on: the file has grown, and its last row may have been incomplete. */
  forgetFrom(row: number): void {
    const position = this.order.indexOf(placeOfTrace(row + 1, 0));
    this.#last = undefined;
    if (position < 0) return;
    this.order.clear(row);
    this.#rows.truncate(position);
    this.#grades.truncate(position);
    this.#kept = { rows: Number.POSITIVE_INFINITY, grades: Number.POSITIVE_INFINITY };
    this.#nextRow = Math.min(this.#nextRow, row);
    this.#nextGrade = Math.min(this.#nextGrade, row);
    this.#search.forgetFrom(position);
    this.#changed();
  }

  async #readRows({ signal, progress }: Work): Promise<void> {
    const turn = turns(signal);
    for (;;) {
      const traces = await this.#tracesOf(this.#nextRow);
      if (traces === undefined) break;
      const all = Array.isArray(traces) && traces.length > 0 ? traces : [undefined];
      const id = placeOfTrace(this.#nextRow + 1, 0);
      for (const trace of all) this.#rows.push(trace, trace && this.#chainOf(trace, id));
      this.#nextRow++;
      this.#changed();
      if (turn.isOver()) await turn.next(() => progress('rows', this.#share(this.#nextRow)));
    }
    this.#found();
  }

  async #gradeRows({ signal, progress }: Work): Promise<void> {
    const turn = turns(signal);
    const grader = await this.#grader();
    const waiting: Promise<(Chain | undefined)[]>[] = [];
    const take = async (most: number): Promise<void> => {
      if (waiting.length > most) grader.flush();
      for (let next = waiting[0]; next !== undefined && waiting.length > most; next = waiting[0]) {
        const chains = await next;
        signal.throwIfAborted();
        waiting.shift();
        for (const chain of chains) this.#grades.push(chain);
        this.#nextGrade++;
        this.#changed();
        if (turn.isOver()) await turn.next(() => progress('grades', this.#share(this.#nextGrade)));
      }
    };
    for (let row = this.#nextGrade; row < this.#nextRow; row++) {
      const traces = (await this.#tracesOf(row)) ?? [];
      const all = Array.isArray(traces) && traces.length > 0 ? traces : [undefined];
      const grading = all.map(async (trace, at) => {
        if (trace === undefined) return undefined;
        return grader.grade({ trace, gold: trace.gold, place: this.#placeOf(placeOfTrace(row + 1, at)) });
      });
      const graded = Promise.all(grading);
      // Rejections of rows that are waited for no longer.
      graded.catch(() => undefined);
      waiting.push(graded);
      if (waiting.length >= AHEAD) await take(AHEAD / 2);
    }
    await take(0);
  }

  async #tableRow(id: string): Promise<ChainTableRow> {
    const { findings = [], group, replyGroup } = this.#findings?.of(this.order).get(id) ?? {};
    const groups = defined({ group, replyGroup });
    const empty = { id, filters: [], findings, ...groups, decisions: [], tags: [], assigned: [] };
    const place = rowOfPlace(id);
    const traces = place && (await this.#tracesOf(place.row));
    if (place === undefined || traces === undefined) return { ...empty, problem: '' };
    if ('reason' in traces) return { ...empty, problem: `Can’t be read: ${traces.reason}.` };
    const trace = traces[place.at];
    if (trace === undefined) return { ...empty, problem: '' };
    const chain = this.#chainOf(trace, id);
    return {
      ...empty,
      problemId: chain.problemId,
      problem: oneLine(trace.question === '' ? chain.text : trace.question, EXCERPT),
      tokens: chain.tokens.count,
      ...defined({
        model: trace.model,
        level: trace.level === undefined ? undefined : String(normaliseLevel(trace.level)),
        topic: trace.topic === undefined ? undefined : normaliseTopic(trace.topic),
      }),
      ...this.#gradedRow(this.order.indexOf(id)),
    };
  }

  #gradedRow(at: number): Partial<ChainTableRow> {
    if (at < 0 || at >= this.#grades.length) return {};
    const table = this.#forQuery();
    const rates = BEHAVIOURS.map((kind) => [kind, table.rateAt(kind, at)]);
    return {
      verdict: this.#grades.verdict.at(at),
      filters: this.#grades.failed.at(at),
      ...defined(Object.fromEntries(rates) as Pick<ChainTableRow, (typeof BEHAVIOURS)[number]>),
    };
  }

  async #traceOf(id: string): Promise<MappedTrace | undefined> {
    const place = rowOfPlace(id);
    const traces = place && (await this.#tracesOf(place.row));
    return place && Array.isArray(traces) ? traces[place.at] : undefined;
  }

  /** Empty where it can't be read. */
  async #textOf(id: string, where: SearchedText): Promise<string> {
    const trace = await this.#traceOf(id);
    if (trace === undefined) return '';
    return where === 'problem' ? trace.question : this.#chainOf(trace, id).text;
  }

  /** The traces of a row, or why it can't be read; undefined after the last row. */
  async #tracesOf(row: number): Promise<readonly MappedTrace[] | { reason: string } | undefined> {
    if (this.#last?.row === row) return this.#last.traces;
    const read = await this.#file.row(row);
    if (read === undefined) return undefined;
    const traces = tracesIn(read, this.#columns);
    this.order.rows = Math.max(this.order.rows, this.#file.rows);
    if (Array.isArray(traces)) this.order.note(row, Math.max(1, traces.length));
    this.#last = { row, traces };
    return traces;
  }

  #chainOf(trace: MappedTrace, id: string): Chain {
    return traceChain(trace, this.#placeOf(id), UNGRADED);
  }

  #placeOf(id: string): TracePlace {
    const row = rowOfPlace(id)?.row ?? 0;
    return { id, round: this.#round, problemId: `row ${row + 1}`, createdAt: EPOCH };
  }

  #isKnown(field: Facet): boolean {
    const needed = readingOf([{ field, op: '=', values: ['0'] }], undefined);
    return READINGS.indexOf(needed) <= READINGS.indexOf(this.reading);
  }

  #forQuery(): TracesForQuery {
    const findings = this.#findings?.of(this.order) ?? new Map();
    return new TracesForQuery(this.order, this.#rows, this.#grades, this.#reviews, this.#versions, findings);
  }

  #changed(): void {
    this.#versions = { rows: {}, reviews: {} };
  }

  /** The rows that the search for places has found meanwhile. */
  #found(): void {
    if (this.order.rows === this.#file.rows) return;
    this.order.rows = this.#file.rows;
    this.#changed();
  }

  #share(row: number): number {
    const { rows, searched, size } = this.#file;
    return rows === 0 || size === 0 ? 1 : (row / rows) * Math.min(1, searched / size);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

function tracesIn(read: RowRead, columns: FileMapping | undefined): MappedTrace[] | { reason: string } {
  if (!('row' in read)) return read;
  if (columns === undefined) return { reason: 'no columns are chosen' };
  const mapped = mapTrace(read.row, columns);
  return 'traces' in mapped ? mapped.traces : mapped;
}
