import { describe, expect, test } from 'vitest';
import {
  heldOutText,
  limitsOf,
  type SelectionsResult,
  selectionsReport,
  verdictText,
} from '../../../src/core/selections/index.ts';
import type { ArmComparison } from '../../../src/core/selections/results.ts';
import { PLAN, resultOf } from '../../fixtures/selections.ts';

describe('the report of a comparison', () => {
  const result = resultOf(PLAN);
  const first = result.sets[0]?.comparisons[0];
  /** With another first comparison. */
  const changed = (change: (one: ArmComparison) => ArmComparison): SelectionsResult => ({
    ...result,
    sets: result.sets.map((set) => ({ ...set, comparisons: set.comparisons.map(change) })),
  });

  test('answers the question with interval, p and seeds, and never claims that equal arms are equal', () => {
    expect(verdictText(result)).toMatch(
      / better than (?:those trained on )?B: \+\d+\.\d points .* interval over seeds -?\d.*\.$/,
    );
    const none = changed((one) => ({
      ...one,
      comparison: { ...one.comparison, test: { ...one.comparison.test, p: 0.4 } },
    }));
    expect(verdictText(none)).toMatch(/^No difference between A and B was found/);
    expect(limitsOf(PLAN, none)[0]).toContain('is not “there is none”');
    expect(limitsOf(PLAN, result).join(' ')).not.toContain('there is none');
  });

  test('calls a selection better only where the interval over seeds excludes 0', () => {
    const over = (overSeeds: { low: number | null; high: number | null }) =>
      verdictText(changed((one) => ({ ...one, overSeeds: { ...one.overSeeds, ...overSeeds } })));
    expect(over({ low: 0.01, high: 0.4 })).toMatch(/^A is better than B/);
    expect(over({ low: -0.01, high: 0.4 })).toMatch(/^The models trained on A are better .* -1\.0 to 40\.0\.$/);
    expect(over({ low: null, high: null })).toMatch(
      /^The one model trained on A is better .* seeds agree is unknown\.$/,
    );
  });

  test('does not call the base model trained', () => {
    const against = (before: 'base' | 'prompted', overSeeds: { low: number | null; high: number | null }, p = 0.01) =>
      verdictText(
        changed((one) => ({
          ...{ ...one, before, overSeeds: { ...one.overSeeds, ...overSeeds } },
          comparison: { ...one.comparison, test: { ...one.comparison.test, p } },
        })),
      );
    const one = { low: null, high: null };
    expect(against('base', one)).toMatch(/^The one model trained on A is better than the base model: /);
    expect(against('base', { low: -0.1, high: 0.4 })).toMatch(
      /^The models trained on A are better than the base model: /,
    );
    expect(against('base', { low: 0.1, high: 0.4 })).toMatch(/^Models trained on A are better than the base model: /);
    expect(against('prompted', one)).toMatch(/ better than the base model with its own prompt: /);
    expect(against('base', one, 0.4)).toMatch(/^No difference between A and the base model was found/);
  });

  test('answers by the first set, and has the numbers of each', () => {
    const report = selectionsReport(PLAN, result);
    for (const name of ['held-out', 'families'])
      for (const part of ['Results', 'Differences', 'Seeds', 'Behaviours', 'Contamination'])
        expect(report).toContain(`## ${part}: \`${name}\``);
    const [one, other] = result.sets;
    expect(one && other && verdictText({ sets: [other, one] })).not.toBe(verdictText(result));
    const alone = selectionsReport(
      { ...PLAN, sets: PLAN.sets.slice(0, 1) },
      { ...result, sets: result.sets.slice(0, 1) },
    );
    expect(alone).toContain('## Results\n');
    expect(heldOutText(PLAN.sets)).toBe('60 held-out problems (held-out) and 60 problems (families)');
  });

  test('names the arms of a comparison of one filter by that filter, not by a list of all others', () => {
    const report = selectionsReport({ ...PLAN, filter: 'equations' }, result);
    expect(report).toContain('A: `chains that pass all filters`');
    expect(report).toContain('B: `chains that pass all filters except equations;');
  });

  test('lists what does not follow from this design', () => {
    const alone = { ...PLAN, seeds: [1], arms: PLAN.arms.filter(({ arm }) => arm !== 'control') };
    const limits = limitsOf(alone, result).join('\n');
    expect(limits).toContain('One seed shows nothing');
    expect(limits).toContain('Without a random control');
    expect(limits).toContain('its chains 130');
    expect(limitsOf({ ...PLAN, sameProblems: true }, result).join()).not.toContain('how difficult');
  });

  const left = (samples: number, more: object): SelectionsResult => ({
    ...result,
    sets: result.sets.map((set, i) => ({
      ...set,
      arms: set.arms.map((arm) =>
        i === 0 && arm.arm === 'a' ? { ...arm, scores: { ...arm.scores, samples, ...more } } : arm,
      ),
    })),
  });

  test('states the answers that are not counted, and the replies without an answer', () => {
    // 60 problems, 2 answers, 3 seeds.
    expect(limitsOf(PLAN, left(360, { empty: 90 })).join()).not.toContain('not counted');
    expect(selectionsReport(PLAN, left(360, { empty: 90 }))).toContain('25.0 % (90 empty)');
    const few = left(357, { ungraded: 2 });
    expect(limitsOf(PLAN, few).join('\n')).toContain(
      'Some answers on held-out are not counted, and could be right or wrong. base model: none; base model, own prompt: none; A: 3 of 360 (2 not graded, 1 without a reply); B: none;',
    );
    expect(selectionsReport(PLAN, few)).toContain('3 of 360 (2 not graded, 1 without a reply)');
    const only = changed((one) => ({ ...one, comparison: { ...one.comparison, onlyBefore: 2, onlyAfter: 1 } }));
    expect(selectionsReport(PLAN, only)).toContain('the same; 3 not graded in both |');
  });

  test('states which rows the trainings truncated or left out', () => {
    expect(limitsOf(PLAN, result).join()).not.toContain('all of their rows');
    const sets = result.sets.map((set) => ({
      ...set,
      arms: set.arms.map((arm) => ({
        ...arm,
        seeds: arm.seeds.map((seed) =>
          arm.arm === 'base' || arm.arm === 'prompted'
            ? seed
            : { ...seed, run: 'r', cutRows: arm.arm === 'a' ? 4 : 0, emptyRows: 1 },
        ),
      })),
    }));
    expect(limitsOf(PLAN, { ...result, sets }).join('\n')).toContain(
      'all of their rows. A: 12 truncated, 3 not trained; B: 0 truncated, 3 not trained; control:',
    );
  });

  test('has all arms, seeds and comparisons, and shows untrusted texts as code', () => {
    const hostile = '`|<img src=x onerror=alert(1)>';
    const [a, ...others] = PLAN.arms;
    const arms = a ? [{ ...a, where: hostile }, ...others] : [];
    const createdAt = '<img src=x onerror=alert(2)> ![x](http://127.0.0.1/x)';
    const report = selectionsReport({ ...PLAN, arms, createdAt }, result);
    expect(report).toContain('planned \\<img src=x onerror=alert(2)> ![x\\](http');
    for (const words of ['seed 1', 'seed 3', 'control to A', 'base model to B', '## What does not follow'])
      expect(report).toContain(words);
    const row = report.split('\n').find((line) => line.includes('onerror')) ?? '';
    expect(row).toContain('`` `\\|<img');
    expect(first?.comparison.test.problems).toBe(PLAN.sets[0]?.problems);
  });
});
