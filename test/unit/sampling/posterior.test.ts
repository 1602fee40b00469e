import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passRate } from '../../../src/core/sampling/posterior.ts';

describe('passRate', () => {
  it('has the closed forms of Beta(1, n + 1) when nothing succeeded', () => {
    for (const n of [0, 1, 10, 100]) {
      const { mean, low, high } = passRate(n, 0);
      expect(mean).toBeCloseTo(1 / (n + 2), 10);
      expect(low).toBeCloseTo(1 - 0.95 ** (1 / (n + 1)), 6);
      expect(high).toBeCloseTo(1 - 0.05 ** (1 / (n + 1)), 6);
    }
  });

  it('is symmetric, and its interval holds the mean', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }), (a, b) => {
        const p = passRate(a + b, a);
        const q = passRate(a + b, b);
        expect(p.low).toBeLessThan(p.mean);
        expect(p.high).toBeGreaterThan(p.mean);
        expect(p.low).toBeCloseTo(1 - q.high, 6);
      }),
    );
  });
});
