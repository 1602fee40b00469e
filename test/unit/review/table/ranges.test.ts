import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasRow,
  type Ranges,
  rangesOf,
  rowsOf,
  sizeOf,
  toggleRow,
  union,
  without,
} from '../../../../src/core/review/table/ranges.ts';
import { RowSelection } from '../../../../webview/chains/selection.ts';

const END = 40;
const rows = fc.uniqueArray(fc.integer({ min: 0, max: END - 1 }));
const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);
const toRanges = (values: Iterable<number>): Ranges => rangesOf(sorted(values));
const toRows = (ranges: Ranges): number[] => [...rowsOf(ranges, END)];

describe('ranges of rows', () => {
  it('are the rows that they were made of, as few as possible', () => {
    fc.assert(
      fc.property(rows, (values) => {
        const ranges = toRanges(values);
        expect(toRows(ranges)).toEqual(sorted(values));
        expect(sizeOf(ranges)).toBe(values.length);
        for (const [at, [first, last]] of ranges.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          expect(first).toBeGreaterThan((ranges[at - 1]?.[1] ?? -2) + 1);
        }
      }),
    );
  });

  it('have union, difference and toggle of sets', () => {
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 0, max: END - 1 }), (a, b, row) => {
        expect(union(toRanges(a), toRanges(b))).toEqual(toRanges([...a, ...b]));
        expect(toRows(without(toRanges(a), toRanges(b)))).toEqual(sorted(a.filter((one) => !b.includes(one))));
        expect(hasRow(toRanges(a), row)).toBe(a.includes(row));
        const toggled = a.includes(row) ? a.filter((one) => one !== row) : [...a, row];
        expect(toggleRow(toRanges(a), row)).toEqual(toRanges(toggled));
      }),
    );
  });

  it('end where the table ends', () => {
    expect([...rowsOf([[2, 1_000_000_000]], 5)]).toEqual([2, 3, 4]);
  });
});

describe('a selection', () => {
  it('has all rows from the anchor to the last extension, and none of an earlier one beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: END - 1 }),
        fc.array(fc.integer({ min: 0, max: END - 1 }), { minLength: 1 }),
        (anchor, tos) => {
          const selection = new RowSelection();
          selection.anchor(anchor);
          for (const to of tos) selection.extend(to);
          const to = tos.at(-1) ?? anchor;
          expect(selection.ranges).toEqual([[Math.min(anchor, to), Math.max(anchor, to)]]);
        },
      ),
    );
  });

  it('keeps rows outside of the extension', () => {
    const selection = new RowSelection();
    selection.toggle(30);
    selection.toggle(3);
    selection.extend(6);
    selection.extend(5);
    expect(selection.ranges).toEqual([
      [3, 5],
      [30, 30],
    ]);
  });
});
