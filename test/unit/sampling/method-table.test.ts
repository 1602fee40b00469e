import { describe, expect, it } from 'vitest';
import { SamplingPolicy } from '../../../src/core/sampling/index.ts';
import { policyOf } from '../../../src/core/sampling/policies/index.ts';
import { expectedOf, walk } from '../../../src/core/sampling/walk.ts';
import { replay } from './replay.ts';

/**
 * The table of method.md for the cascade 2/10/100. "Correct kept" there is every correct response drawn, before selection caps it: a
 * stage is drawn whole, so that it is p times the samples (3.83 at p = 0.1 is more than the two that selection would keep).
 */
const TABLE = [
  { p: 0.5, samples: 4.5, correct: 2.26 },
  { p: 0.1, samples: 38.3, correct: 3.83 },
  { p: 0.02, samples: 90.1, solved: 0.896 },
  { p: 0.001, samples: 110.8, solved: 0.106 },
];
const CASCADE = SamplingPolicy.parse({ policy: 'cascade' });
const [rule] = policyOf(CASCADE).rules([
  { earlier: { attempts: 0, successes: 0 }, drawn: 0, graded: 0, successes: 0, weight: 1 },
]);

describe("method.md's table of the cascade 2/10/100", () => {
  it.each(TABLE)('p = $p: the exact expectation', ({ p, samples, correct, solved }) => {
    if (!rule) throw new Error('the cascade made no rule');
    const expected = expectedOf(walk(rule, { p }, { perRequest: 1 }), 2);
    // To the digits printed in method.md.
    expect(Math.abs(expected.samples - samples)).toBeLessThanOrEqual(0.05);
    expect(expected.samples).toBeCloseTo(2 + (1 - p) ** 2 * 10 + (1 - p) ** 12 * 100, 9);
    expect(expected.correct).toBeCloseTo(p * expected.samples, 9);
    if (correct !== undefined) expect(Math.abs(expected.correct - correct)).toBeLessThanOrEqual(0.005);
    expect(expected.solved).toBeCloseTo(1 - (1 - p) ** 112, 9);
    if (solved !== undefined) expect(Math.abs(expected.solved - solved)).toBeLessThanOrEqual(0.0005);
  });

  it.each(TABLE)('p = $p: a simulated round of 8,000 problems comes within 5 %', ({ p, samples, correct, solved }) => {
    const problems = Array.from({ length: 8_000 }, (_, i) => ({ problemId: `p${i}`, p }));
    const { sampler, use } = replay(problems, {
      settings: { policy: CASCADE, samplesPerRequest: 100 },
      seed: 7,
      inFlight: 32,
    });
    const tallies = problems.map(({ problemId }) => sampler.problem(problemId)?.tally.successes ?? 0);
    const near = (value: number, wanted: number): void => {
      expect(Math.abs(value / wanted - 1)).toBeLessThan(0.05);
    };
    near(use.samples / problems.length, samples);
    if (correct !== undefined) near(tallies.reduce((sum, count) => sum + count, 0) / problems.length, correct);
    if (solved !== undefined) near(tallies.filter((count) => count > 0).length / problems.length, solved);
  });
});
