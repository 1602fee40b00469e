import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PlanProblem,
  planTable,
  SamplingPolicy,
  SamplingSettings,
  UNIFORM_PRIOR,
  update,
} from '../../../src/core/sampling/index.ts';
import { betaSample, replay } from './replay.ts';

const MODEL = { completionTokens: 500 };
const POLICIES = {
  cascade: { policy: 'cascade' },
  'cascade among few': { policy: 'cascade', stages: [2, 4, 8], leastSurvivors: 0.22 },
  uniform: { policy: 'uniform' },
  prop2diff: { policy: 'prop2diff', hardest: 6 },
  gvm: { policy: 'gvm' },
  adaptive: { policy: 'adaptive', growth: 0.5 },
} as const;

function problemsOf(count: number, earlierOf: (i: number) => PlanProblem['earlier']): PlanProblem[] {
  return Array.from({ length: count }, (_, i) => ({ problemId: `p${i}`, earlier: earlierOf(i), promptTokens: 100 }));
}
const fresh = () => ({ attempts: 0, successes: 0 });
/** Some new, some failed often, some hard, some easy. */
const mixed = (i: number) =>
  [fresh(), { attempts: 30, successes: 0 }, { attempts: 10, successes: 1 }, { attempts: 4, successes: 3 }][i % 4] ??
  fresh();

/** The mean of rounds run over pass rates drawn from each problem's own posterior. */
function simulate(
  problems: readonly PlanProblem[],
  settings: Parameters<typeof replay>[1]['settings'],
  rounds: number,
) {
  const mean = { samples: 0, requests: 0, correct: 0, kept: 0, solved: 0 };
  for (let seed = 1; seed <= rounds; seed++) {
    const drawn = problems.map(({ problemId, earlier }) => ({
      ...{
        problemId,
        earlier,
        p: betaSample(update(UNIFORM_PRIOR, earlier.attempts, earlier.successes), seed, problemId),
      },
    }));
    const { sampler, use } = replay(drawn, { settings, seed });
    mean.samples += use.samples / rounds;
    mean.requests += use.requests / rounds;
    for (const { problemId } of problems) {
      const successes = sampler.problem(problemId)?.tally.successes ?? 0;
      mean.correct += successes / rounds;
      mean.kept += Math.min(2, successes) / rounds;
      mean.solved += Math.min(1, successes) / rounds;
    }
  }
  return mean;
}

function near(value: number, wanted: number, share: number): void {
  expect(Math.abs(value / wanted - 1)).toBeLessThan(share);
}

describe('the plan table against simulated rounds', () => {
  it.each(Object.entries(POLICIES))('%s, without a budget', (_, policy) => {
    const settings = { policy: SamplingPolicy.parse(policy), samplesPerRequest: 4, dropBelow: 0 };
    const problems = problemsOf(800, mixed);
    const { total } = planTable(problems, SamplingSettings.parse(settings), MODEL);
    const simulated = simulate(problems, settings, 5);
    near(total.samples, simulated.samples, 0.03);
    near(total.requests, simulated.requests, 0.03);
    near(total.correct, simulated.correct, 0.03);
    near(total.kept, simulated.kept, 0.03);
    near(total.solved, simulated.solved, 0.03);
  });

  it.each(Object.entries(POLICIES))('%s, ended by a budget', (_, policy) => {
    const settings = { policy: SamplingPolicy.parse(policy), dropBelow: 0, budget: { samples: 4_200 } };
    const problems = problemsOf(800, mixed);
    const { total, endedBy } = planTable(problems, SamplingSettings.parse(settings), MODEL);
    const simulated = simulate(problems, settings, 5);
    expect(endedBy).toBe('samples');
    expect(total.samples).toBeLessThanOrEqual(4_200);
    near(total.samples, simulated.samples, 0.01);
    near(total.kept, simulated.kept, 0.03);
    near(total.solved, simulated.solved, 0.03);
  });

  it('counts survivors exactly when there are few problems', () => {
    const settings = {
      policy: SamplingPolicy.parse({ policy: 'cascade', stages: [1, 2, 4], leastSurvivors: 0.3 }),
      dropBelow: 0,
    };
    const problems = problemsOf(6, mixed);
    const { total } = planTable(problems, SamplingSettings.parse(settings), MODEL);
    const simulated = simulate(problems, settings, 4_000);
    near(total.samples, simulated.samples, 0.02);
    near(total.solved, simulated.solved, 0.02);
  });
});

describe('the plan table', () => {
  const plan = (settings: Parameters<typeof SamplingSettings.parse>[0], problems = problemsOf(40, mixed)) =>
    planTable(problems, SamplingSettings.parse(settings), MODEL);

  it('never covers fewer with a larger budget, and never exceeds it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(POLICIES)),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        (named, one, more) => {
          const policy = SamplingPolicy.parse(named);
          const small = plan({ policy, budget: { samples: one }, dropBelow: 0 });
          const large = plan({ policy, budget: { samples: one + more }, dropBelow: 0 });
          expect(small.total.samples).toBeLessThanOrEqual(one * (1 + 1e-6));
          expect(large.total.solved).toBeGreaterThanOrEqual(small.total.solved - 1e-6);
          expect(large.total.kept).toBeGreaterThanOrEqual(small.total.kept - 1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('totals its buckets, and every problem is in one bucket', () => {
    const { buckets, total, expected } = plan({});
    expect(buckets.map(({ kind, from, problems }) => [kind ?? from, problems])).toEqual([
      ['not-sampled', 10],
      ['never-solved', 10],
      [0.05, 10],
      [0.5, 10],
    ]);
    for (const key of [
      'problems',
      'samples',
      'requests',
      'correct',
      'kept',
      'solved',
      'promptTokens',
      'completionTokens',
    ] as const) {
      expect(buckets.reduce((sum, bucket) => sum + bucket[key], 0)).toBeCloseTo(total[key], 6);
    }
    expect(expected.reduce((sum, { samples }) => sum + samples, 0)).toBeCloseTo(total.samples, 6);
  });

  it('has no cost or time without prices and speed, and counts a prompt once per request', () => {
    expect(plan({}).total.cost).toBeUndefined();
    expect(plan({}).total.seconds).toBeUndefined();
    const settings = SamplingSettings.parse({ prices: { prompt: 1, completion: 4 }, samplesPerRequest: 10 });
    const { total } = planTable(problemsOf(40, mixed), settings, { ...MODEL, tokensPerSecond: 250 });
    expect(total.requests).toBeLessThan(total.samples / 2);
    expect(total.promptTokens).toBeCloseTo(100 * total.requests, 6);
    expect(total.cost).toBeCloseTo((total.promptTokens + 4 * 500 * total.samples) / 1e6, 9);
    expect(total.seconds).toBeCloseTo((500 * total.samples) / 250, 6);
  });

  it('ends at the limit of each budget kind', () => {
    const prices = { prompt: 1, completion: 4 };
    for (const budget of [{ requests: 100 }, { tokens: 50_000 }, { money: 0.2 }, { seconds: 30 }]) {
      const settings = SamplingSettings.parse({ budget, prices });
      const { total, endedBy } = planTable(problemsOf(40, mixed), settings, { ...MODEL, tokensPerSecond: 1_000 });
      const [[kind, limit] = ['', 0]] = Object.entries(budget);
      expect(endedBy).toBe(kind);
      const used: Record<string, number | undefined> = {
        requests: total.requests,
        tokens: total.promptTokens + total.completionTokens,
        money: total.cost,
        seconds: total.seconds,
      };
      near(used[kind] ?? 0, limit, 1e-4);
    }
  });

  it('excludes a problem that is not worth its samples', () => {
    const hopeless = (i: number) => (i === 3 ? { attempts: 1_000, successes: 0 } : fresh());
    const { dropped, expected, total } = plan({}, problemsOf(10, hopeless));
    expect(dropped).toEqual(['p3']);
    expect(expected[3]?.samples).toBe(0);
    expect(total.problems).toBe(9);
    expect(plan({ dropBelow: 0 }, problemsOf(10, hopeless)).dropped).toEqual([]);
  });

  it('is empty without problems', () => {
    for (const policy of Object.values(POLICIES)) {
      expect(plan({ policy: SamplingPolicy.parse(policy) }, []).total).toMatchObject({ problems: 0, samples: 0 });
    }
  });
});

describe('the settings of a plan', () => {
  it('survive a JSON round trip', () => {
    for (const policy of Object.values(POLICIES)) {
      const settings = SamplingSettings.parse({ policy });
      expect(SamplingSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    }
    expect(SamplingSettings.parse({}).policy).toEqual({
      policy: 'cascade',
      stages: [2, 10, 100],
      leastSurvivors: 0.01,
    });
  });

  it.each([
    [{ budget: { money: 5 } }, /needs the prices/],
    [{ edges: [0, 0.5, 0.4, 1] }, /must rise from 0 to 1/],
    [{ policy: { policy: 'gvm', perProblem: 2, pilot: 4 } }, /the pilot takes more/],
  ])('refuse %j with a reason', (settings, message) => {
    expect(SamplingSettings.safeParse(settings).error?.message).toMatch(message);
  });
});
