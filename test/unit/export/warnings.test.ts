import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addWarnings, chainWarnings, formatWarnings, noWarnings } from '../../../src/core/export/warnings.ts';
import { FILTER_IDS, Outcome, OverrideOutcome } from '../../../src/core/schemas/index.ts';
import { ENGLISH } from '../../../src/core/text/l10n.ts';

function countWarnings(chains: readonly Parameters<typeof chainWarnings>[0][]) {
  const counts = noWarnings();
  for (const chain of chains) addWarnings(counts, chain);
  return counts;
}

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
    expect(chainWarnings(truncated)).toEqual(['truncated']);
    expect(chainWarnings({ ...truncated, outcome: 'correct', failed: [] })).toEqual([]);
    expect(chainWarnings({ ...truncated, override: 'incorrect' })).toEqual(['wrong-answer']);
    expect(chainWarnings({ ...truncated, failed: ['final-correct', 'finished'] })).toEqual(['truncated']);
    const refused = { ...truncated, ended: 'refused' } as const;
    expect(countWarnings([truncated, { ...truncated, ended: 'answered' }, refused])).toEqual({
      ...noWarnings(),
      ...{ wrongAnswer: 1, truncated: 1, noAnswer: 1 },
    });
    expect(formatWarnings({ ...noWarnings(), truncated: 7, noAnswer: 1203 })).toEqual([
      '7 truncated before an answer',
      '1,203 without an answer (blocked, refused, unfinished or empty)',
    ]);
  });

  test('text of a benchmark problem is known from a filter or from the last examination', () => {
    const chain = { outcome: 'correct', failed: [] } as const;
    expect(chainWarnings({ ...chain, failed: ['decontaminated'] })).toEqual(['contaminated']);
    expect(chainWarnings({ ...chain, findings: ['contaminated', 'truncated'] })).toEqual(['truncated', 'contaminated']);
    expect(chainWarnings({ ...chain, findings: ['length-outlier'] })).toEqual([]);
  });

  test.each(['blocked', 'refused', 'unfinished', 'empty'] as const)(
    'a %s reply that grading left unknown has no answer',
    (ended) => {
      const chain = { outcome: 'unknown', ended, failed: [] } as const;
      expect(countWarnings([chain, chain, chain])).toEqual({ ...noWarnings(), noAnswer: 3 });
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
          ...noWarnings(),
          wrongAnswer: all.filter((one) => one === 'wrong-answer').length,
          contaminated: all.filter((one) => one === 'contaminated').length,
          filteredOut: all.filter((one) => one === 'filtered-out').length,
        });
      }),
    );
  });

  test('phrases have separators and omit zero counts', () => {
    expect(formatWarnings({ ...noWarnings(), wrongAnswer: 1203 })).toEqual(['1,203 with a wrong final answer']);
    expect(formatWarnings(noWarnings())).toEqual([]);
    const german = { ...ENGLISH, count: (value: number) => value.toLocaleString('de') };
    expect(formatWarnings({ ...noWarnings(), filteredOut: 1203 }, german)).toEqual(['1.203 filtered out']);
  });
});
