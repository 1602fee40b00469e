import { describe, expect, it } from 'vitest';
import { BenchmarkIndex, FILTERS, OF_VERDICTS, runFilters } from '../../../src/core/filters/index.ts';
import { FILTER_IDS, FilterSettings } from '../../../src/core/schemas/index.ts';
import { failing, good, response, threeTurns, wrong } from './subjects.ts';

const settings = FilterSettings.parse({});
const context = {
  band: { low: 10, high: 10_000, chains: 50 },
  benchmarks: new BenchmarkIndex([{ id: 'b1', problem: 'What is the sum of all of the positive divisors of 496?' }]),
};

describe('filters', () => {
  it('are one rule for each id, in the order of the ids', () => {
    expect(FILTERS.map(({ id }) => id)).toEqual([...FILTER_IDS]);
    for (const { asks } of FILTERS) expect(asks).toMatch(/\.$/);
  });

  it('pass a good chain of two and of three turns, each with its measured value', () => {
    for (const chain of [good, threeTurns]) {
      const limits = FilterSettings.parse({ ...settings, behaviourRates: { subgoal: { max: 1 } }, maxBranching: 1 });
      const text = `${chain.text} 7 + 8 = 15`;
      const repairs = { chain: 'c', start: 0, end: 9, by: { reviewer: 'ada' }, call: 'k' };
      const results = runFilters({ ...chain, text, repairs, spans: [] }, limits, context);
      expect(results.map(({ id, passed }) => [id, passed])).toEqual(FILTERS.map(({ id }) => [id, true]));
    }
  });

  it('do not run when they are off, and the others measure the same', () => {
    for (const off of FILTER_IDS) {
      const all = runFilters(good, settings, context);
      expect(runFilters(good, FilterSettings.parse({ off: [off] }), context)).toEqual(
        all.filter(({ id }) => id !== off),
      );
    }
    expect(() => FilterSettings.parse({ off: ['no-such-filter'] })).toThrow();
  });

  it('give a reason when they fail', () => {
    const bad = { ...good, verdict: wrong, text: 'Let me add them again.\n'.repeat(9) };
    const failures = runFilters(bad, settings, context).filter(({ passed }) => !passed);
    expect(failures.map(({ id }) => id)).toEqual(['final-correct', 'repetition']);
    for (const { reason } of failures) expect(reason).toMatch(/^[A-Z“].*[.]$/);
  });

  it('can be limited to those that use only grading', () => {
    const only = runFilters(good, settings, context, OF_VERDICTS).map(({ id }) => id);
    expect(only).toEqual(['gradable', 'final-correct', 'verdict-consistent', 'choice-consistent', 'no-leak']);
  });

  it('apply to a trace or a response without pieces of a dialogue', () => {
    const text = 'A long thought that ends in \\boxed{15} and again, since 7 + 8 = 15, \\boxed{15}';
    const subject = response(text, { finish: 'stop', tokens: { count: 30, estimated: false } });
    expect(runFilters(subject, settings).map(({ id }) => id)).toEqual([
      'gradable',
      'final-correct',
      'one-box',
      'min-length',
      'finished',
      'no-leak',
      'repetition',
      'language',
      'equations',
      'context',
    ]);
    expect(failing(subject)).toEqual([]);
    // Filters that use the problem do not apply without it.
    expect(runFilters({ ...subject, problem: undefined }, settings).map(({ id }) => id)).not.toContain('language');
  });

  it('read the settings of an older dataset with three thresholds', () => {
    const old = FilterSettings.parse({ minLength: 5, maxRepetition: 0.3, maxSameLine: 6 });
    expect(old).toEqual({ ...settings, minLength: 5, maxRepetition: 0.3, maxSameLine: 6 });
  });
});
