import { basename } from 'node:path';
import { type MappedTrace, mapTrace, traceChain } from '../../core/dataset/index.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Chain, FileMapping, Verdict } from '../../core/schemas/index.ts';
import { formatCount } from '../../core/text/format.ts';
import { placeOfTrace, sideKey } from '../../store/side-file.ts';
import { rowOfPlace } from '../../store/trace-table/file-order.ts';
import type { TraceFile } from './trace-file.ts';

/** Rows that are kept, with the grades of their chains: a reviewer goes back and forth. */
const KEPT = 24;
/** Of a chain that is being graded. */
const UNGRADED: Verdict = { outcome: 'unknown', method: 'none' };

/** A trace with the chain of it before grading. */
export interface Found {
  trace: MappedTrace;
  chain: Chain;
  key: string;
}

interface FileNow {
  readonly file: TraceFile;
  readonly columns: FileMapping | undefined;
}

interface Options {
  path: string;
  /** The file and its columns, which change. */
  now(): FileNow;
  /** A row was read, and has so many chains. */
  read(row: number, chains: number): void;
  /** A chain has a new grade. */
  graded(): void;
  log(message: string): void;
}

/** The chains of the rows of a file that were shown last, and their grades. */
export class FileChains {
  readonly #options: Options;
  readonly #openedAt = new Date().toISOString();
  readonly #rows = new Map<number, Promise<Found[]>>();
  readonly #graded = new WeakMap<Found, Chain>();
  readonly #grading = new WeakSet<Found>();
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Grades that come later are not reported. */
  close(): void {
    this.#closed = true;
  }

  /** The rows from this one on may be others. */
  forgetFrom(row: number): void {
    for (const index of this.#rows.keys()) if (index >= row) this.#rows.delete(index);
  }

  async find(chainId: string): Promise<Found | undefined> {
    const place = rowOfPlace(chainId);
    const found = place && (await this.row(place.row));
    return place && found?.[place.at];
  }

  /** The traces of a row; undefined after the last row. @throws UserError if it can't be read. */
  async row(index: number): Promise<Found[] | undefined> {
    const known = this.#rows.get(index);
    const reading = known ?? this.#read(index);
    this.#rows.delete(index);
    this.#rows.set(index, reading);
    reading.catch(() => this.#rows.delete(index));
    for (const oldest of this.#rows.keys()) if (this.#rows.size > KEPT) this.#rows.delete(oldest);
    const found = await reading;
    return found.length === 0 ? undefined : found;
  }

  /** The chain with its grade, which is made if it is missing; undefined while it is. */
  graded(found: Found): Chain | undefined {
    const graded = this.#graded.get(found);
    if (graded === undefined) void this.#grade(found);
    return graded;
  }

  regrade(found: Found): Promise<void> {
    this.#graded.delete(found);
    return this.#grade(found);
  }

  async #read(index: number): Promise<Found[]> {
    const { path, now } = this.#options;
    const read = await now().file.row(index);
    if (read === undefined) return [];
    const { columns } = now();
    const mapped = 'row' in read && columns !== undefined ? mapTrace(read.row, columns) : read;
    const name = basename(path);
    if (!('traces' in mapped)) {
      const reason = 'reason' in mapped ? mapped.reason : 'no columns are chosen';
      throw new UserError(
        'file',
        `Can’t read row ${formatCount(index + 1)} of ${name}: ${reason}.`,
        'row' in read ? 'Choose other columns, or show another row.' : 'Correct the row, or show another one.',
      );
    }
    this.#options.read(index, mapped.traces.length);
    const problemId = `row ${index + 1}`;
    return mapped.traces.map((trace, at) => {
      const id = placeOfTrace(index + 1, at);
      const chain = traceChain(trace, { id, round: name, problemId, createdAt: this.#openedAt }, UNGRADED);
      return { trace, chain, key: sideKey(id, chain.text) };
    });
  }

  /** Grades a chain in the file's thread, and reports a change. */
  async #grade(found: Found): Promise<void> {
    if (this.#grading.has(found)) return;
    this.#grading.add(found);
    const { trace, chain } = found;
    const { id, round, problemId, createdAt } = chain;
    const { file } = this.#options.now();
    const graded = await file
      .graded(trace, trace.gold, { id, round, problemId, createdAt })
      .catch((error: unknown) =>
        file === this.#options.now().file ? this.#ungradable(chain, messageOf(error)) : undefined,
      );
    this.#grading.delete(found);
    // A file that has changed was opened again meanwhile, and this row of it is no longer shown.
    if (this.#closed || graded === undefined) return;
    this.#graded.set(found, graded);
    this.#options.graded();
  }

  #ungradable(chain: Chain, reason: string): Chain {
    if (!this.#closed) this.#options.log(`Can’t grade ${chain.id} in ${this.#options.path}: ${reason}`);
    return { ...chain, verdict: { outcome: 'error', method: 'none', detail: reason } };
  }
}
