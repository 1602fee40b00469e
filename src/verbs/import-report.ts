import type { BadLine } from '../protocol/verbs.ts';
import type { SourceRow } from '../store/source/index.ts';
import type { VerbContext } from './context.ts';

/** Bad lines that a result names; a file of the wrong kind has millions. */
const MOST_BAD = 1000;
const NOTES = 20;
const EVERY_MS = 100;

/** Counts rows, keeps what was wrong with them, and tells how far an import is. */
export class ImportReport {
  rows = 0;
  readonly bad: BadLine[] = [];
  readonly #size: number;
  readonly #context: VerbContext;
  #refused = 0;
  #notes = 0;
  #told = 0;

  /** `size`: bytes of the file. */
  constructor(size: number, context: VerbContext) {
    this.#size = size;
    this.#context = context;
  }

  /** A row was read. `message`: what came of it all so far. */
  row(read: SourceRow, message: string): void {
    this.#context.signal.throwIfAborted();
    this.rows++;
    if (performance.now() - this.#told < EVERY_MS) return;
    this.#told = performance.now();
    const done = Math.min(read.read, this.#size);
    this.#context.progress({ done, total: this.#size, unit: 'bytes', message: `${this.rows} rows, ${message}` });
  }

  refuse(line: number, reason: string): void {
    this.#refused++;
    if (this.bad.length < MOST_BAD) this.bad.push({ line, reason });
  }

  /** Something a person may want to know of a line that was not refused. */
  note(line: number, text: string): void {
    if (this.#notes++ < NOTES) this.#context.log(`Line ${line}: ${text}.`);
  }

  end(): void {
    this.#context.progress({ done: this.#size, total: this.#size, unit: 'bytes', message: `${this.rows} rows` });
    if (this.#notes > NOTES) this.#context.log(`${this.#notes - NOTES} more notes of this kind.`);
    if (this.#refused > MOST_BAD) this.#context.log(`${this.#refused} bad lines; the first ${MOST_BAD} are named.`);
  }
}
