import { placeOfTrace } from '../side-file.ts';

/**
 * The chains of a file in the order of its rows. A row that was not read counts as one chain; reading it shows how many it has. Ids are those of
 * `placeOfTrace`.
 */
export class FileOrder {
  /** Rows found so far. */
  rows = 0;
  /** Rows from 0 that have several chains, in order, with the chains of earlier rows that are not their first ones. */
  readonly #several: { row: number; chains: number; before: number }[] = [];

  get length(): number {
    const last = this.#several.at(-1);
    return this.rows + (last === undefined ? 0 : last.before + last.chains - 1);
  }

  /** @param row From 0. @param chains At least 1. */
  note(row: number, chains: number): void {
    const at = this.#firstAfter(row - 1);
    const isKnown = this.#several[at]?.row === row;
    if (chains === 1 && !isKnown) return;
    if (this.#several[at]?.row === row && this.#several[at].chains === chains) return;
    this.version++;
    this.#several.splice(at, isKnown ? 1 : 0, ...(chains === 1 ? [] : [{ row, chains, before: 0 }]));
    // Those before it stay: a file is mostly read in its order.
    const last = this.#several[at - 1];
    let before = last === undefined ? 0 : last.before + last.chains - 1;
    for (let index = at; index < this.#several.length; index++) {
      const one = this.#several[index];
      if (one === undefined) break;
      one.before = before;
      before += one.chains - 1;
    }
  }

  /** Another number after each change of what rows have. */
  version = 0;

  /** The rows with several chains, each with the number of its chains. */
  get several(): Uint32Array {
    return Uint32Array.from(this.#several.flatMap(({ row, chains }) => [row, chains]));
  }

  /** Takes what another order knows. */
  set several(pairs: Uint32Array) {
    this.clear();
    for (let at = 0; at < pairs.length; at += 2) this.note(pairs[at] ?? 0, pairs[at + 1] ?? 1);
  }

  /** Forgets what rows have, from this one on: all of them after a change of the columns. */
  clear(from = 0): void {
    this.version++;
    this.#several.length = this.#firstAfter(from - 1);
  }

  /** Chains of a row, as far as it was read. */
  chainsOf(row: number): number {
    const one = this.#several[this.#firstAfter(row) - 1];
    return one?.row === row ? one.chains : 1;
  }

  at(index: number): string | undefined {
    if (index < 0 || index >= this.length) return undefined;
    // The last row with several chains that begins at or before the index.
    let low = 0;
    let high = this.#several.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const one = this.#several[middle];
      if (one !== undefined && one.row + one.before <= index) low = middle + 1;
      else high = middle;
    }
    const one = this.#several[low - 1];
    if (one === undefined) return placeOfTrace(index + 1, 0);
    const inside = index - one.row - one.before;
    if (inside < one.chains) return placeOfTrace(one.row + 1, inside);
    return placeOfTrace(index - one.before - one.chains + 2, 0);
  }

  indexOf(id: string): number {
    const { row, at } = rowOfPlace(id) ?? { row: -1, at: 0 };
    if (row < 0 || row >= this.rows) return -1;
    const next = this.#firstAfter(row);
    const last = this.#several[next - 1];
    const chains = last?.row === row ? last.chains : 1;
    if (at >= chains) return -1;
    const extra = last === undefined ? 0 : last.before + (last.row === row ? 0 : last.chains - 1);
    return row + extra + at;
  }

  /** Index of the first of `#several` after a row. */
  #firstAfter(row: number): number {
    let low = 0;
    let high = this.#several.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#several[middle]?.row ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The row of a chain's id and its place among the chains of the row, both from 0; undefined for another text. */
export function rowOfPlace(id: string): { row: number; at: number } | undefined {
  const [, row, at = '1'] = /^([1-9]\d{0,14})(?:\.([1-9]\d{0,5}))?$/.exec(id) ?? [];
  return row === undefined ? undefined : { row: Number(row) - 1, at: Number(at) - 1 };
}
