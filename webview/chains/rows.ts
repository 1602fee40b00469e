import { type ChainTableRow, type FromChainsPage, MOST_ROWS } from '../../src/protocol/chains.ts';

/** Height of a row in pixels; a million rows stay below the largest height of an element, 33 million pixels in Chromium. */
export const ROW_HEIGHT = 26;
/** Rows that are drawn above and below the screen. */
const AHEAD = 12;
/** Rows kept in the page; those far from the screen are asked again. */
const KEPT = 5000;

/** The rows to draw: `[from, to)`. */
export interface RowWindow {
  from: number;
  to: number;
}

/** The rows on a screen of `height` pixels that is scrolled to `top`, and some around them. */
export function windowAt(top: number, height: number, total: number): RowWindow {
  const from = Math.max(0, Math.floor(top / ROW_HEIGHT) - AHEAD);
  return { from: Math.min(from, total), to: Math.min(total, Math.ceil((top + height) / ROW_HEIGHT) + AHEAD) };
}

/** The rows that the page has. One question at a time goes to the host, for what is on the screen then. */
export class LoadedRows {
  readonly #rows = new Map<number, ChainTableRow>();
  readonly #ask: (message: Extract<FromChainsPage, { type: 'rows' }>) => void;
  #version = 0;
  /** Rows of an earlier version are shown until the new ones arrive. */
  #stale = new Set<number>();
  #waiting = false;

  constructor(ask: (message: Extract<FromChainsPage, { type: 'rows' }>) => void) {
    this.#ask = ask;
  }

  get version(): number {
    return this.#version;
  }

  row(index: number): ChainTableRow | undefined {
    return this.#rows.get(index);
  }

  /** After a snapshot. @param keep Shows the known rows until new ones arrive. */
  reset(version: number, keep: boolean): void {
    this.#version = version;
    this.#waiting = false;
    if (keep) this.#stale = new Set(this.#rows.keys());
    else {
      this.#rows.clear();
      this.#stale.clear();
    }
  }

  put(version: number, offset: number, rows: readonly ChainTableRow[]): void {
    this.#waiting = false;
    if (version !== this.#version) return;
    for (const [at, row] of rows.entries()) {
      this.#rows.set(offset + at, row);
      this.#stale.delete(offset + at);
    }
    this.#forgetFar(offset);
  }

  /** Asks for the missing rows of the window, unless an answer is on its way. */
  want({ from, to }: RowWindow): void {
    if (this.#waiting) return;
    const missing = (index: number): boolean => !this.#rows.has(index) || this.#stale.has(index);
    let first = from;
    while (first < to && !missing(first)) first++;
    if (first >= to) return;
    let last = to - 1;
    while (last > first && !missing(last)) last--;
    this.#waiting = true;
    const limit = Math.min(MOST_ROWS, last - first + 1);
    this.#ask({ type: 'rows', version: this.#version, offset: first, limit });
  }

  #forgetFar(near: number): void {
    if (this.#rows.size <= KEPT) return;
    for (const index of this.#rows.keys()) if (Math.abs(index - near) > KEPT / 2) this.#rows.delete(index);
  }
}
