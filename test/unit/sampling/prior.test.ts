import { describe, expect, it } from 'vitest';
import { fitPrior, UNIFORM_PRIOR } from '../../../src/core/sampling/index.ts';
import { betaSample, chanceOf } from './replay.ts';

function population(a: number, b: number, problems: number, attemptsOf: (i: number) => number) {
  return Array.from({ length: problems }, (_, i) => {
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
  ])('finds Beta(%d, %d) again from 20,000 problems of 2 to 8 attempts', (a, b) => {
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

  it('stays with the uniform prior where there is too little to go by', () => {
    expect(fitPrior([])).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(population(1, 1, 10, () => 4))).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(population(1, 1, 500, () => 1))).toEqual(UNIFORM_PRIOR);
    expect(fitPrior(Array.from({ length: 50 }, () => ({ attempts: 4, successes: 0, weight: 1 })))).toEqual(
      UNIFORM_PRIOR,
    );
  });

  it('gives a distribution whatever the attempts', () => {
    for (const successes of [1, 2, 3]) {
      const { a, b } = fitPrior(Array.from({ length: 50 }, () => ({ attempts: 4, successes, weight: 1 })));
      expect(a).toBeGreaterThan(0);
      expect(b).toBeGreaterThan(0);
      expect(a / (a + b)).toBeCloseTo(successes / 4, 9);
    }
  });
});
