import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvaluatedSample } from '../../../src/core/evaluation/index.ts';
import { type ArmEvaluation, armComparisons, armResults } from '../../../src/core/selections/index.ts';
import { overSeeds } from '../../../src/core/selections/results.ts';

const sample = (problemId: string, index: number, right: boolean): EvaluatedSample => ({
  ...{ problemId, index, outcome: right ? 'correct' : 'incorrect', reply: 'answered', answer: right ? '1' : '2' },
  ...{ tokens: 10, estimated: false },
});

/** Answers of an arm: which of the problems are right in each seed. */
const arm = (name: ArmEvaluation['arm'], right: readonly (readonly boolean[])[]): ArmEvaluation[] =>
  right.map((of, seed) => ({
    ...{ arm: name, seed, evaluation: `${name}-${seed}` },
    samples: of.map((one, i) => sample(`p${i}`, 0, one)),
  }));

describe('the results of a comparison', () => {
  test('a problem counts by its share of right answers over seeds', () => {
    const evaluations = [
      ...arm('a', [
        [true, true, false],
        [true, false, false],
      ]),
      ...arm('control', [
        [false, true, false],
        [false, true, false],
      ]),
    ];
    const [found] = armComparisons(['a', 'control'], evaluations);
    expect(found).toMatchObject({ before: 'control', after: 'a' });
    expect(found?.comparison.test).toMatchObject({ better: 1, worse: 1, same: 1 });
    expect(found?.comparison.test.difference.value).toBeCloseTo(1 / 6);
    expect(found?.seeds.map(({ difference }) => difference.value)).toEqual([1 / 3, 0]);
    expect(found?.overSeeds.mean).toBeCloseTo(1 / 6);
    const [a] = armResults(['a'], evaluations);
    expect(a?.scores.average.value).toBeCloseTo(0.5);
    expect(a?.seeds.map(({ average }) => average.value)).toEqual([2 / 3, 1 / 3]);
  });

  test('the question is the comparison that the plan names, and the others follow', () => {
    const right = [[true, false]];
    const names = ['base', 'prompted', 'a', 'b'] as const;
    const pairs = (against?: ArmEvaluation['arm']): string[] =>
      armComparisons(
        names,
        names.flatMap((name) => arm(name, right)),
        against,
      ).map(({ before, after }) => `${before} ${after}`);
    expect(pairs()[0]).toBe('b a');
    expect(pairs('prompted')[0]).toBe('prompted a');
    expect(pairs('prompted').sort()).toEqual(pairs().sort());
  });

  test('an arm does not differ from itself', () => {
    const rights = fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(rights, (right) => {
        const [found] = armComparisons(['a', 'b'], [...arm('a', right), ...arm('b', right)]);
        expect(found?.comparison.test).toMatchObject({ better: 0, worse: 0, p: 1 });
        expect(found?.overSeeds).toMatchObject({ mean: 0, deviation: 0 });
      }),
      { numRuns: 10 },
    );
  });

  test('the t interval over seeds is that of the tables', () => {
    const { mean, deviation, low, high } = overSeeds([1, 2, 3]);
    expect([mean, deviation]).toEqual([2, 1]);
    expect(high).toBeCloseTo(2 + 4.302_65 / Math.sqrt(3), 4);
    expect(low).toBeCloseTo(2 - 4.302_65 / Math.sqrt(3), 4);
    expect(overSeeds([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).high).toBeCloseTo(
      6 + (2.228_14 * Math.sqrt(11)) / Math.sqrt(11),
      4,
    );
    expect(overSeeds([0.4])).toMatchObject({ low: null, high: null });
  });
});
