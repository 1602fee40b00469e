import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lnBeta } from '../../../src/core/maths/special.ts';
import type { Rule } from '../../../src/core/sampling/rule.ts';
import { type Expected, expectedOf, walk } from '../../../src/core/sampling/walk.ts';

const RULES: [string, Rule][] = [
  ['total', { kind: 'total', total: 9 }],
  ['stages', { kind: 'stages', ends: [2, 12, 112] }],
  ['target', { kind: 'target', correct: 3, atMost: 40 }],
  [
    'index',
    {
      ...{
        kind: 'index',
        belief: { a: 0.6, b: 1.4 },
        wanted: 2,
        furtherWorth: 0.5,
        floor: 0.01,
        atMost: 60,
        growth: 0.5,
      },
    } as Rule,
  ],
];
const KEYS = ['samples', 'requests', 'correct', 'kept', 'solved'] as const;

/** The average over p ~ Beta(a, b) with a, b ≥ 1, by the midpoint rule; it shares no code with the walk under a Beta. */
function quadrature(rule: Rule, a: number, b: number, perRequest: number): Expected {
  const steps = 1_000;
  const sum: Expected = { samples: 0, requests: 0, correct: 0, kept: 0, solved: 0 };
  for (let i = 0; i < steps; i++) {
    const p = (i + 0.5) / steps;
    const weight = Math.exp((a - 1) * Math.log(p) + (b - 1) * Math.log1p(-p) - lnBeta(a, b)) / steps;
    const one = expectedOf(walk(rule, { p }, { perRequest }), 2);
    for (const key of KEYS) sum[key] += weight * one[key];
  }
  return sum;
}

describe('walk', () => {
  it.each(RULES)('%s: the expectation under a Beta equals the average over all p', (_, rule) => {
    for (const [a, b] of [
      [1, 1],
      [2, 5],
      [1.5, 12],
    ] as const) {
      const exact = expectedOf(walk(rule, { a, b }, { perRequest: 4 }), 2);
      const averaged = quadrature(rule, a, b, 4);
      for (const key of KEYS) expect(Math.abs(exact[key] / averaged[key] - 1)).toBeLessThan(1e-3);
    }
  });

  it('has end chances that sum to 1, and p times the samples as correct responses', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...RULES), p, (named, rate) => {
        const whole = walk(named[1], { p: rate }, { perRequest: 1 });
        const { correct, samples } = expectedOf(whole, 2);
        expect(whole.ends.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 8);
        expect(correct).toBeCloseTo(rate * samples, 6);
      }),
    );
  });

  it('stays finite with strong beliefs and large batches', () => {
    const whole = walk({ kind: 'total', total: 2000 }, { a: 4000, b: 1 }, { perRequest: 8 });
    expect(expectedOf(whole, 2).correct).toBeCloseTo((2000 * 4000) / 4001, 4);
    expect(whole.requests).toBeCloseTo(250, 9);
  });

  it('until k correct is the negative binomial', () => {
    const { samples } = walk({ kind: 'target', correct: 4, atMost: 4_000 }, { p: 0.25 }, { perRequest: 1 });
    expect(samples).toBeCloseTo(16, 6);
  });

  it('continues from a given state with its posterior', () => {
    const rule: Rule = { kind: 'stages', ends: [2, 12] };
    const rest = walk(rule, { a: 1, b: 1 }, { perRequest: 1, from: [{ drawn: 2, successes: 0, chance: 1 }] });
    expect(rest.samples).toBe(10);
    // Beta(1, 3) after two failures: nothing in ten more with probability 3/13.
    expect(expectedOf(rest, 2).solved).toBeCloseTo(10 / 13, 9);
    expect(walk(rule, { a: 1, b: 1 }, { perRequest: 1, from: [{ drawn: 2, successes: 1, chance: 1 }] }).samples).toBe(
      0,
    );
  });

  it('draws nothing below a priority, also within a batch', () => {
    const cut = walk({ kind: 'stages', ends: [2, 12, 112] }, { p: 0 }, { perRequest: 1, least: -29 });
    expect(cut.samples).toBe(30);
    expect(walk({ kind: 'total', total: 8 }, { p: 0.3 }, { perRequest: 1, least: 1 }).samples).toBe(0);
  });

  it('excludes samples that a gate stops', () => {
    const { samples } = walk({ kind: 'stages', ends: [2, 12, 112] }, { p: 0 }, { perRequest: 1, gates: [0.5, 0.5] });
    expect(samples).toBeCloseTo(2 + 5 + 25, 9);
  });
});
