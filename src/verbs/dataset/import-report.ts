import { formatCount, plural } from '../../core/text/format.ts';
import type { BadLine } from '../../protocol/damage.ts';
import type { SourceRow } from '../../store/source/index.ts';
import type { VerbContext } from '../context.ts';

/** Bad lines that a result names; a file of the wrong kind has millions. */
const MOST_BAD = 1000;
const NOTES = 20;
const EVERY_MS = 100;

/** Counts rows, keeps what is wrong with them, and reports the progress of an import. */
export class ImportReport {
  rows = 0;
  readonly bad: BadLine[] = [];
  readonly #size: number;
  readonly #context: VerbContext;
  #refused = 0;
  #notes = 0;
  #shown = 0;

  /** `size`: bytes of the file. */
  constructor(size: number, context: VerbContext) {
    this.#size = size;
    this.#context = context;
  }

  /** A row was read. `message`: what came of it all so far. */
  row(read: SourceRow, message: string): void {
    this.#context.signal.throwIfAborted();
    this.rows++;
    if (performance.now() - this.#shown < EVERY_MS) return;
    this.#shown = performance.now();
    const done = Math.min(read.read, this.#size);
    this.#context.progress({
      done,
      total: this.#size,
      unit: 'bytes',
      message: `${plural(this.rows, 'row')}, ${message}`,
    });
  }

  refuse(line: number, reason: string): void {
    this.#refused++;
    if (this.bad.length < MOST_BAD) this.bad.push({ line, reason });
  }

  /** A note on a line that was not refused. */
  note(line: number, text: string): void {
    if (this.#notes++ < NOTES) this.#context.log(`Line ${line}: ${text}.`);
  }

  end(): void {
    this.#context.progress({ done: this.#size, total: this.#size, unit: 'bytes', message: plural(this.rows, 'row') });
    if (this.#notes > NOTES) this.#context.log(`${plural(this.#notes - NOTES, 'more note')} of this kind.`);
    if (this.#refused > MOST_BAD)
      this.#context.log(`${plural(this.#refused, 'bad line')}; the first ${formatCount(MOST_BAD)} are listed.`);
  }
}

/** Bad lines of an imported file that are listed. */
const SHOWN_BAD = 10;

/** The first bad lines of an imported file. */
export function badLines(bad: readonly BadLine[]): string[] {
  const shown = bad.slice(0, SHOWN_BAD).map(({ line, reason }) => `  line ${line}: ${reason}`);
  return bad.length > SHOWN_BAD ? [...shown, `  … ${formatCount(bad.length - SHOWN_BAD)} more`] : shown;
}
