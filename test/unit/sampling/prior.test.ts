import { describe, expect, it } from 'vitest';
import { fitPrior, populationPrior, UNIFORM_PRIOR } from '../../../src/core/sampling/index.ts';
import { betaSample, chanceOf } from './replay.ts';

function population(a: number, b: number, problems: number, attemptsOf: (i: number) => number, from = 0) {
  return Array.from({ length: problems }, (_, at) => {
    const i = from + at;
    const p = betaSample({ a, b }, 'population', a, b, i);
    const attempts = attemptsOf(i);
    let successes = 0;
    for (let k = 0; k < attempts; k++) if (chanceOf('coin', a, b, i, k) < p) successes += 1;
    return { attempts, successes, weight: 1 };
  });
}

describe('fitPrior', () => {
  it.each([
    [0.5, 1.5],
    [2, 2],
    [0.3, 3],
  ])('recovers Beta(%d, %d) from 20,000 problems of 2 to 8 samples', (a, b) => {
    const fitted = fitPrior(population(a, b, 20_000, (i) => 2 + (i % 7)));
    expect(fitted.a / a).toBeGreaterThan(0.9);
    expect(fitted.a / a).toBeLessThan(1.1);
    expect(fitted.a / (fitted.a + fitted.b)).toBeCloseTo(a / (a + b), 1);
  });

  it('counts a record of weight w as w problems', () => {
    const two = [
      { attempts: 2, successes: 0, weight: 40 },
      { attempts: 2, successes: 1, weight: 25 },
      { attempts: 2, successes: 2, weight: 35 },
    ];
    const each = two.flatMap((record) => Array.from({ length: record.weight }, () => ({ ...record, weight: 1 })));
    expect(fitPrior(two).a).toBeCloseTo(fitPrior(each).a, 9);
    expect(fitPrior(two).b).toBeCloseTo(fitPrior(each).b, 9);
  });

  it('returns the uniform prior when there is too little data', () => {
    expect(fitPrior([])).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(population(1, 1, 10, () => 4))).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(population(1, 1, 500, () => 1))).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(Array.from({ length: 50 }, () => ({ attempts: 4, successes: 0, weight: 1 })))).toEqual(
      UNIFORM_PRIOR,
    );
  });

  it('returns a valid distribution for equal counts of all problems', () => {
    for (const successes of [1, 2, 3]) {
      const { a, b } = fitPrior(Array.from({ length: 50 }, () => ({ attempts: 4, successes, weight: 1 })));
      expect(a).toBeGreaterThan(0);
      expect(b).toBeGreaterThan(0);
      expect(a / (a + b)).toBeCloseTo(successes / 4, 9);
    }
  });
});

describe('populationPrior', () => {
  const mean = ({ a, b }: { a: number; b: number }): number => a / (a + b);

  it('is flat and reaches from nearly 0 to nearly 1 without samples', () => {
    const nothing = populationPrior([{ attempts: 0, successes: 0 }]);
    expect(nothing).toMatchObject({ basis: 'flat', problems: 0, samples: 0, prior: UNIFORM_PRIOR });
    expect(mean(nothing.low)).toBeLessThan(0.01);
    expect(mean(nothing.high)).toBeGreaterThan(0.99);
  });

  it('is not flat after a pilot without a correct sample', () => {
    const pilot = populationPrior(Array.from({ length: 20 }, () => ({ attempts: 4, successes: 0 })));
    expect(pilot.basis).toBe('measured');
    expect(mean(pilot.prior)).toBeLessThan(0.02);
    expect(mean(pilot.high)).toBeLessThan(0.1);
  });

  it('holds the population mean in its interval about nine times in ten', () => {
    const runs = 300;
    const hits = Array.from({ length: runs }, (_, run) => {
      const pilot = population(0.5, 1.5, 20, () => 4, run * 20);
      const { low, high } = populationPrior(pilot);
      return mean(low) <= 0.25 && 0.25 <= mean(high);
    }).filter(Boolean).length;
    expect(hits / runs).toBeGreaterThan(0.82);
    expect(hits / runs).toBeLessThan(0.99);
  });
});
