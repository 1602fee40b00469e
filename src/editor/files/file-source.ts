import { basename } from 'node:path';
import { type MappedTrace, mapTrace, recogniseFile, type TracePlace, traceChain } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { messageOf, messageWithAdvice, UserError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { type Chain, type FileMapping, levelAndTopic, type ReviewAct, type Verdict } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { ReadFile, ReviewCounts, ReviewItem } from '../../protocol/review.ts';
import { foldDecision } from '../../store/decisions.ts';
import { placeOfTrace, SideFile, sideKey, tracePlace } from '../../store/side-file.ts';
import { RECOGNISE_ROWS } from '../../store/source/index.ts';
import { reviewItem } from '../review/review-item.ts';
import type { ReviewSource } from '../review/session.ts';
import { FileOrder, rowOfPlace } from './file-order.ts';
import { TraceFile } from './trace-file.ts';

/** Rows and graded chains that are kept: a reviewer goes back and forth. */
const KEPT = 24;
/** Shown until a chain is graded. */
const UNGRADED: Verdict = { outcome: 'unknown', method: 'none', detail: 'Grading …' };

/** A trace with the chain of it before grading. */
interface Found {
  trace: MappedTrace;
  chain: Chain;
  key: string;
}

interface Options {
  path: string;
  reviewer: string;
  /** Folder of the bundles. */
  dist: string;
  log(message: string): void;
}

/** A file for one reviewer, as it is: its rows are chains, and acts go to its side file. */
export class FileReviewSource implements ReviewSource {
  readonly reviewer: string;
  readonly query = [];
  readonly #options: Options;
  #file: TraceFile;
  readonly #side: SideFile;
  readonly #order = new FileOrder();
  readonly #listeners = new Set<() => void>();
  readonly #policy = resolvePolicy('default');
  readonly #openedAt = new Date().toISOString();
  readonly #rows = new Map<number, Promise<Found[]>>();
  readonly #graded = new Map<string, Chain>();
  readonly #grading = new Set<string>();
  #columns: FileMapping | undefined;
  #searched = 0;
  #trouble: string | undefined;
  #closed = false;

  private constructor(options: Options, side: SideFile) {
    this.#options = options;
    this.reviewer = options.reviewer;
    this.#side = side;
    this.#file = this.#openFile();
  }

  /** Opens a file. One that can't be read has no chains, and `facts` has the reason. @throws StoreError if its side file is a link. */
  static async open(options: Options): Promise<FileReviewSource> {
    const side = await SideFile.open(options.path);
    if (side.bad > 0) options.log(`${side.path}: ${plural(side.bad, 'line')} can’t be read.`);
    const source = new FileReviewSource(options, side);
    await source.#start();
    return source;
  }

  /** The columns in use; undefined if they are unknown. */
  get columns(): FileMapping | undefined {
    return this.#columns;
  }

  get facts(): ReadFile {
    return {
      name: basename(this.#options.path),
      rows: this.#order.rows,
      searched: Math.min(1, this.#searched),
      ...defined({ columns: this.#columns && describeColumns(this.#columns), trouble: this.#trouble }),
    };
  }

  /** The first rows, to choose columns. */
  firstRows(): Promise<unknown[]> {
    return this.#file.first(RECOGNISE_ROWS);
  }

  /** Reads the file by other columns, from now on and when it is opened again. */
  async setColumns(columns: FileMapping): Promise<void> {
    await this.#side.setColumns(columns, this.reviewer, new Date().toISOString());
    this.#columns = columns;
    this.#forget();
    this.#notify();
  }

  /** Ends the file's thread. Nothing is written later. */
  close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    return this.#file.close();
  }

  /** The file has changed: reads it again. Acts stay with the texts that they were made on. */
  async reopen(): Promise<void> {
    const before = this.#file;
    this.#file = this.#openFile();
    this.#forget();
    await Promise.all([before.close(), this.#start()]);
    this.#notify();
  }

  removeClause(): void {}

  async queue(): Promise<FileOrder> {
    return this.#order;
  }

  all(): FileOrder {
    return this.#order;
  }

  async item(chainId: string): Promise<ReviewItem | undefined> {
    const found = await this.#find(chainId);
    if (found === undefined) return undefined;
    const { trace, key } = found;
    const chain = this.#graded.get(chainId) ?? found.chain;
    if (chain === found.chain) void this.#grade(chainId, found);
    const acts = this.#side.acts(key).map((act) => ({ ...act, chainId }));
    const problem = {
      id: chain.problemId,
      problem: trace.question,
      answer: trace.gold ?? '',
      ...levelAndTopic(trace),
      ...defined({ source: trace.source, licence: trace.licence }),
    };
    return reviewItem(chain, problem, this.#policy, acts, this.reviewer);
  }

  /** A row of the file as it is. */
  async rawRow(chainId: string): Promise<unknown> {
    const read = await this.#file.row(rowOfPlace(chainId)?.row ?? -1);
    return read !== undefined && 'row' in read ? read.row : undefined;
  }

  async counts(): Promise<ReviewCounts> {
    const counts: ReviewCounts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    for (const key of this.#side.keys) {
      const acts = this.#side.acts(key).filter(({ reviewer }) => reviewer === this.reviewer);
      if (this.#order.indexOf(tracePlace(key)) >= 0) counts[foldDecision(acts).decision]++;
    }
    counts.pending = Math.max(0, this.#order.length - counts.accepted - counts.rejected - counts.skipped);
    return counts;
  }

  async append(acts: readonly ReviewAct[]): Promise<void> {
    const keyed = acts.map(async (act) => {
      const found = await this.#find(act.chainId);
      if (found === undefined)
        throw new UserError('file', 'That row is no longer in the file.', 'Open the file again.');
      return { ...act, chainId: found.key };
    });
    await this.#side.append(await Promise.all(keyed));
  }

  /** @param problemId The row: its other traces are samples of the same problem. */
  async samplesOf(problemId: string): Promise<readonly string[]> {
    const row = Number(problemId.replace(/^row /, ''));
    const found = await this.#row(row - 1);
    return (found ?? []).map((_, at) => placeOfTrace(row, at));
  }

  async regrade(chainId: string): Promise<void> {
    const found = await this.#find(chainId);
    this.#graded.delete(chainId);
    if (found !== undefined) await this.#grade(chainId, found);
  }

  readonly onDidChange = (listener: () => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  #openFile(): TraceFile {
    const file = new TraceFile(this.#options.path, this.#options.dist, ({ rows, searched, size }) => {
      if (file !== this.#file) return;
      this.#order.rows = rows;
      this.#searched = size === 0 ? 1 : searched / size;
      this.#notify();
    });
    return file;
  }

  #forget(): void {
    this.#trouble = undefined;
    this.#rows.clear();
    this.#graded.clear();
    this.#order.clear();
  }

  async #start(): Promise<void> {
    try {
      const rows = await this.firstRows();
      this.#order.rows = Math.max(this.#order.rows, rows.length);
      const found = this.#side.columns ?? recogniseFile(rows);
      if ('reason' in found) this.#trouble = `${found.reason} Choose the columns of the traces.`;
      else this.#columns = found;
    } catch (error) {
      this.#trouble = messageWithAdvice(error);
      this.#order.rows = 0;
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  async #find(chainId: string): Promise<Found | undefined> {
    const place = rowOfPlace(chainId);
    const found = place && (await this.#row(place.row));
    return place && found?.[place.at];
  }

  /** The traces of a row; undefined after the last row. @throws UserError if it can't be read. */
  async #row(index: number): Promise<Found[] | undefined> {
    const known = this.#rows.get(index);
    const reading = known ?? this.#readRow(index);
    this.#rows.delete(index);
    this.#rows.set(index, reading);
    reading.catch(() => this.#rows.delete(index));
    dropOldest(this.#rows);
    const found = await reading;
    return found.length === 0 ? undefined : found;
  }

  async #readRow(index: number): Promise<Found[]> {
    const read = await this.#file.row(index);
    if (read === undefined) return [];
    const columns = this.#columns;
    const mapped = 'row' in read && columns !== undefined ? mapTrace(read.row, columns) : read;
    const name = basename(this.#options.path);
    if (!('traces' in mapped)) {
      const reason = 'reason' in mapped ? mapped.reason : 'the columns are not chosen';
      throw new UserError(
        'file',
        `Can’t read row ${formatCount(index + 1)} of ${name}: ${reason}.`,
        'Choose other columns, or show another row.',
      );
    }
    this.#order.note(index, mapped.traces.length);
    return mapped.traces.map((trace, at) => {
      const id = placeOfTrace(index + 1, at);
      const chain = traceChain(trace, this.#placeOf(id, index), UNGRADED);
      return { trace, chain, key: sideKey(id, chain.text) };
    });
  }

  #placeOf(id: string, index: number): TracePlace {
    const round = basename(this.#options.path);
    return { id, round, problemId: `row ${index + 1}`, createdAt: this.#openedAt };
  }

  /** Grades a chain in the file's thread, and reports a change. */
  async #grade(chainId: string, { trace, chain }: Found): Promise<void> {
    if (this.#grading.has(chainId)) return;
    this.#grading.add(chainId);
    const columns = this.#columns;
    try {
      const { id, round, problemId, createdAt } = chain;
      const graded = await this.#file.graded(trace, trace.gold, { id, round, problemId, createdAt });
      if (this.#columns !== columns) return;
      this.#graded.set(chainId, graded);
      dropOldest(this.#graded);
      this.#notify();
    } catch (error) {
      if (!this.#closed) this.#options.log(`Can’t grade ${chainId} in ${this.#options.path}: ${messageOf(error)}`);
    } finally {
      this.#grading.delete(chainId);
    }
  }
}

function dropOldest(kept: Map<unknown, unknown>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
}

/** `problem ← messages, answer ← gold`. */
function describeColumns({ answerFrom: _how, ...columns }: FileMapping): string {
  return Object.entries(columns)
    .map(([use, column]) => (use === column ? use : `${use} ← ${column}`))
    .join(', ');
}
