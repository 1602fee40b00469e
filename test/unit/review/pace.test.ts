import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reviewPace } from '../../../src/core/review/pace.ts';

const every = (seconds: number, count: number) => Array.from({ length: count }, (_, at) => at * seconds * 1000);

describe('the pace of a review', () => {
  it('is unknown before some decisions', () => {
    expect(reviewPace([], 10)).toBeUndefined();
    expect(reviewPace(every(30, 5), 10)).toBeUndefined();
    expect(reviewPace(every(0, 20), 10)).toBeUndefined();
  });

  it('is the decisions per hour, and the time for what is left', () => {
    expect(reviewPace(every(60, 11), 30)).toEqual({ perHour: 60, left: 1800 });
  });

  it('counts an act on several chains once', () => {
    const batch = Array.from({ length: 200 }, () => 601_000);
    expect(reviewPace([...every(60, 11), ...batch], 0)?.perHour).toBeCloseTo(
      reviewPace([...every(60, 11), 601_000], 0)?.perHour ?? 0,
    );
  });

  it('does not count pauses', () => {
    const morning = every(60, 11);
    const evening = morning.map((time) => time + 8 * 3_600_000);
    expect(reviewPace([...morning, ...evening], 0)?.perHour).toBeCloseTo(60);
  });

  it('is positive and finite for any times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 40 })), fc.nat(), (times, pending) => {
        const pace = reviewPace(times, pending);
        if (pace === undefined) return;
        expect(Number.isFinite(pace.perHour) && pace.perHour > 0).toBe(true);
        expect(Number.isFinite(pace.left) && pace.left >= 0).toBe(true);
      }),
    );
  });
});
