import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceAbove, passRate, UNIFORM_PRIOR, update, worthSampling } from '../../../src/core/sampling/posterior.ts';

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

describe('worthSampling', () => {
  it('has the closed form of Beta(1, f + 1): P(p > x) = (1 − x)^(f + 1)', () => {
    for (const failures of [0, 10, 112, 1000]) {
      expect(chanceAbove(update(UNIFORM_PRIOR, failures, 0), 1 / 112)).toBeCloseTo((111 / 112) ** (failures + 1), 9);
    }
  });

  it('is false after enough failures, sooner with fewer samples left, and never for a problem that is often solved', () => {
    const failed = (failures: number) => update(UNIFORM_PRIOR, failures, 0);
    expect(worthSampling(failed(112), 112, 0.05)).toBe(true);
    expect(worthSampling(failed(400), 112, 0.05)).toBe(false);
    expect(worthSampling(failed(40), 10, 0.05)).toBe(false);
    expect(worthSampling(update(UNIFORM_PRIOR, 400, 40), 112, 0.05)).toBe(true);
    expect(worthSampling(failed(0), 0, 0)).toBe(false);
    expect(worthSampling(failed(5000), 2, 0)).toBe(true);
  });
});
