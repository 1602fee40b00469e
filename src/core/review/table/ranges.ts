import { z } from 'zod';

/** Rows `[first, last]` of a table, counted from 0. */
export const RowRange = z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]);
export type RowRange = z.infer<typeof RowRange>;

/** A selection of rows: ranges in order, without overlap and not adjacent. */
export type Ranges = readonly RowRange[];

/** The ranges of rows in ascending order, each once. */
export function rangesOf(rows: Iterable<number>): RowRange[] {
  const ranges: RowRange[] = [];
  for (const row of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === row) last[1] = row;
    else ranges.push([row, row]);
  }
  return ranges;
}

/** The rows of either selection. */
export function union(a: Ranges, b: Ranges): RowRange[] {
  const joined: RowRange[] = [];
  for (const [first, last] of [...a, ...b].sort((one, other) => one[0] - other[0])) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** The rows of `a` that are not in `b`. */
export function without(a: Ranges, b: Ranges): RowRange[] {
  let left: RowRange[] = a.map(([first, last]) => [first, last]);
  for (const [first, last] of b) {
    left = left.flatMap((range): RowRange[] => {
      if (last < range[0] || range[1] < first) return [range];
      return [
        ...(range[0] < first ? [[range[0], first - 1] satisfies RowRange] : []),
        ...(last < range[1] ? [[last + 1, range[1]] satisfies RowRange] : []),
      ];
    });
  }
  return left;
}

export function hasRow(ranges: Ranges, row: number): boolean {
  return ranges.some(([first, last]) => first <= row && row <= last);
}

/** The selection with the row, or without it if it has it. */
export function toggleRow(ranges: Ranges, row: number): RowRange[] {
  return hasRow(ranges, row) ? without(ranges, [[row, row]]) : union(ranges, [[row, row]]);
}

/** The number of rows. */
export function sizeOf(ranges: Ranges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** All rows below `end`, in order. */
export function* rowsOf(ranges: Ranges, end: number): Generator<number> {
  for (const [first, last] of ranges) for (let row = first; row <= last && row < end; row++) yield row;
}
