import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapRatio, bootstrapShare } from '../../../src/core/evaluation/bootstrap.ts';
import { ratioInterval, wholeInterval } from '../../../src/core/evaluation/format.ts';
import { bootstrapMean, evaluationScores, pairedTest } from '../../../src/core/evaluation/index.ts';
import { sample } from './samples.ts';

const of = (value: number, n: number): number[] => Array.from({ length: n }, () => value);

describe('the interval of a share', () => {
  it('has a width when all problems are right or all wrong', () => {
    const { value, low, high } = bootstrapShare(of(0, 24));
    expect([value, low]).toEqual([0, 0]);
    // Clopper and Pearson, 0 of 24.
    expect(high).toBeCloseTo(0.1425, 4);
    expect(bootstrapShare(of(1, 24))).toEqual({ value: 1, low: 1 - high, high: 1 });
  });

  it('contains the mean and has a width, for any shares', () => {
    const shares = fc.array(fc.constantFrom(0, 0.25, 0.5, 1), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(shares, (values) => {
        const { value, low, high } = bootstrapShare(values);
        expect(value).toBeCloseTo(values.reduce<number>((sum, one) => sum + one, 0) / values.length, 9);
        expect(low).toBeLessThanOrEqual(value + 1e-12);
        expect(high).toBeGreaterThanOrEqual(value - 1e-12);
        expect(high - low).toBeGreaterThan(0);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('contains exactly the rates at which no success among n is likelier than 2.5 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, p) => {
        const { high } = bootstrapShare(of(0, n));
        const chance = (1 - p) ** n;
        if (chance > 0.025 * (1 + 1e-9)) expect(p).toBeLessThanOrEqual(high);
        if (chance < 0.025 * (1 - 1e-9)) expect(p).toBeGreaterThan(high);
      }),
    );
  });

  it('is used for every share of an evaluation, and for a difference of zero in every problem', () => {
    const samples = Array.from({ length: 24 }, (_, i) =>
      sample({ problemId: `p${i}`, outcome: 'incorrect', answer: '1', tokens: 9, first: 'wrong' }),
    );
    const scores = evaluationScores(samples);
    for (const interval of [
      scores.average,
      scores.pass[0]?.score,
      scores.majority[0]?.score,
      scores.truncated,
      scores.firstRight,
      scores.wrongToRight,
    ])
      expect(interval?.high).toBeGreaterThan(0.1);
    const { difference } = pairedTest(of(0.5, 24), of(0.5, 24));
    expect(difference.low).toBeLessThan(-0.1);
    expect(difference.high).toBeGreaterThan(0.1);
  });
});

describe('when every bootstrap draw is the same', () => {
  it('a mean without bounds has no interval but a reason', () => {
    expect(bootstrapMean([10])).toEqual({ value: 10, low: null, high: null, noInterval: 'one problem' });
    const noInterval = 'the same value for all problems';
    expect(bootstrapMean(of(7, 3))).toEqual({ value: 7, low: null, high: null, noInterval });
    expect(wholeInterval(bootstrapMean([1240]))).toBe('1,240 (no interval: one problem)');
  });

  it.each([
    ['all right, then all wrong', of(1, 24), of(0, 24), 0],
    ['no change', [0.1, 0.7, 0.3], [0.1, 0.7, 0.3], 1],
    ['no change, with problems that divide by 0', [1, 0, 0, 0], [1, 0, 0, 0], 1],
  ])('a ratio has no interval: %s', (_, before, after, value) => {
    const noInterval = 'the same ratio in all draws';
    expect(bootstrapRatio(before, after)).toEqual({ value, low: null, high: null, noInterval });
  });

  it('a ratio of one problem has no interval', () => {
    expect(bootstrapRatio([0.5], [1])).toEqual({ value: 2, low: null, high: null, noInterval: 'one problem' });
  });

  it('the reason is in the text of a ratio', () => {
    const ratio = bootstrapRatio(of(1, 24), of(0, 24));
    expect(ratio && ratioInterval(ratio)).toBe('0.00 (no interval: the same ratio in all draws)');
    expect(ratioInterval({ value: 2, low: 1.1, high: null })).toBe('2.00 (1.10 or more)');
  });
});
