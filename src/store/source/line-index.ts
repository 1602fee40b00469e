import { isBlank, isBlankByte } from '../lines/blank.ts';

const NEWLINE = 0x0a;
/** Rows between two places that are kept. */
const EVERY = 64;
/** Bytes between two places that are kept, where rows are long. */
const SPAN = 256 * 1024;

/** A place in the file that is kept: the number of a row from 0, the byte offset of its line, and the number of that line from 1. */
export interface Checkpoint {
  row: number;
  offset: number;
  line: number;
}

/** Where an index ends: rows, bytes, the start of the last line, the lines before it, and whether it is blank so far. */
export interface LineEnd {
  rows: number;
  read: number;
  line: number;
  lines: number;
  blank: boolean;
}

/** Numbers of a kept place. */
const WIDTH = 3;

/**
 * The places of the rows of a JSONL file, kept for every 64th row or 256 KB: 1 MB for 10 GB in rows of 2 KB. A row is a line that is not blank.
 */
export class LineIndex {
  readonly #every: number;
  readonly #span: number;
  #checkpoints: Float64Array = new Float64Array(1024 * WIDTH);
  #count = 0;
  #rows = 0;
  /** Bytes read so far, the start of the current line, and the lines before it. */
  #read = 0;
  #line = 0;
  #lines = 0;
  #blank = true;

  constructor({ every = EVERY, span = SPAN }: { every?: number; span?: number } = {}) {
    this.#every = every;
    this.#span = span;
  }

  /** An index of the whole file, from what `places` and `end` were. */
  static of(places: Float64Array, end: LineEnd): LineIndex {
    const index = new LineIndex();
    index.#checkpoints = places;
    index.#count = places.length / WIDTH;
    index.#rows = end.rows;
    index.#read = end.read;
    index.#line = end.line;
    index.#lines = end.lines;
    index.#blank = end.blank;
    return index;
  }

  /** Three numbers for each kept place: row, offset and line. */
  get places(): Float64Array {
    return this.#checkpoints.subarray(0, this.#count * WIDTH);
  }

  /** Where the index ends. */
  get end(): LineEnd {
    return { rows: this.#rows, read: this.#read, line: this.#line, lines: this.#lines, blank: this.#blank };
  }

  /** Rows that begin in the bytes so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Lines that end in the bytes so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes so far. */
  get read(): number {
    return this.#read;
  }

  /** Takes the next bytes of the file. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#blank) {
        const byte = chunk[at] ?? 0;
        if (byte === NEWLINE) {
          this.#line = this.#read + at + 1;
          this.#lines++;
        }
        if (isBlankByte(byte, this.#read + at)) {
          at += 1;
          continue;
        }
        this.#begin();
      }
      const end = chunk.indexOf(NEWLINE, at);
      if (end === -1) break;
      at = end + 1;
      this.#line = this.#read + at;
      this.#lines++;
      this.#blank = true;
    }
    this.#read += chunk.length;
  }

  /** The last kept place at or before a row, and the first one after it, if any. */
  around(row: number): { before: Checkpoint; after: Checkpoint | undefined } {
    return this.#around('row', row);
  }

  /** As `around`, of a line from 1. */
  aroundLine(line: number): { before: Checkpoint; after: Checkpoint | undefined } {
    return this.#around('line', line);
  }

  #around(by: 'row' | 'line', number: number): { before: Checkpoint; after: Checkpoint | undefined } {
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#at(middle)[by] <= number) low = middle;
      else high = middle - 1;
    }
    return { before: this.#at(low), after: low + 1 < this.#count ? this.#at(low + 1) : undefined };
  }

  #at(index: number): Checkpoint {
    const [places, at] = [this.#checkpoints, index * WIDTH];
    return { row: places[at] ?? 0, offset: places[at + 1] ?? 0, line: places[at + 2] ?? 0 };
  }

  /** A row begins in the current line. */
  #begin(): void {
    this.#blank = false;
    const last = this.#at(this.#count - 1);
    if (this.#count === 0 || this.#rows - last.row >= this.#every || this.#line - last.offset >= this.#span)
      this.#keep();
    this.#rows += 1;
  }

  #keep(): void {
    const at = this.#count * WIDTH;
    if (at + WIDTH > this.#checkpoints.length) {
      const longer = new Float64Array(Math.max(1024 * WIDTH, this.#checkpoints.length * 2));
      longer.set(this.#checkpoints);
      this.#checkpoints = longer;
    }
    this.#checkpoints.set([this.#rows, this.#line, this.#lines + 1], at);
    this.#count += 1;
  }
}

/** Where a row is in some bytes: `[start, end)` without the line end, and the lines before it. */
export interface RowPlace {
  start: number;
  end: number;
  lines: number;
}

/** The rows in some bytes that begin at the start of a line. @param offset Of the bytes in the file. */
export function rowsIn(bytes: Buffer, offset: number): RowPlace[] {
  const rows: RowPlace[] = [];
  for (let start = 0, lines = 0; start < bytes.length; lines++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isBlank(bytes, offset, start, end)) rows.push({ start, end, lines });
    start = end + 1;
  }
  return rows;
}
