import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StepSearch, type StepSearchSettings } from '../../../src/core/continuation/step-search.ts';
import { randomSource } from '../../../src/core/maths/random.ts';

const SETTINGS: StepSearchSettings = { batch: 4, budget: 40, certainty: 0.9 };
/** Continuations of a full scan at each place. */
const OF_A_SCAN = 8;

interface Planted {
  steps: number;
  wrong: number;
  before: number;
  after: number;
}

/** Runs a search on a SIMULATED chain with a planted wrong step. */
function search({ steps, wrong, before, after }: Planted, random: () => number, settings = SETTINGS) {
  const found = new StepSearch(steps, [{ kept: steps, right: 0, wrong: 1 }], settings);
  let samples = 0;
  for (let next = found.next(); next !== undefined; next = found.next()) {
    const value = next.kept < wrong ? before : after;
    const right = Array.from({ length: next.samples }, random).filter((lot) => lot < value).length;
    found.add({ kept: next.kept, right, wrong: next.samples - right });
    samples += next.samples;
  }
  return { found, samples };
}

describe('the search of the first wrong step', () => {
  test.each([
    { steps: 6, before: 0.8, after: 0.05 },
    { steps: 30, before: 0.8, after: 0.05 },
    { steps: 30, before: 0.5, after: 0.05 },
    { steps: 60, before: 0.7, after: 0.1 },
  ])(
    'finds it to within one step in 90 % of 100 simulated chains, with at most 40 % of the samples of a scan: %j',
    (shape) => {
      const random = randomSource(7);
      const budget = Math.floor(0.4 * OF_A_SCAN * shape.steps);
      let near = 0;
      for (let chain = 0; chain < 100; chain++) {
        const wrong = 1 + Math.floor(random() * shape.steps);
        const { found, samples } = search({ ...shape, wrong }, random, { ...SETTINGS, budget });
        expect(samples).toBeLessThanOrEqual(budget);
        if (Math.abs((found.posterior.step ?? shape.steps + 1) - wrong) <= 1) near++;
      }
      expect(near).toBeGreaterThanOrEqual(90);
    },
  );

  test('gives up early on a problem that the model never solves', () => {
    const { found, samples } = search({ steps: 40, wrong: 9, before: 0, after: 0 }, randomSource(1), {
      ...SETTINGS,
      budget: 1_000,
    });
    expect(samples).toBeLessThan(200);
    expect(found.posterior.within).toBeLessThan(SETTINGS.certainty);
    expect(found.posterior.collapses).toBe(false);
  });

  test('names no collapse where no continuation ever ended right, however many there are', () => {
    const never = fc.array(
      fc.record({ kept: fc.integer({ min: 0, max: 12 }), right: fc.constant(0), wrong: fc.nat(40) }),
    );
    fc.assert(
      fc.property(never, (known) => {
        expect(new StepSearch(12, known, SETTINGS).posterior.collapses).toBe(false);
      }),
      { numRuns: 60 },
    );
    const fresh = [
      { kept: 0, right: 0, wrong: 8 },
      { kept: 3, right: 0, wrong: 12 },
    ];
    const { before, after } = new StepSearch(12, fresh, SETTINGS).posterior;
    expect(before - after).toBeGreaterThan(0.1);
    const solved = new StepSearch(12, [{ kept: 0, right: 5, wrong: 3 }, ...fresh], SETTINGS).posterior;
    expect(solved).toMatchObject({ collapses: true });
  });

  test('counts a sample once, at the last place that it passes', () => {
    const known = [{ kept: 0, right: 6, wrong: 6 }];
    const once = new StepSearch(10, known, SETTINGS);
    const passing = new StepSearch(10, known, SETTINGS);
    for (const search of [once, passing]) search.add({ kept: 4, right: 3, wrong: 0 });
    for (const kept of [1, 2, 3]) passing.addPassing({ kept, right: 3, wrong: 0 });
    expect(passing.posterior).toEqual(once.posterior);
    expect(passing.next()).toEqual(once.next());
    expect([1, 4].map((kept) => [once.outcomes(kept), passing.outcomes(kept)])).toEqual([
      [0, 3],
      [3, 3],
    ]);
    expect(passing.tallies.map(({ kept }) => kept)).toEqual([0, 1, 2, 3, 4]);
  });

  test('uses what is known before: samples of the problem are not requested again', () => {
    const known = [
      { kept: 0, right: 30, wrong: 10 },
      { kept: 5, right: 0, wrong: 12 },
      { kept: 4, right: 9, wrong: 3 },
    ];
    const search = new StepSearch(10, known, SETTINGS);
    expect(search.posterior.step).toBe(5);
    expect(search.next()).toBeUndefined();
    expect(search.tallies).toEqual([known[0], known[2], known[1]]);
  });

  test('has chances that sum to 1, and a step that is one of the chain', () => {
    const tally = (steps: number) =>
      fc.record({ kept: fc.integer({ min: 0, max: steps }), right: fc.nat(40), wrong: fc.nat(40) });
    const searches = fc
      .integer({ min: 1, max: 25 })
      .chain((steps) => fc.tuple(fc.constant(steps), fc.array(tally(steps))));
    fc.assert(
      fc.property(searches, ([steps, known]) => {
        const { chances, step, before, after } = new StepSearch(steps, known, SETTINGS).posterior;
        expect(chances).toHaveLength(steps + 1);
        expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
        if (step !== undefined) expect(step).toBeLessThanOrEqual(steps);
        expect(before).toBeGreaterThan(after);
      }),
      { numRuns: 60 },
    );
  });

  test('takes time and memory in proportion to the steps', () => {
    const steps = 20_000;
    const at = (kept: number, right: number, wrong: number) => ({ kept, right, wrong });
    const known = [at(0, 8, 0), at(10_000, 8, 0), at(steps, 0, 1)];
    const search = new StepSearch(steps, known, SETTINGS);
    // It halves what is left.
    const { kept = 0 } = search.next() ?? {};
    expect(kept).toBeGreaterThan(12_000);
    expect(kept).toBeLessThan(18_000);
    search.addKnown(at(10_001, 0, 8));
    expect(search.posterior.step).toBe(10_001);
  });
});
