import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderBy } from '../../../src/store/chain-index/order.ts';

test('positions are sorted as by a stable comparison, with those without a number last', () => {
  const key = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, -1, Number.NaN, 2 ** 53, 1e300, -1e300, Number.POSITIVE_INFINITY, 5e-324),
    fc.nat({ max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 60 }), fc.boolean(), fc.nat({ max: 9 }), (keys, descending, every) => {
      const positions = keys.flatMap((_, position) => (position % 10 === every ? [] : [position]));
      const sorted = orderBy(Uint32Array.from(positions), Float64Array.from(keys), descending);
      const expected = positions.toSorted((a, b) => {
        const [one = 0, other = 0] = [keys[a], keys[b]];
        if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
        if (one === other) return 0;
        return one < other !== descending ? -1 : 1;
      });
      expect([...sorted]).toEqual(expected);
    }),
    { numRuns: 500 },
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
