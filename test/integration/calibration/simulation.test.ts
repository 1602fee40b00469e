import { describe, expect, test } from 'vitest';
import { calibrationReport } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour } from '../../../src/core/schemas/index.ts';
import { correctActs, planOf, population, trueScores, type World } from '../../unit/calibration/population.ts';

const RUNS = 120;
const rate: Record<Behaviour, number> = { verification: 0.08, backtracking: 0.03, subgoal: 0.04, backward: 0.008 };

const WORLDS: Record<string, World> = {
  'a good classifier': { sentences: 4_000, rate, hit: 0.85, alarm: 0.3, detectors: ['rule'] },
  'a weak classifier': { sentences: 4_000, rate, hit: 0.4, alarm: 1, detectors: ['rule'] },
  'two classifiers': { sentences: 4_000, rate, hit: 0.7, alarm: 0.5, detectors: ['rule', 'model'] },
};

interface Seen {
  truth: number;
  estimates: number[];
  covered: number;
}

/** Estimates of every detector, kind and measure over many plans for one population. `open` is the share left unlabelled. */
function simulate(world: World, size: number, runs: number, open = 0): Map<string, Seen> {
  const people = population(world, 7);
  const all = new Map<string, Seen>();
  for (let seed = 1; seed <= runs; seed++) {
    const plan = planOf(people.frame, size, seed);
    const acts = correctActs(plan, people.truth).slice(Math.floor(open * size));
    for (const { detector, kinds } of calibrationReport({ name: 'c', plan, acts }).detectors) {
      for (const score of kinds) {
        const truth = trueScores(people, detector, score.kind);
        for (const what of ['precision', 'recall'] as const) {
          const estimate = score[what];
          const name = `${what} of ${detector}, ${score.kind}`;
          const seen = all.get(name) ?? { truth: truth[what], estimates: [], covered: 0 };
          all.set(name, seen);
          if (estimate === null) continue;
          seen.estimates.push(estimate.value);
          if (estimate.low <= truth[what] && truth[what] <= estimate.high) seen.covered++;
        }
      }
    }
  }
  return all;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const biasOf = ({ truth, estimates }: Seen): number => mean(estimates) - truth;

describe('estimates for populations with known values', () => {
  describe.each(Object.entries(WORLDS))('%s', (_name, world) => {
    const hundred = simulate(world, 100, RUNS);

    test('intervals of a nominal 90 % contain the true value at least 85 % of the time', () => {
      const poor = [...hundred].filter(([, { covered, estimates }]) => covered / estimates.length < 0.85);
      expect(poor.map(([name, { covered }]) => `${name}: ${covered}`)).toEqual([]);
    });

    test('precision has no bias with a hundred sentences', () => {
      const biased = [...hundred].filter(
        ([name, seen]) => name.startsWith('precision') && Math.abs(biasOf(seen)) > 0.025,
      );
      expect(biased.map(([name, seen]) => `${name}: ${biasOf(seen)}`)).toEqual([]);
    });

    test('the bias of a ratio in the recall decreases with more sentences', () => {
      const biased = [...simulate(world, 1_600, 20)].filter(([, seen]) => Math.abs(biasOf(seen)) > 0.03);
      expect(biased.map(([name, seen]) => `${name}: ${biasOf(seen)}`)).toEqual([]);
    });
  });

  test('incomplete labelling gives wider intervals that still contain the true value', () => {
    for (const [name, { covered, estimates }] of simulate(WORLDS['a good classifier'] as World, 100, RUNS, 0.5)) {
      expect(covered / estimates.length, name).toBeGreaterThanOrEqual(0.85);
    }
  });

  test('with everything labelled, the estimates are the true values', () => {
    const people = population({ sentences: 300, rate, hit: 0.7, alarm: 0.5, detectors: ['rule'] }, 3);
    const plan = planOf(people.frame, 1_000, 1);
    expect(plan.sentences).toHaveLength(300);
    const [rule] = calibrationReport({ name: 'c', plan, acts: correctActs(plan, people.truth) }).detectors;
    for (const { kind, precision, recall } of rule?.kinds ?? []) {
      const truth = trueScores(people, 'rule', kind);
      if (precision !== null) expect(precision.value).toBeCloseTo(truth.precision, 9);
      if (recall !== null) expect(recall.value).toBeCloseTo(truth.recall, 9);
    }
  });
});
