import { basename } from 'node:path';
import { columnsOf, recogniseFile } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { messageOf, messageWithAdvice, UserError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { Query } from '../../core/query/query.ts';
import { type FileMapping, levelAndTopic, type ReviewAct } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { ReadFile, ReviewCounts, ReviewItem } from '../../protocol/review.ts';
import type { Facet, Sort } from '../../store/index.ts';
import { placeOfTrace, SideFile } from '../../store/side-file.ts';
import { RECOGNISE_ROWS } from '../../store/source/index.ts';
import { FileOrder, rowOfPlace } from '../../store/trace-table/file-order.ts';
import { FileReviews } from '../../store/trace-table/file-reviews.ts';
import { reviewItem } from '../review/review-item.ts';
import type { ReviewSource } from '../review/session.ts';
import { FileChains } from './file-chains.ts';
import type { FoundInFile } from './messages.ts';
import type { ChainPlace } from './open-trace-file.ts';
import { TraceFile, type Watch } from './trace-file.ts';

/** Reviewed rows that are read before the counts are shown. */
const FEW = 100;

/** `grades`: only the grade of a chain is new. `rows`: more rows were found. */
type Change = 'all' | 'grades' | 'rows';
type Listener = (what: Change) => void;

interface Options {
  path: string;
  reviewer: string;
  /** Folder of the bundles. */
  dist: string;
  /** Folder where what was read is kept for the next time. */
  kept: string;
  log(message: string): void;
}

/** A file for one reviewer, as it is: its rows are chains, and acts go to its side file. */
export class FileReviewSource implements ReviewSource {
  readonly reviewer: string;
  readonly query = [];
  readonly #options: Options;
  #file: TraceFile;
  readonly reviews: FileReviews;
  /** The chains of the file as far as it was read. */
  readonly order = new FileOrder();
  readonly #listeners = new Set<Listener>();
  readonly #policy = resolvePolicy('default');
  readonly #chains: FileChains;
  #columns: FileMapping | undefined;
  /** The thread that knows the columns. */
  #ready: TraceFile | undefined;
  #searched = 0;
  /** Another object after a change of the columns, or of the file otherwise than at its end. */
  #generation = {};
  #reopening: Promise<unknown> = Promise.resolve();
  #checking: Promise<void> | undefined;
  /** What the thread knows. */
  #sent: { file?: TraceFile; reviews?: unknown } = {};
  #trouble: string | undefined;
  #closed = false;

  private constructor(options: Options, side: SideFile) {
    this.#options = options;
    this.reviewer = options.reviewer;
    this.reviews = new FileReviews(side);
    this.#file = this.#openFile();
    this.#chains = new FileChains({
      path: options.path,
      now: () => ({ file: this.#file, columns: this.#columns }),
      read: (row, chains) => this.order.note(row, chains),
      graded: () => this.#notify('grades'),
      log: options.log,
    });
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
      rows: this.order.rows,
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
    await this.reviews.setColumns(columns, this.reviewer);
    await this.#useColumns(columns);
    this.#notify();
  }

  /** Another window or program may have written to the side file. */
  async refreshReviews(): Promise<void> {
    if (this.#closed || !(await this.reviews.refresh())) return;
    const { columns } = this.reviews;
    if (columns !== undefined && JSON.stringify(columns) !== JSON.stringify(this.#columns))
      await this.#useColumns(columns);
    else void this.#check();
    this.#notify();
  }

  async #useColumns(columns: FileMapping): Promise<void> {
    this.#columns = columns;
    this.#forget();
    await this.#sendColumns();
  }

  async #sendColumns(): Promise<void> {
    const file = this.#file;
    this.#ready = undefined;
    await file.setColumns(this.#columns);
    this.#ready = file;
    void this.#check();
  }

  /**
   * The chain at a place: of a line, the first one of its row. Waits until the row is found; undefined if there is none.
   * @param signal Rejects with its reason.
   */
  async chainAt(place: ChainPlace, signal?: AbortSignal): Promise<string | undefined> {
    if (typeof place !== 'string') {
      const row = await this.#file.rowOfLine(place.line, signal);
      return row === undefined ? undefined : placeOfTrace(row + 1, 0);
    }
    const row = rowOfPlace(place)?.row;
    if (row === undefined) return undefined;
    const isThere = row < this.order.rows || (await this.#file.row(row, signal)) !== undefined;
    return isThere ? place : undefined;
  }

  /** Another object after a change of the columns, or of the file otherwise than at its end. */
  get generation(): object {
    return this.#generation;
  }

  /** The file's size in bytes. */
  size = 0;

  /** The chains of a query, by their positions in `order`. */
  async find(query: Query, sort: Sort | undefined, facets: readonly Facet[], watch: Watch): Promise<FoundInFile> {
    const [file, reviews] = [this.#file, this.reviews.all];
    const isKnown = this.#sent.file === file && this.#sent.reviews === reviews;
    this.#sent = { file, reviews };
    const request = { query, sort, facets, reviewer: this.reviewer, ...(isKnown ? {} : { reviews }) };
    const found = await file.find(request, watch);
    if (file === this.#file && found.several !== undefined) this.order.several = found.several;
    return found;
  }

  /** The thread of the file, for its table. */
  get file(): Pick<TraceFile, 'read' | 'tableRows' | 'facts'> {
    return this.#file;
  }

  /**
   * Takes in a change of the file that was not noticed yet.
   * @returns whether rows that were read may be other ones now
   */
  async hasChanged(): Promise<boolean> {
    if (await this.#file.isSame()) return false;
    const before = this.#generation;
    await this.reopen();
    return this.#generation !== before;
  }

  /** Ends the file's thread. Nothing is written later. */
  close(): Promise<void> {
    this.#closed = true;
    this.#chains.close();
    this.#listeners.clear();
    return this.#file.close();
  }

  /** The file has changed: reads it again. Acts stay with the texts that they were made on. */
  reopen(): Promise<void> {
    const reopened = this.#reopening.then(() => this.#reopen());
    this.#reopening = reopened.catch(() => undefined);
    return reopened;
  }

  async #reopen(): Promise<void> {
    if (this.#closed) return;
    const before = this.#file;
    const grown = this.#columns === undefined ? undefined : await before.grow().catch(() => undefined);
    if (grown !== undefined) {
      this.#forgetFrom(grown);
    } else {
      this.#file = this.#openFile();
      this.#forget();
      await Promise.all([before.close(), this.#start()]);
    }
    this.#notify();
  }

  removeClause(): void {}

  async queue(): Promise<FileOrder> {
    return this.order;
  }

  all(): FileOrder {
    return this.order;
  }

  async item(chainId: string): Promise<ReviewItem | undefined> {
    const found = await this.#chains.find(chainId);
    if (found === undefined) return undefined;
    const { trace, key } = found;
    const graded = this.#chains.graded(found);
    const isGrading = graded === undefined;
    const chain = graded ?? found.chain;
    const acts = this.reviews.acts(key).map((act) => ({ ...act, chainId }));
    const problem = {
      id: chain.problemId,
      problem: trace.question,
      answer: trace.gold ?? '',
      ...levelAndTopic(trace),
      ...defined({ source: trace.source, licence: trace.licence }),
    };
    const item = reviewItem(chain, problem, this.#policy, acts, this.reviewer);
    return { ...item, textKey: key, ...(isGrading && { isGrading }) };
  }

  /** A row of the file as it is. */
  async rawRow(chainId: string): Promise<unknown> {
    const read = await this.#file.row(rowOfPlace(chainId)?.row ?? -1);
    return read !== undefined && 'row' in read ? read.row : undefined;
  }

  /** Decisions on texts that the file no longer has don't count; they are found later where there are many. */
  async counts(): Promise<ReviewCounts> {
    if (this.reviews.unchecked(this.order.rows).length <= FEW) await this.#check();
    const counts = this.reviews.counts(this.reviewer);
    counts.pending = Math.max(0, this.order.length - counts.accepted - counts.rejected - counts.skipped);
    return counts;
  }

  async append(acts: readonly ReviewAct[]): Promise<void> {
    const keyed = acts.map(async (act) => {
      const found = await this.#chains.find(act.chainId);
      if (found === undefined)
        throw new UserError('file', 'That row is no longer in the file.', 'Open the file again.');
      return { ...act, chainId: found.key };
    });
    await this.appendKeyed(await Promise.all(keyed));
  }

  /** As `append`, with the keys of the texts in place of the chains. */
  async appendKeyed(acts: readonly ReviewAct[]): Promise<void> {
    await this.reviews.append(acts);
    this.#notify();
  }

  /** @param problemId The row: its other traces are samples of the same problem. */
  async samplesOf(problemId: string): Promise<readonly string[]> {
    const row = Number(problemId.replace(/^row /, ''));
    const found = await this.#chains.row(row - 1);
    return (found ?? []).map((_, at) => placeOfTrace(row, at));
  }

  async regrade(chainId: string): Promise<void> {
    const found = await this.#chains.find(chainId);
    if (found !== undefined) await this.#chains.regrade(found);
  }

  readonly onDidChange = (listener: Listener): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  #openFile(): TraceFile {
    const file = new TraceFile(this.#options, ({ rows, searched, size }) => {
      if (file !== this.#file) return;
      this.order.rows = rows;
      this.size = size;
      void this.#check();
      this.#searched = size === 0 ? 1 : searched / size;
      this.#notify('rows');
    });
    return file;
  }

  #forget(): void {
    this.#generation = {};
    this.#trouble = undefined;
    this.#chains.forgetFrom(0);
    this.order.clear();
    this.reviews.forget();
  }

  /** The rows from this one on may be others. */
  #forgetFrom(row: number): void {
    this.#chains.forgetFrom(row);
    this.order.clear(row);
    this.reviews.forget(row);
    void this.#check();
  }

  /** Finds out, in the background, which reviewed texts the file still has. */
  #check(): Promise<void> {
    this.#checking ??= this.#checkNow().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #checkNow(): Promise<void> {
    if (this.#ready !== this.#file) return;
    try {
      for (;;) {
        const [file, generation] = [this.#file, this.#generation];
        const isOther = (): boolean => file !== this.#file || generation !== this.#generation;
        const places = this.reviews.unchecked(this.order.rows);
        if (places.length === 0) return;
        const facts = await file.facts(places).catch((error: unknown) => {
          if (!isOther()) throw error;
        });
        if (facts === undefined || isOther()) continue;
        this.reviews.checked(
          places,
          facts.map((fact) => fact?.key),
        );
        this.#notify();
      }
    } catch (error) {
      if (!this.#closed) this.#options.log(`Can’t compare ${this.#options.path} with its reviews: ${messageOf(error)}`);
    }
  }

  async #start(): Promise<void> {
    try {
      const rows = await this.firstRows();
      this.order.rows = Math.max(this.order.rows, rows.length);
      const found = this.reviews.columns ?? recogniseFile(rows);
      if (!('reason' in found)) this.#columns = found;
      else if (columnsOf(rows).length > 0) this.#trouble = `${found.reason} Choose the columns of the traces.`;
      else this.#trouble = await noColumns(this.#file, rows);
      await this.#sendColumns();
    } catch (error) {
      this.#trouble = messageWithAdvice(error);
      this.order.rows = 0;
    }
  }

  #notify(what: Change = 'all'): void {
    for (const listener of this.#listeners) listener(what);
  }
}

/** Why the first rows have no columns: they can't be read, or are no objects. */
async function noColumns(file: Pick<TraceFile, 'row'>, rows: readonly unknown[]): Promise<string> {
  const first = rows.length > 0 ? undefined : await file.row(0);
  if (first !== undefined && 'reason' in first) return `Can’t read row 1: ${first.reason}. Correct or remove the row.`;
  return `The file has no rows with named columns. Each row must be an object, such as {"problem": "…", "trace": "…"}.`;
}

/** `problem ← messages, answer ← gold`. */
function describeColumns({ answerFrom: _how, ...columns }: FileMapping): string {
  return Object.entries(columns)
    .map(([use, column]) => (use === column ? use : `${use} ← ${column}`))
    .join(', ');
}
