import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate } from '../../../src/core/review/calibration/allocate.ts';
import {
  estimateShare,
  recallInterval,
  type Share,
  shareInterval,
  type Unit,
} from '../../../src/core/review/calibration/estimate.ts';

const share = fc.record({
  value: fc.double({ min: 0, max: 1, noNaN: true }),
  n: fc.integer({ min: 1, max: 200 }),
  effective: fc.double({ min: 0.5, max: 200, noNaN: true }),
});

describe('a share', () => {
  const units = (stratum: string, weight: number, yes: number, no: number): Unit[] =>
    Array.from({ length: yes + no }, (_, i) => ({ stratum, weight, inside: true, yes: i < yes }));

  test('of a simple sample is a mean, with an effective size close to the number of units', () => {
    const sizes = new Map([['all', { size: 1e6, labelled: 40 }]]);
    const found = estimateShare(units('all', 25_000, 10, 30), sizes);
    expect(found?.value).toBe(0.25);
    expect(found?.effective).toBeCloseTo(39, 0);
  });

  test('weights a unit by the units that it represents, and unequal weights lower the effective size', () => {
    const sizes = new Map([
      ['a', { size: 10, labelled: 10 }],
      ['b', { size: 900, labelled: 10 }],
    ]);
    const found = estimateShare([...units('a', 1, 10, 0), ...units('b', 90, 1, 9)], sizes);
    expect(found?.value).toBeCloseTo(100 / 910, 10);
    expect(found?.effective).toBeLessThan(12);
  });

  test('is absent without a matching unit', () => {
    expect(
      estimateShare(
        units('a', 1, 1, 1).map((unit) => ({ ...unit, inside: false })),
        new Map(),
      ),
    ).toBeUndefined();
  });

  test('lies in its interval, which lies in [0, 1] and narrows with more units', () => {
    fc.assert(
      fc.property(share, (one) => {
        const { value, low, high } = shareInterval(one);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(high).toBeLessThanOrEqual(1);
        const more = shareInterval({ ...one, effective: one.effective * 20 });
        expect(more.high - more.low).toBeLessThanOrEqual(high - low + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test('has an interval with a width when all labels agree', () => {
    const { low, high } = shareInterval({ value: 1, n: 12, effective: 12 });
    expect(high).toBe(1);
    expect(low).toBeGreaterThan(0.8);
    expect(low).toBeLessThan(0.9);
  });
});

describe('recall', () => {
  const nothing: Share = { value: 0, n: 0, effective: 0 };

  test('lies in its interval, which lies in [0, 1]', () => {
    const size = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(share, size, share, size, (found, marked, missed, unmarked) => {
        const recall = recallInterval(found, marked, missed, unmarked);
        if (recall === null) return;
        expect(recall.low).toBeGreaterThanOrEqual(0);
        expect(recall.low).toBeLessThanOrEqual(recall.value);
        expect(recall.high).toBeGreaterThanOrEqual(recall.value);
        expect(recall.high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test('has a wide interval when few of many unmarked sentences are labelled and none is a miss', () => {
    const recall = recallInterval({ value: 1, n: 12, effective: 12 }, 40, { value: 0, n: 32, effective: 32 }, 1_600);
    expect(recall?.value).toBe(1);
    expect(recall?.high).toBe(1);
    expect(recall?.low).toBeLessThan(0.5);
  });

  test('is 0 for a classifier that marks nothing, 1 for one that marks everything, and absent when there is nothing to find', () => {
    expect(recallInterval(nothing, 0, { value: 0.1, n: 50, effective: 50 }, 500)?.value).toBe(0);
    expect(recallInterval({ value: 0.1, n: 50, effective: 50 }, 500, nothing, 0)).toMatchObject({ value: 1, low: 1 });
    expect(recallInterval(nothing, 10, nothing, 10)).toBeNull();
  });
});

describe('allocation', () => {
  test('distributes the whole sample, at most the size of each part, and two to each part when possible', () => {
    const part = fc.record({
      size: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 200 }), (parts, total) => {
        const given = allocate(parts, total);
        const all = parts.reduce((sum, { size }) => sum + size, 0);
        expect(given.reduce((a, b) => a + b, 0)).toBe(Math.min(total, all));
        parts.forEach(({ size }, i) => {
          expect(given[i]).toBeLessThanOrEqual(size);
          if (total >= 2 * parts.length) expect(given[i]).toBeGreaterThanOrEqual(Math.min(2, size));
        });
      }),
    );
  });
});
