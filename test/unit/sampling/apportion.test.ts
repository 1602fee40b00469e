import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from '../../../src/core/sampling/policies/gvm.ts';

describe('apportion', () => {
  it('gives whole numbers that sum to the total, each within one of its exact share', () => {
    const weights = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 100_000 }), (list, total) => {
        const shares = apportion(list, total);
        const sum = list.reduce((all, weight) => all + weight, 0);
        expect(shares.reduce((all, share) => all + share, 0)).toBe(total);
        shares.forEach((share, i) => {
          expect(Number.isInteger(share)).toBe(true);
          expect(Math.abs(share - ((list[i] ?? 0) / sum) * total)).toBeLessThan(1);
        });
      }),
    );
  });

  it('breaks ties by order and assigns nothing without weights', () => {
    expect(apportion([1, 1, 1], 5)).toEqual([2, 2, 1]);
    expect(apportion([0, 3, 1], 4)).toEqual([0, 3, 1]);
    expect(apportion([0, 0], 7)).toEqual([0, 0]);
    expect(apportion([], 7)).toEqual([]);
  });
});
