import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUDGET_KINDS,
  type Budget,
  NO_USE,
  Sampler,
  SamplingPolicy,
  SamplingSettings,
} from '../../../src/core/sampling/index.ts';
import { costOf } from '../../../src/core/schemas/index.ts';
import { chanceOf, type Replay, type ReplayProblem, replay } from './replay.ts';

const POLICIES = [
  { policy: 'cascade', stages: [2, 5, 9] },
  { policy: 'cascade', stages: [1, 3], leastSurvivors: 0.3 },
  { policy: 'uniform', correct: 2, atMost: 12 },
  { policy: 'prop2diff', hardest: 5, pilot: 2, atMost: 15 },
  { policy: 'gvm', perProblem: 6.5, pilot: 2 },
  { policy: 'adaptive', wanted: 2, atMost: 14, growth: 0.5 },
].map((policy) => SamplingPolicy.parse(policy));
const aPolicy = fc.constantFrom(...POLICIES);
const someProblems = fc
  .array(fc.record({ p: fc.constantFrom(0, 0.05, 0.3, 0.7, 1), failed: fc.nat(20) }), { minLength: 1, maxLength: 30 })
  .map((list): ReplayProblem[] =>
    list.map(({ p, failed }, i) => ({ problemId: `p${i}`, p, earlier: { attempts: failed, successes: 0 } })),
  );
const seed = fc.nat(1e6);
const inFlight = fc.integer({ min: 1, max: 20 });
const perRequest = fc.integer({ min: 1, max: 5 });
const TOKENS = { prompt: 40, completion: 70, limit: 100 };
const PRICES = { prompt: 2, completion: 10 };

const sorted = ({ samples }: Pick<Replay, 'samples'>): string[] =>
  samples.map(({ problemId, index, outcome }) => `${problemId} ${index} ${outcome}`).sort();

/** What a problem drew, in the order of its indexes: true where correct. */
function drawnBy({ samples }: Replay, problemId: string): boolean[] {
  return samples
    .filter((sample) => sample.problemId === problemId)
    .sort((one, other) => one.index - other.index)
    .map(({ outcome }) => outcome === 'correct');
}

describe('a sampling round', () => {
  it('never exceeds a budget for any number in flight, and reports the budget kind that ended it', () => {
    const budget = fc.record(
      {
        samples: fc.integer({ min: 1, max: 300 }),
        requests: fc.integer({ min: 1, max: 200 }),
        tokens: fc.integer({ min: 1, max: 30_000 }),
        money: fc.double({ min: 1e-5, max: 0.2, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(aPolicy, someProblems, budget, seed, inFlight, perRequest, (policy, problems, limits, s, many, n) => {
        const { use, endedBy, sampler } = replay(problems, {
          settings: { policy, budget: limits as Budget, prices: PRICES, samplesPerRequest: n },
          seed: s,
          inFlight: many,
          order: (waiting, step) => Math.floor(chanceOf(s, step) * waiting),
          tokens: TOKENS,
        });
        expect(use.samples).toBeLessThanOrEqual(limits.samples ?? Number.POSITIVE_INFINITY);
        expect(use.requests).toBeLessThanOrEqual(limits.requests ?? Number.POSITIVE_INFINITY);
        expect(use.promptTokens + use.completionTokens).toBeLessThanOrEqual(limits.tokens ?? Number.POSITIVE_INFINITY);
        expect(costOf(use, PRICES)).toBeLessThanOrEqual(limits.money ?? Number.POSITIVE_INFINITY);
        const open = problems.filter(({ problemId }) => sampler.problem(problemId)?.state === 'open');
        if (endedBy === undefined) expect(open).toEqual([]);
        else expect(BUDGET_KINDS.filter((kind) => kind in limits)).toContain(endedBy);
      }),
    );
  });

  it('draws the same samples for any order of replies', () => {
    fc.assert(
      fc.property(aPolicy, someProblems, seed, inFlight, perRequest, (policy, problems, s, many, n) => {
        const settings = { policy, samplesPerRequest: n };
        const inOrder = replay(problems, { settings, seed: s });
        const mixed = replay(problems, {
          settings,
          seed: s,
          inFlight: many,
          order: (waiting, step) => Math.floor(chanceOf('order', s, step) * waiting),
        });
        expect(sorted(mixed)).toEqual(sorted(inOrder));
      }),
    );
  });

  it('resumes after a stop with the same samples, and draws none twice', () => {
    fc.assert(
      fc.property(aPolicy, someProblems, seed, inFlight, fc.nat(60), (policy, problems, s, many, stopAfter) => {
        const settings = { policy, samplesPerRequest: 2 };
        const whole = replay(problems, { settings, seed: s });
        const first = replay(problems, { settings, seed: s, inFlight: many, stopAfter });
        // Requests in flight at the stop are lost; the journal has the others in any order.
        const journal = [...first.samples].reverse();
        const rest = replay(problems, {
          settings,
          seed: s,
          inFlight: many,
          done: { samples: journal, use: first.use, seconds: 0 },
        });
        expect([...sorted(first), ...sorted(rest)].sort()).toEqual(sorted(whole));
        expect(rest.use.samples).toBe(whole.use.samples);
      }),
    );
  });

  it('draws every sample once, with each index below the number drawn', () => {
    fc.assert(
      fc.property(aPolicy, someProblems, seed, inFlight, perRequest, (policy, problems, s, many, n) => {
        const { draws, sampler } = replay(problems, {
          settings: { policy, samplesPerRequest: n },
          seed: s,
          inFlight: many,
        });
        for (const { problemId } of problems) {
          const indexes = draws.filter((draw) => draw.problemId === problemId).flatMap((draw) => draw.indexes);
          expect(indexes.sort((a, b) => a - b)).toEqual(indexes.map((_, i) => i));
          expect(sampler.problem(problemId)?.tally.attempts).toBe(indexes.length);
        }
        for (const draw of draws) expect(draw.indexes.length).toBeLessThanOrEqual(n);
      }),
    );
  });
});

describe('early stop', () => {
  const check = (policy: unknown, test: (drawn: boolean[]) => void): void => {
    fc.assert(
      fc.property(someProblems, seed, inFlight, perRequest, (problems, s, many, n) => {
        const round = replay(problems, {
          settings: { policy: SamplingPolicy.parse(policy), samplesPerRequest: n },
          seed: s,
          inFlight: many,
        });
        for (const { problemId } of problems) test(drawnBy(round, problemId));
      }),
    );
  };
  const correct = (drawn: readonly boolean[]): number => drawn.filter(Boolean).length;

  it('uniform ends with the k-th correct sample', () => {
    check({ policy: 'uniform', correct: 2, atMost: 12 }, (drawn) => {
      if (correct(drawn) < 2) expect(drawn).toHaveLength(12);
      else expect([correct(drawn), drawn.at(-1)]).toEqual([2, true]);
    });
  });

  it('the cascade ends with the stage of the first success', () => {
    check({ policy: 'cascade', stages: [2, 5, 9], leastSurvivors: 0 }, (drawn) => {
      const first = drawn.indexOf(true);
      expect(drawn).toHaveLength([2, 7, 16].find((end) => first >= 0 && first < end) ?? 16);
    });
  });

  it('adaptive exceeds its target by at most a batch', () => {
    check({ policy: 'adaptive', wanted: 2, atMost: 14, growth: 0.5 }, (drawn) => {
      expect(drawn.length).toBeLessThanOrEqual(14);
      if (correct(drawn) < 2) return;
      const second = drawn.indexOf(true, drawn.indexOf(true) + 1);
      expect(drawn.length - second - 1).toBeLessThanOrEqual(Math.max(1, Math.ceil(0.5 * second)));
    });
  });

  it('gvm gives whole numbers that sum to the budget', () => {
    fc.assert(
      fc.property(someProblems, seed, fc.double({ min: 2, max: 20, noNaN: true }), (problems, s, perProblem) => {
        const policy = SamplingPolicy.parse({ policy: 'gvm', pilot: 2, perProblem });
        expect(replay(problems, { settings: { policy }, seed: s }).use.samples).toBe(
          Math.floor(perProblem * problems.length),
        );
      }),
    );
  });
});

describe('the cascade among survivors', () => {
  const hard = (count: number): ReplayProblem[] =>
    Array.from({ length: count }, (_, i) => ({ problemId: `h${i}`, p: 0 }));
  const easy = (count: number): ReplayProblem[] =>
    Array.from({ length: count }, (_, i) => ({ problemId: `e${i}`, p: 1 }));
  const policy = SamplingPolicy.parse({ policy: 'cascade' });

  it('does not enter a stage for fewer than 1 % of the problems', () => {
    const few = replay([...hard(1), ...easy(150)], { settings: { policy }, seed: 1 });
    expect(few.use.samples).toBe(2 * 151);
    expect(few.sampler.problem('h0')?.state).toBe('finished');
    const enough = replay([...hard(2), ...easy(150)], { settings: { policy }, seed: 1 });
    expect(enough.use.samples).toBe(2 * 152 + 2 * 110);
  });

  it('does not wait for the last problem of a stage when enough survive', () => {
    const problems = [...hard(5), ...easy(5)].map(({ problemId }) => ({
      ...{ problemId, earlier: { attempts: 0, successes: 0 }, promptTokens: 1 },
    }));
    const sampler = new Sampler(problems, { settings: SamplingSettings.parse({ samplesPerRequest: 2 }), maxTokens: 1 });
    const draws = problems.map(() => sampler.next(0)).flatMap((draw) => ('idle' in draw ? [] : [draw]));
    expect(draws).toHaveLength(10);
    expect(sampler.next(0)).toEqual({ idle: 'wait' });
    const [first] = draws;
    if (!first) throw new Error('nothing was drawn');
    sampler.returned(first, { promptTokens: 1, completionTokens: 2 }, ['incorrect', 'incorrect']);
    expect(sampler.next(0)).toEqual({ problemId: first.problemId, indexes: [2, 3] });
  });
});

describe('a sample without a grade, or a request without a reply', () => {
  const problem = (problemId: string) => ({ problemId, earlier: { attempts: 0, successes: 0 }, promptTokens: 10 });
  const newSampler = (settings: Parameters<typeof SamplingSettings.parse>[0], ...ids: string[]): Sampler =>
    new Sampler(ids.map(problem), { settings: SamplingSettings.parse(settings), maxTokens: 100 });

  it('draws no more samples of a problem whose gold answer is unreadable', () => {
    const round = replay([{ problemId: 'a', p: 0 }], { settings: {}, seed: 1, outcome: () => 'unknown' });
    expect(round.sampler.problem('a')).toEqual({
      tally: { problemId: 'a', attempts: 0, successes: 0, ungraded: 1, truncated: 0 },
      state: 'unreadable',
    });
  });

  it('counts truncated samples as drawn, not as wrong', () => {
    const { sampler, use } = replay([{ problemId: 'a', p: 0 }], { settings: {}, seed: 1, outcome: () => 'truncated' });
    expect(use.samples).toBe(112);
    expect(sampler.problem('a')?.tally).toMatchObject({ attempts: 0, ungraded: 112 });
  });

  it('marks a problem as failed after a failed request, and does not wait for its pilot', () => {
    const sampler = newSampler({ policy: { policy: 'prop2diff', hardest: 1, pilot: 1 } }, 'a', 'b');
    const [one, other] = [sampler.next(0), sampler.next(0)];
    if ('idle' in one || 'idle' in other) throw new Error('nothing was drawn');
    sampler.gaveUp(one);
    sampler.returned(other, { promptTokens: 10, completionTokens: 50 }, ['correct']);
    expect(sampler.next(0)).toEqual({ idle: 'finished' });
    expect([sampler.problem(one.problemId)?.state, sampler.problem(other.problemId)?.state]).toEqual([
      'failed',
      'finished',
    ]);
    expect(sampler.used.requests).toBe(2);
  });

  it('reserves the worst case while a request is in flight, and releases the unused part', () => {
    const sampler = newSampler({ budget: { tokens: 230 } }, 'a');
    const [one, other] = [sampler.next(0), sampler.next(0)];
    if ('idle' in one || 'idle' in other) throw new Error('two samples of 110 tokens fit');
    sampler.returned(one, { promptTokens: 10, completionTokens: 20 }, ['incorrect']);
    sampler.returned(other, { promptTokens: 10, completionTokens: 20 }, ['incorrect']);
    const third = sampler.next(0);
    if ('idle' in third) throw new Error('only 60 of 230 tokens were used');
    expect(sampler.next(0)).toEqual({ idle: 'wait' });
    sampler.returned(third, { promptTokens: 10, completionTokens: 90 }, ['incorrect']);
    expect(sampler.next(0)).toEqual({ idle: 'budget', by: 'tokens' });
  });

  it('starts no request after the time limit, and waits for those in flight', () => {
    const sampler = newSampler({ budget: { seconds: 60 } }, 'a');
    const draw = sampler.next(59);
    if ('idle' in draw) throw new Error('there is a second left');
    expect(sampler.next(60)).toEqual({ idle: 'wait' });
    sampler.returned(draw, { promptTokens: 10, completionTokens: 20 }, ['correct']);
    expect(sampler.next(61)).toEqual({ idle: 'budget', by: 'seconds' });
  });

  it('refuses a result that it did not request, and a repeated problem id', () => {
    const sampler = newSampler({}, 'a');
    const draw = sampler.next(0);
    if ('idle' in draw) throw new Error('nothing was drawn');
    const use = { promptTokens: 1, completionTokens: 1 };
    expect(() => sampler.returned(draw, use, [])).toThrow(RangeError);
    sampler.returned(draw, use, ['correct']);
    expect(() => sampler.returned(draw, use, ['correct'])).toThrow(/no such request/);
    expect(() => newSampler({}, 'a', 'a')).toThrow(/same id/);
    expect(sampler.used).toEqual({ ...NO_USE, samples: 1, requests: 1, ...use });
  });
});
