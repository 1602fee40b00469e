const NEWLINE = 0x0a;
const SPACE = 0x20;
const BOM = [0xef, 0xbb, 0xbf];
/** Rows between two places that are kept. */
const EVERY = 64;
/** Bytes between two places that are kept, where rows are long. */
const SPAN = 256 * 1024;

/** A place in the file that is kept: the number of a row from 0, and the byte offset of its line. */
export interface Checkpoint {
  row: number;
  offset: number;
}

/**
 * The places of the rows of a JSONL file, kept for every 64th row or 256 KB: 1 MB for 10 GB in rows of 2 KB. A row is a line that is not blank.
 * Blank: white space of ASCII only, and a byte order mark at the start of the file.
 */
export class LineIndex {
  readonly #every: number;
  readonly #span: number;
  #checkpoints = new Float64Array(1024);
  #count = 0;
  #rows = 0;
  /** Bytes read so far, and the start of the current line. */
  #read = 0;
  #line = 0;
  #blank = true;

  constructor({ every = EVERY, span = SPAN }: { every?: number; span?: number } = {}) {
    this.#every = every;
    this.#span = span;
  }

  /** Rows that begin in the bytes so far. */
  get rows(): number {
    return this.#rows;
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
        if (byte === NEWLINE) this.#line = this.#read + at + 1;
        if (byte <= SPACE || BOM[this.#read + at] === byte) {
          at += 1;
          continue;
        }
        this.#begin();
      }
      const end = chunk.indexOf(NEWLINE, at);
      if (end === -1) break;
      at = end + 1;
      this.#line = this.#read + at;
      this.#blank = true;
    }
    this.#read += chunk.length;
  }

  /** The last kept place at or before a row, and the first one after it, if any. */
  around(row: number): { before: Checkpoint; after: Checkpoint | undefined } {
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#at(middle).row <= row) low = middle;
      else high = middle - 1;
    }
    return { before: this.#at(low), after: low + 1 < this.#count ? this.#at(low + 1) : undefined };
  }

  #at(index: number): Checkpoint {
    return { row: this.#checkpoints[index * 2] ?? 0, offset: this.#checkpoints[index * 2 + 1] ?? 0 };
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
    const at = this.#count * 2;
    if (at + 2 > this.#checkpoints.length) {
      const longer = new Float64Array(this.#checkpoints.length * 2);
      longer.set(this.#checkpoints);
      this.#checkpoints = longer;
    }
    this.#checkpoints[at] = this.#rows;
    this.#checkpoints[at + 1] = this.#line;
    this.#count += 1;
  }
}

/** The rows in some bytes that begin at the start of a line: their `[start, end)` in the bytes, without the line end. */
export function rowsIn(bytes: Buffer, atFileStart: boolean): { start: number; end: number }[] {
  const rows: { start: number; end: number }[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isBlank(bytes, start, end, atFileStart)) rows.push({ start, end });
    start = end + 1;
  }
  return rows;
}

function isBlank(bytes: Buffer, start: number, end: number, atFileStart: boolean): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > SPACE && !(atFileStart && BOM[at] === byte)) return false;
  }
  return true;
}
