import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCumulative, betaQuantile, lnBeta, lnGamma, normalCumulative } from '../../../src/core/maths/special.ts';

/** For integers, I_x(a, b) is the probability of at least a successes in a + b − 1 trials. */
function binomialTail(x: number, a: number, b: number): number {
  const n = a + b - 1;
  let sum = 0;
  for (let k = a; k <= n; k++) {
    sum += Math.exp(-Math.log(n + 1) - lnBeta(k + 1, n - k + 1) + k * Math.log(x) + (n - k) * Math.log1p(-x));
  }
  return sum;
}

describe('special functions', () => {
  it('lnGamma matches factorials, the value at one half and the recurrence', () => {
    let factorial = 0;
    for (let n = 1; n <= 170; n++) {
      expect(Math.abs(lnGamma(n) - factorial)).toBeLessThan(1e-11 * Math.max(1, factorial));
      factorial += Math.log(n);
    }
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    for (const x of [0.01, 0.2, 0.49, 3.7, 150.2]) expect(lnGamma(x + 1)).toBeCloseTo(lnGamma(x) + Math.log(x), 10);
  });

  it('betaCumulative is a binomial tail for integers, and is symmetric', () => {
    const size = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(size, size, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, x) => {
        expect(betaCumulative(x, a, b)).toBeCloseTo(binomialTail(x, a, b), 9);
        expect(betaCumulative(x, a, b)).toBeCloseTo(1 - betaCumulative(1 - x, b, a), 9);
      }),
    );
    for (const x of [0.001, 0.2, 0.3, 0.5, 0.9]) {
      expect(betaCumulative(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 10);
    }
    expect(betaCumulative(0, 2, 3)).toBe(0);
    expect(betaCumulative(1, 2, 3)).toBe(1);
  });

  it('betaQuantile inverts betaCumulative', () => {
    const parameter = fc.double({ min: 0.5, max: 300, noNaN: true });
    fc.assert(
      fc.property(parameter, parameter, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (a, b, q) => {
        const x = betaQuantile(q, a, b);
        expect(betaCumulative(x - 1e-9, a, b)).toBeLessThanOrEqual(q);
        expect(betaCumulative(x + 1e-9, a, b)).toBeGreaterThanOrEqual(q);
      }),
    );
    // One sample: Beta(1, 2) has the closed form 1 − √(1 − q).
    expect(betaQuantile(0.05, 1, 2)).toBeCloseTo(1 - Math.sqrt(0.95), 9);
  });

  it('normalCumulative matches known quantiles', () => {
    expect(normalCumulative(0)).toBeCloseTo(0.5, 6);
    expect(normalCumulative(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalCumulative(-1.644854)).toBeCloseTo(0.05, 6);
  });
});
