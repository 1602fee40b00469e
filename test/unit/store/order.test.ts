import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderBy, sortByKeys } from '../../../src/store/chain-index/order.ts';

test('positions are sorted as by a stable comparison, with those without a number last', () => {
  const key = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, -1, Number.NaN, 2 ** 53, 1e300, -1e300, Number.POSITIVE_INFINITY, 5e-324),
    fc.nat({ max: 3 }),
  );
  fc.assert(
    // Repeated, so that some are sorted by their digits.
    fc.property(
      fc.array(key, { maxLength: 60 }),
      fc.nat({ max: 200 }),
      fc.boolean(),
      fc.nat({ max: 9 }),
      (...drawn) => {
        const [some, times, descending, every] = drawn;
        const keys = Array.from({ length: times + 1 }, () => some).flat();
        const positions = keys.flatMap((_, position) => (position % 10 === every ? [] : [position]));
        const sorted = orderBy(Uint32Array.from(positions), Float64Array.from(keys), descending);
        const expected = positions.toSorted((a, b) => {
          const [one = 0, other = 0] = [keys[a], keys[b]];
          if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
          if (one === other) return 0;
          return one < other !== descending ? -1 : 1;
        });
        expect([...sorted]).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('whole numbers are sorted alike, whether they are near each other or not', () => {
  const key = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 2 ** 32 - 1 }));
  for (const keys of [fc.array(fc.nat({ max: 30 })), fc.array(key)])
    fc.assert(
      fc.property(keys, fc.boolean(), (own, descending) => {
        const positions = own.flatMap((_, position) => (position % 5 === 3 ? [] : [position]));
        const [from, numbers] = [Uint32Array.from(positions), Uint32Array.from(own)];
        const expected = orderBy(from, Float64Array.from(own), descending);
        expect([...orderBy(from, numbers, descending)]).toEqual([...expected]);
      }),
    );
});

test('many numbers are sorted as by a stable comparison', () => {
  const key = fc.oneof(
    fc.double({ noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.constantFrom(0, -0, 2 ** 53, -(2 ** 53), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324),
  );
  fc.assert(
    fc.property(fc.array(key, { minLength: 600, maxLength: 900, size: 'max' }), (own) => {
      const items = Uint32Array.from(own, (_, i) => i);
      const keys = Float64Array.from(own);
      sortByKeys(items, keys);
      const expected = own.map((_, i) => i).sort((a, b) => compareNumbers(own[a] ?? 0, own[b] ?? 0) || a - b);
      expect([...items]).toEqual(expected);
      expect([...keys].map((one) => one + 0)).toEqual(expected.map((item) => (own[item] ?? 0) + 0));
    }),
    { numRuns: 60 },
  );
});

const compareNumbers = (a: number, b: number): number => Number(a > b) - Number(a < b);
