import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapShare } from '../../../src/core/evaluation/bootstrap.ts';
import {
  bootstrapMean,
  compareEvaluations,
  EvaluationComparison,
  formatDifference,
  pairedTest,
} from '../../../src/core/evaluation/index.ts';
import { sample } from './samples.ts';

const shares = fc.array(fc.constantFrom<number>(0, 0.25, 0.5, 0.75, 1), { minLength: 1, maxLength: 12 });

describe('the paired test', () => {
  it('is McNemar’s exact test where each problem has one sample', () => {
    // Five problems turn right, none turns wrong: 2 · ½⁵.
    const before = [0, 0, 0, 0, 0, 1, 1];
    expect(pairedTest(before, [1, 1, 1, 1, 1, 1, 1]).p).toBeCloseTo(2 / 32, 12);
    // Six right, one wrong: 2 · (1 + 7)/2⁷.
    expect(pairedTest([0, 0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1, 0]).p).toBeCloseTo(16 / 128, 12);
  });

  it('is the same in both directions, and 1 without a difference', () => {
    fc.assert(
      fc.property(shares, (before) => {
        const after = [...before].reverse();
        expect(pairedTest(before, after).p).toBeCloseTo(pairedTest(after, before).p, 12);
        expect(pairedTest(before, before).p).toBe(1);
      }),
    );
  });

  it('gives nearly the same result with random signs as with all signs', () => {
    const before = Array.from({ length: 40 }, (_, i) => (i % 4) / 4);
    const after = before.map((value, i) => Math.min(1, value + (i % 3 === 0 ? 0.5 : i % 3 === 1 ? -0.25 : 0)));
    const many = pairedTest(before, after);
    expect(many.exact).toBe(false);
    // The normal limit of the same test: z = Σd/√Σd².
    const d = after.map((value, i) => value - (before[i] ?? 0));
    const z = d.reduce((sum, x) => sum + x, 0) / Math.sqrt(d.reduce((sum, x) => sum + x * x, 0));
    expect(Math.abs(z)).toBeGreaterThan(0.1);
    expect(many.p).toBeLessThan(1);
    expect(many.better + many.worse + many.same).toBe(40);
  });

  it('never returns a p-value of 0, for any difference', () => {
    const before = Array.from({ length: 40 }, () => 0);
    const { p } = pairedTest(
      before,
      before.map(() => 1),
    );
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(1e-4);
  });

  it('requires pairs', () => {
    expect(() => pairedTest([1], [1, 0])).toThrow(RangeError);
    expect(() => pairedTest([], [])).toThrow(RangeError);
  });
});

describe('the bootstrap', () => {
  it('contains the mean, is within the values, and is the same every time', () => {
    fc.assert(
      fc.property(shares, (values) => {
        const { value, low, high } = bootstrapMean(values);
        // Equal values have no interval.
        if (values.every((one) => one === values[0])) expect([low, high]).toEqual([null, null]);
        else if (low === null || high === null) expect.unreachable('there is an interval');
        if (low === null || high === null) return;
        expect(value).toBeCloseTo(values.reduce((sum, x) => sum + x, 0) / values.length, 12);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
        expect(bootstrapMean(values)).toEqual({ value, low, high });
      }),
      { numRuns: 20 },
    );
  });

  it('is about ±1.96 standard errors wide for a fair coin', () => {
    const { low, high } = bootstrapShare(Array.from({ length: 400 }, (_, i) => i % 2));
    expect(high - low).toBeCloseTo(2 * 1.96 * (0.5 / 20), 2);
  });
});

describe('a comparison', () => {
  const of = (problem: number, right: boolean) =>
    sample({ problemId: `p${problem}`, outcome: right ? 'correct' : 'incorrect', answer: right ? '4' : '5' });

  it('expresses a difference as a number of problems', () => {
    // The paper's +149 % on AIME24: from two to five problems of thirty.
    const before = Array.from({ length: 30 }, (_, i) => of(i, i < 2));
    const after = Array.from({ length: 30 }, (_, i) => of(i, i < 5));
    const comparison = compareEvaluations(before, after);
    expect(comparison.ratio?.value).toBeCloseTo(2.5);
    expect(comparison.test.p).toBeCloseTo(0.25, 12);
    expect(formatDifference(comparison)).toBe(
      'This difference is 3 problems of 30; two equal models often differ as much by chance (paired test, p = 0.250).',
    );
  });

  it('reports that a few problems show no difference', () => {
    const one = compareEvaluations([of(1, true)], [of(1, true)]);
    expect(formatDifference(one)).toBe(
      'There is no difference over 1 problem. These are too few problems to distinguish two models.',
    );
    const six = [1, 2, 3, 4, 5, 6];
    const all = compareEvaluations(
      six.map((i) => of(i, false)),
      six.map((i) => of(i, true)),
    );
    expect(formatDifference(all)).not.toContain('too few');
  });

  it('is unchanged by JSON when few problems were solved before and the ratio has no upper limit', () => {
    // Four problems, one solved: a third of the draws contain no solved problem.
    const comparison = compareEvaluations(
      [1, 2, 3, 4].map((i) => of(i, i === 1)),
      [1, 2, 3, 4].map((i) => of(i, i < 3)),
    );
    expect(comparison.ratio).toMatchObject({ value: 2, high: null });
    expect(EvaluationComparison.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  });

  it('compares only problems that both have', () => {
    const comparison = compareEvaluations([of(1, true), of(2, false)], [of(2, true), of(3, true)]);
    expect(comparison).toMatchObject({ onlyBefore: 1, onlyAfter: 1, before: 0, after: 1, ratio: null });
    expect(comparison.test.problems).toBe(1);
  });
});
