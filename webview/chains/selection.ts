import { type Ranges, type RowRange, toggleRow, union, without } from '../../src/core/review/table/ranges.ts';

/** The selected rows, and where Shift extends from. */
export class RowSelection {
  #ranges: Ranges = [];
  #anchor = 0;
  /** What Shift has selected since the anchor was set; the next extension replaces it. */
  #extended: Ranges = [];

  get ranges(): Ranges {
    return this.#ranges;
  }

  /** @returns whether the selection differs. */
  set(ranges: Ranges): boolean {
    const isSame = JSON.stringify(ranges) === JSON.stringify(this.#ranges);
    this.#ranges = ranges;
    this.#extended = [];
    return !isSame;
  }

  /** Moves the place that Shift extends from. */
  anchor(row: number): void {
    this.#anchor = row;
    this.#extended = [];
  }

  toggle(row: number): void {
    this.set(toggleRow(this.#ranges, row));
    this.anchor(row);
  }

  /** Selects from the anchor to `row`; what an earlier extension had beyond is no longer selected. */
  extend(row: number): void {
    const range: RowRange = [Math.min(this.#anchor, row), Math.max(this.#anchor, row)];
    this.#ranges = union(without(this.#ranges, this.#extended), [range]);
    this.#extended = [range];
  }
}
