import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainWarnings, countWarnings, formatWarnings } from '../../../src/core/export/warnings.ts';
import { FILTER_IDS, Outcome, OverrideOutcome } from '../../../src/core/schemas/index.ts';
import { ENGLISH } from '../../../src/core/text/l10n.ts';

describe('warnings of chains in a training set', () => {
  test.each([
    ['correct', [], undefined, []],
    ['incorrect', ['final-correct'], undefined, ['wrong-answer']],
    ['incorrect', ['final-correct', 'repetition'], undefined, ['wrong-answer', 'filtered-out']],
    ['correct', ['no-leak'], undefined, ['filtered-out']],
    // Nothing could be compared, so the filter reports nothing else.
    ['unknown', ['gradable', 'final-correct'], undefined, ['filtered-out']],
    // The reviewer's verdict replaces that of grading.
    ['incorrect', ['final-correct'], 'correct', []],
    ['incorrect', ['final-correct', 'repetition'], 'correct', ['filtered-out']],
    ['correct', [], 'incorrect', ['wrong-answer']],
  ] as const)('graded %s, failed filters %j, reviewer %s: %j', (outcome, failed, override, expected) => {
    expect(chainWarnings({ outcome, failed, override })).toEqual(expected);
  });

  test('a reply without an answer, such as a truncated one, is not a wrong answer', () => {
    const truncated = { outcome: 'incorrect', ended: 'truncated', failed: ['final-correct'] } as const;
    expect(chainWarnings(truncated)).toEqual(['no-answer']);
    expect(chainWarnings({ ...truncated, outcome: 'correct', failed: [] })).toEqual([]);
    expect(chainWarnings({ ...truncated, override: 'incorrect' })).toEqual(['wrong-answer']);
    expect(countWarnings([truncated, { ...truncated, ended: 'answered' }])).toEqual({
      ...{ wrongAnswer: 1, noAnswer: 1, filteredOut: 0 },
    });
    expect(formatWarnings({ wrongAnswer: 0, noAnswer: 1203, filteredOut: 0 })).toEqual([
      '1,203 without an answer (truncated, blocked, refused, unfinished or empty)',
    ]);
  });

  test.each(['truncated', 'blocked', 'refused', 'unfinished', 'empty'] as const)(
    'a %s reply that grading left unknown has no answer',
    (ended) => {
      const chain = { outcome: 'unknown', ended, failed: [] } as const;
      expect(countWarnings([chain, chain, chain])).toEqual({ wrongAnswer: 0, noAnswer: 3, filteredOut: 0 });
      expect(chainWarnings({ ...chain, failed: ['gradable', 'final-correct'] })).toEqual(['no-answer']);
      expect(chainWarnings({ ...chain, override: 'unknown' })).toEqual([]);
    },
  );

  test('the counts are the sums over the chains', () => {
    const chain = fc.record({
      outcome: fc.constantFrom(...Outcome.options),
      failed: fc.uniqueArray(fc.constantFrom(...FILTER_IDS), { maxLength: 4 }),
      override: fc.option(fc.constantFrom(...OverrideOutcome.options), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(chain), (chains) => {
        const all = chains.flatMap(chainWarnings);
        expect(countWarnings(chains)).toEqual({
          wrongAnswer: all.filter((one) => one === 'wrong-answer').length,
          noAnswer: 0,
          filteredOut: all.filter((one) => one === 'filtered-out').length,
        });
      }),
    );
  });

  test('phrases have separators and omit zero counts', () => {
    expect(formatWarnings({ wrongAnswer: 1203, noAnswer: 0, filteredOut: 0 })).toEqual([
      '1,203 with a wrong final answer',
    ]);
    expect(formatWarnings({ wrongAnswer: 0, noAnswer: 0, filteredOut: 0 })).toEqual([]);
    const german = { ...ENGLISH, count: (value: number) => value.toLocaleString('de') };
    expect(formatWarnings({ wrongAnswer: 0, noAnswer: 0, filteredOut: 1203 }, german)).toEqual(['1.203 filtered out']);
  });
});
