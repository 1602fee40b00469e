import { describe, expect, it } from 'vitest';
import { firstStage, fitPrior, SamplingPolicy } from '../../../src/core/sampling/index.ts';
import { gvmWeight } from '../../../src/core/sampling/policies/gvm.ts';
import { type PilotState, policyOf } from '../../../src/core/sampling/policies/index.ts';
import { limitOf, priority, type Rule, samplesNow } from '../../../src/core/sampling/rule.ts';

const state = (drawn: number, successes: number, earlier = { attempts: 0, successes: 0 }): PilotState => ({
  ...{ earlier, drawn, graded: drawn, successes, weight: 1 },
});
const rulesOf = (policy: unknown, states: PilotState[]): Rule[] => policyOf(SamplingPolicy.parse(policy)).rules(states);

describe('samplesNow', () => {
  it('finishes a stage, then continues only without a success', () => {
    const rule: Rule = { kind: 'stages', ends: [2, 12, 112] };
    expect([0, 1, 2, 3, 12, 112, 113].map((drawn) => samplesNow(rule, drawn, 0))).toEqual([2, 1, 10, 9, 100, 0, 0]);
    expect([1, 2, 3, 12, 112].map((drawn) => samplesNow(rule, drawn, 1))).toEqual([1, 0, 9, 0, 0]);
  });

  it('draws the missing correct samples of a target, within its limit', () => {
    const rule: Rule = { kind: 'target', correct: 4, atMost: 10 };
    expect(samplesNow(rule, 0, 0)).toBe(4);
    expect(samplesNow(rule, 6, 3)).toBe(1);
    expect(samplesNow(rule, 9, 1)).toBe(1);
    expect(samplesNow(rule, 10, 1)).toBe(0);
    expect(samplesNow(rule, 5, 4)).toBe(0);
  });
});

describe('prop2diff', () => {
  it('sets the target in proportion to the failure rate, with the maximum for the hardest problem', () => {
    // Posterior means of failing after four samples: 5/6, 3/6, 1/6.
    const rules = rulesOf({ policy: 'prop2diff', hardest: 10 }, [state(4, 0), state(4, 2), state(4, 4)]);
    expect(rules).toEqual([10, 6, 2].map((correct) => ({ kind: 'target', correct, atMost: 112 })));
  });

  it('takes earlier rounds into account', () => {
    const [hard, easy] = rulesOf({ policy: 'prop2diff', hardest: 8 }, [
      state(4, 2, { attempts: 100, successes: 0 }),
      state(4, 2, { attempts: 100, successes: 100 }),
    ]);
    expect(hard).toMatchObject({ correct: 8 });
    expect(easy).toMatchObject({ correct: 1 });
  });
});

describe('gvm', () => {
  it('has the weights of the formula: 1/√(p + α/p^(β − 1))', () => {
    expect(gvmWeight(1, 1e-3, 2)).toBeCloseTo(0.9995, 4);
    expect(gvmWeight(0.25, 1e-3, 2)).toBeCloseTo(1 / Math.sqrt(0.25 + 0.004), 12);
    expect(gvmWeight(0.25, 1e-3, 3)).toBeCloseTo(1 / Math.sqrt(0.25 + 0.016), 12);
    const peak = Math.sqrt(1e-3);
    expect(gvmWeight(peak, 1e-3, 2)).toBeGreaterThan(gvmWeight(peak * 1.1, 1e-3, 2));
    expect(gvmWeight(peak, 1e-3, 2)).toBeGreaterThan(gvmWeight(peak / 1.1, 1e-3, 2));
  });

  it('gives more to harder problems and whole numbers that sum to the budget', () => {
    const rules = rulesOf({ policy: 'gvm', perProblem: 10 }, [state(4, 0), state(4, 2), state(4, 4)]);
    const totals = rules.map(limitOf);
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(30);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
    expect(new Set(totals).size).toBe(3);
  });
});

describe('adaptive', () => {
  const states = Array.from({ length: 40 }, (_, i) => state(2, i % 3));
  const prior = fitPrior(states.map(({ graded, successes }) => ({ attempts: graded, successes, weight: 1 })));

  it('draws `atMost` samples of a problem without success, earlier rounds included', () => {
    const [fresh] = rulesOf({ policy: 'adaptive', atMost: 50 }, states);
    const [tried] = rulesOf({ policy: 'adaptive', atMost: 50 }, [
      state(2, 0, { attempts: 30, successes: 0 }),
      ...states.slice(1),
    ]);
    if (!fresh || !tried) throw new Error('no rules');
    expect(samplesNow(fresh, 49, 0)).toBe(1);
    expect(samplesNow(fresh, 50, 0)).toBe(0);
    expect(samplesNow(tried, 19, 0)).toBeGreaterThan(0);
    expect(samplesNow(tried, 20, 0)).toBe(0);
  });

  it('gives priority to the sample with the highest expected gain', () => {
    const [rule] = rulesOf({ policy: 'adaptive', furtherWorth: 0.5 }, states);
    if (!rule) throw new Error('no rule');
    expect(priority(rule, 7, 0)).toBeCloseTo(prior.a / (prior.a + prior.b + 7), 12);
    expect(priority(rule, 7, 1)).toBeCloseTo((0.5 * (prior.a + 1)) / (prior.a + prior.b + 7), 12);
    for (let drawn = 1; drawn < 100; drawn++) {
      expect(priority(rule, drawn, 0)).toBeLessThan(priority(rule, drawn - 1, 0));
    }
  });

  it('stops at its target, and draws larger batches after more failures', () => {
    const [rule] = rulesOf({ policy: 'adaptive', growth: 0.5 }, states);
    if (!rule) throw new Error('no rule');
    expect(samplesNow(rule, 30, 2)).toBe(0);
    expect([2, 4, 10, 40, 110].map((drawn) => samplesNow(rule, drawn, 0))).toEqual([2, 2, 5, 20, 2]);
  });
});

describe('the schema of a policy', () => {
  it('fills in the defaults', () => {
    expect(SamplingPolicy.parse({ policy: 'uniform' })).toEqual({ policy: 'uniform', correct: 4, atMost: 112 });
    expect(SamplingPolicy.parse({ policy: 'gvm' })).toMatchObject({ alpha: 1e-3, beta: 2 });
  });

  it.each([{ policy: 'cascade', stages: [] }, { policy: 'uniform', correct: 0 }, { policy: 'best' }, {}])(
    'refuses %j',
    (policy) => {
      expect(SamplingPolicy.safeParse(policy).success).toBe(false);
    },
  );
});

describe('the first stage of a policy', () => {
  it.each<[unknown, number]>([
    [{ policy: 'cascade' }, 2],
    [{ policy: 'cascade', stages: [6] }, 6],
    [{ policy: 'uniform', correct: 3 }, 3],
    [{ policy: 'uniform', correct: 9, atMost: 5 }, 5],
    [{ policy: 'prop2diff', pilot: 4 }, 4],
    [{ policy: 'gvm', pilot: 5 }, 5],
    [{ policy: 'adaptive', pilot: 2 }, 2],
  ])('of %j is %d samples', (settings, samples) => expect(firstStage(SamplingPolicy.parse(settings))).toBe(samples));
});
