import { type ChainTableRow, type FromChainsPage, MOST_ROWS } from '../../src/protocol/chains.ts';

/** Height of a row in pixels. */
export const ROW_HEIGHT = 26;
/** Largest height of all rows in pixels: an element has at most 33 million in Chromium. */
const MOST_HEIGHT = 30_000_000;
/** Rows that are drawn above and below the screen. */
const AHEAD = 12;
/** Rows kept in the page; those far from the screen are asked again. */
const KEPT = 5000;

/** The rows to draw: `[from, to)`. */
export interface RowWindow {
  from: number;
  to: number;
  /** Where the first of them is drawn, in pixels. */
  top: number;
}

/** Height of all rows in the page, in pixels. */
export const bodyHeight = (total: number): number => Math.min(MOST_HEIGHT, total * ROW_HEIGHT);

/** Pixels of rows for one pixel of scrolling: 1, unless there are too many rows. @param height Of the screen, in pixels. */
export function scrollScale(height: number, total: number): number {
  const hidden = (rows: number): number => Math.max(1, rows + ROW_HEIGHT - height);
  return hidden(total * ROW_HEIGHT) / hidden(bodyHeight(total));
}

/** The rows on a screen of `height` pixels that is scrolled to `scrolled`, and some around them. */
export function windowAt(scrolled: number, height: number, total: number): RowWindow {
  const top = scrolled * scrollScale(height, total);
  const from = Math.min(total, Math.max(0, Math.floor(top / ROW_HEIGHT) - AHEAD));
  const to = Math.min(total, Math.ceil((top + height) / ROW_HEIGHT) + AHEAD);
  return { from, to, top: from * ROW_HEIGHT - top + scrolled };
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
  want({ from, to }: Pick<RowWindow, 'from' | 'to'>): void {
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
