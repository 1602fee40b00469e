import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thoughtAnchors } from '../../../src/core/continuation/anchors.ts';
import { shownStepValues } from '../../../src/editor/review/review-item.ts';
import type { StepValues } from '../../../src/protocol/step-values.ts';

const place = (kept: number, right: number, wrong: number) => ({ kept, at: 10 * kept, right, wrong });
const STEPS = 10;

describe('thought anchors', () => {
  test('are the steps with a large and certain change, up or down, the largest first', () => {
    const places = [
      place(0, 4, 4),
      place(3, 15, 1),
      place(6, 15, 1),
      place(7, 0, 16),
      place(9, 2, 20),
      place(10, 0, 1),
    ];
    expect(thoughtAnchors(places, STEPS)).toMatchObject([
      { first: 7, last: 7, start: 60, end: 70, before: 16 / 18, after: 1 / 18 },
      { first: 1, last: 3, start: 0, end: 30, before: 0.5, after: 16 / 18 },
    ]);
  });

  test('need more than a few outcomes', () => {
    expect(thoughtAnchors([place(0, 1, 0), place(4, 0, 1)], STEPS)).toEqual([]);
  });

  test('include the last step: the end of the chain has the value of its answer', () => {
    expect(thoughtAnchors([place(0, 8, 0), place(9, 8, 0), place(10, 0, 1)], STEPS)).toMatchObject([
      { first: 10, last: 10, after: 0, chance: expect.closeTo(1, 5) },
    ]);
    // A place with hardly an outcome does not show that the last step changed anything, wrong or right.
    expect(thoughtAnchors([place(9, 0, 1), place(10, 0, 1)], STEPS)).toEqual([]);
    expect(thoughtAnchors([place(9, 1, 0), place(10, 1, 0)], STEPS)).toEqual([]);
    expect(thoughtAnchors([place(9, 1, 2), place(10, 0, 1)], STEPS)).toEqual([]);
  });

  test('have the same chance for an end that is right as for one that is wrong', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), (a, b) => {
        const [wrong] = thoughtAnchors([place(9, a, b), place(10, 0, 1)], STEPS);
        const [right] = thoughtAnchors([place(9, b, a), place(10, 1, 0)], STEPS);
        expect(wrong?.chance).toBe(right?.chance);
        if (wrong) expect(wrong.chance).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('have the exact chance of two Beta values', () => {
    // The lowest of three uniform values is above the highest of three others in 1 of 20 orders.
    const [anchor] = thoughtAnchors([place(2, 0, 2), place(5, 2, 0)], STEPS);
    expect(anchor?.chance).toBeCloseTo(0.95, 12);
    const [many] = thoughtAnchors([place(2, 2_000, 8_000), place(5, 8_000, 2_000)], STEPS);
    expect(many?.chance).toBeCloseTo(1, 9);
    const [few] = thoughtAnchors([place(2, 0, 5), place(5, 5_000, 5_000)], STEPS);
    expect(few?.chance).toBeCloseTo(1 - 0.5 ** 6, 3);
    // By numerical integration.
    const [rise] = thoughtAnchors([place(2, 3, 2), place(5, 500, 20)], STEPS);
    const [mirrored] = thoughtAnchors([place(2, 2, 3), place(5, 20, 500)], STEPS);
    expect([rise?.chance, mirrored?.chance]).toEqual([
      expect.closeTo(0.998_661_49, 6),
      expect.closeTo(0.998_661_49, 6),
    ]);
  });

  test('are not computed for more places or outcomes than anyone measures', () => {
    const values = (count: number, right: number): StepValues => ({
      ...{ chainId: 'a', text: '', at: '', host: '', model: '', steps: count, before: 0, after: 0, samples: 1 },
      places: Array.from({ length: count }, (_, kept) => ({
        ...{ kept, at: kept, mean: 0.5, low: 0, high: 1 },
        ...(kept % 2 === 0 ? { right, wrong: 400 } : { right: 400, wrong: right }),
      })),
    });
    const text = { text: 'x'.repeat(200_000) };
    expect(shownStepValues(values(100_000, 9), text, text)).toBeUndefined();
    expect(shownStepValues(values(9, Number.MAX_SAFE_INTEGER), text, text)).toBeUndefined();
    expect(shownStepValues(values(5_000, 900_000), text, text)?.anchors).toHaveLength(5);
  });

  test('are within the measured places, and their chance is the same for a rise and a fall', () => {
    const outcomes = fc.tuple(fc.nat(30), fc.nat(30));
    fc.assert(
      fc.property(outcomes, outcomes, (a, b) => {
        const [fall, rise] = [
          [a, b],
          [b, a],
        ].map(([from = a, to = b]) => thoughtAnchors([place(2, ...from), place(5, ...to)], STEPS));
        expect(fall?.length).toBe(rise?.length);
        for (const anchor of fall ?? []) {
          expect(anchor).toMatchObject({ first: 3, last: 5, start: 20, end: 50 });
          expect(anchor.chance).toBeCloseTo(rise?.[0]?.chance ?? 0, 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});
