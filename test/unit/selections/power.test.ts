import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomSource } from '../../../src/core/maths/random.ts';
import { detectable, passSpread, spreadOf } from '../../../src/core/selections/power.ts';

const rate = fc.double({ min: 0.02, max: 0.98, noNaN: true });
const design = fc.record({
  spread: rate.map(spreadOf),
  problems: fc.integer({ min: 10, max: 5000 }),
  answers: fc.integer({ min: 1, max: 64 }),
});

describe('the power of a comparison', () => {
  test('more problems, more answers and a higher correlation find smaller differences', () => {
    fc.assert(
      fc.property(design, (one) => {
        const now = detectable(one);
        expect(detectable({ ...one, problems: 4 * one.problems })).toBeCloseTo(now / 2, 6);
        expect(detectable({ ...one, answers: one.answers + 1 })).toBeLessThan(now);
        expect(detectable({ ...one, correlation: 0.9 })).toBeLessThan(now);
      }),
    );
  });

  test('the spread of answers sums to that of one answer, and equal problems differ by chance alone', () => {
    const counts = fc.array(
      fc
        .integer({ min: 2, max: 9 })
        .chain((answers) => fc.integer({ min: 0, max: answers }).map((right) => ({ right, answers }))),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(counts, (problems) => {
        const { rate: mean, within, between } = passSpread(problems);
        expect(within).toBeGreaterThanOrEqual(0);
        expect(within + between).toBeGreaterThanOrEqual(mean * (1 - mean) - 1e-12);
      }),
    );
    const random = randomSource(4);
    const same = Array.from({ length: 4000 }, () => ({
      answers: 4,
      right: [0, 0, 0, 0].filter(() => random() < 0.3).length,
    }));
    expect(passSpread(same).within).toBeCloseTo(0.21, 2);
    expect(passSpread(same).between).toBeLessThan(0.01);
    expect(
      passSpread([
        { right: 4, answers: 4 },
        { right: 0, answers: 4 },
      ]),
    ).toEqual({ rate: 0.5, within: 0, between: 0.25 });
  });

  test('answers that are all wrong promise no perfect comparison', () => {
    const spread = passSpread([
      { right: 0, answers: 2 },
      { right: 0, answers: 2 },
    ]);
    expect(spread.rate).toBe(0);
    expect(spread.within).toBeCloseTo(0.045);
    expect(spread.between).toBeCloseTo(0.045);
    expect(detectable({ spread, problems: 100, answers: 6 })).toBeGreaterThan(0.05);
  });

  test('agrees with a simulation of paired comparisons', () => {
    const random = randomSource(9);
    // Problems are easy or hard; each arm keeps the difficulty of a problem with a probability of one half, so that ρ = 1/2² = 1/4.
    const [easy, hard, keep] = [0.5, 0.1, 0.5];
    const spread = { rate: 0.3, within: (easy * (1 - easy) + hard * (1 - hard)) / 2, between: 0.04 };
    const one = { spread, problems: 400, answers: 6, correlation: keep * keep };
    const gain = detectable(one);
    const drawn = (): number => (random() < 0.5 ? easy : hard);
    const share = (pass: number): number => {
      let right = 0;
      for (let i = 0; i < 6; i++) if (random() < pass) right++;
      return right / 6;
    };
    let found = 0;
    const trials = 1000;
    for (let trial = 0; trial < trials; trial++) {
      let sum = 0;
      let squares = 0;
      for (let problem = 0; problem < 400; problem++) {
        const base = drawn();
        const of = (): number => (random() < keep ? base : drawn());
        const difference = share(of() + gain) - share(of());
        sum += difference;
        squares += difference * difference;
      }
      const mean = sum / 400;
      const error = Math.sqrt((squares / 400 - mean * mean) / 399);
      if (mean / error > 1.96) found++;
    }
    expect(found / trials).toBeGreaterThan(0.76);
    expect(found / trials).toBeLessThan(0.84);
  });
});
