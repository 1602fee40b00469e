import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf, outline } from '../../../webview/review/spans/ring.ts';

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe('the ring around sentences', () => {
  test('boxes of one line are one line, also a taller formula in it', () => {
    const lines = linesOf([box(60, 8, 90, 34), box(0, 10, 60, 30), box(90, 12, 120, 30), box(0, 40, 50, 60)]);
    expect(lines).toEqual([box(0, 8, 120, 34), box(0, 40, 50, 60)]);
  });

  test('boxes without a width don’t count', () => {
    expect(linesOf([box(5, 0, 5, 20)])).toEqual([]);
    expect(outline([], 0, 0)).toBe('');
  });

  test('follows the ends of a sentence that begins and ends within lines', () => {
    const path = outline([box(100, 0, 300, 20), box(0, 24, 300, 44), box(0, 48, 80, 68)], 0, 0);
    expect(path).toBe('M302 -2L302 22L302 22L302 46L82 46L82 70L-2 70L-2 46L-2 46L-2 22L98 22L98 -2Z');
  });

  test('goes down on the right and up on the left, whatever the boxes', () => {
    const coordinate = fc.integer({ min: 0, max: 500 });
    const boxes = fc.array(
      fc
        .tuple(coordinate, coordinate, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 30 }))
        .map(([left, top, width, height]) => box(left, top, left + width, top + height)),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(boxes, (all) => {
        const lines = linesOf(all);
        expect(outline(lines, 0, 0).match(/[ML]/g)).toHaveLength(4 * lines.length);
        // Every box is inside of a line.
        for (const one of all) {
          const within = lines.some(
            (line) =>
              line.left <= one.left && line.right >= one.right && line.top <= one.top && line.bottom >= one.bottom,
          );
          expect(within).toBe(true);
        }
      }),
    );
  });
});
