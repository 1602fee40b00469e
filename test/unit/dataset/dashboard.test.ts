import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementOf } from '../../../src/core/dataset/dashboard/agreement.ts';
import { lengthBins, passGroups } from '../../../src/core/dataset/dashboard/groups.ts';
import { lossQuery, stageQuery } from '../../../src/core/dataset/funnel/index.ts';
import { formatQuery } from '../../../src/core/query/query.ts';

/** Lengths beside the edges of bins, which are no whole numbers in every second bin. */
const NEAR_EDGES = fc
  .tuple(fc.nat(20), fc.integer({ min: -1, max: 1 }))
  .map(([bin, off]) => Math.round(64 * 2 ** (bin / 2)) + off);

describe('the lengths of chains', () => {
  test('are each in one bin, and the bins touch', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(200_000), NEAR_EDGES), { minLength: 1, maxLength: 60 }), (lengths) => {
        const bins = lengthBins(lengths);
        for (const length of lengths)
          expect(bins.filter(({ from, to }) => length >= from && length < to)).toHaveLength(1);
        for (const { from, to, chains } of bins)
          expect(lengths.filter((length) => length >= from && length < to)).toHaveLength(chains);
        for (const [i, { from }] of bins.entries()) if (i > 0) expect(from).toBe(bins[i - 1]?.to);
      }),
    );
    expect(lengthBins([])).toEqual([]);
  });
});

describe('pass rates by round', () => {
  const tally = (attempts: number, successes: number) => ({ attempts, successes });

  test('are of every sampled problem once, hardest first', () => {
    const rounds = new Map([
      [
        'a',
        new Map([
          ['easy', tally(2, 2)],
          ['hard', tally(4, 0)],
          ['unsampled', tally(0, 0)],
        ]),
      ],
      ['b', new Map([['hard', tally(2, 1)]])],
    ]);
    expect(passGroups(rounds)).toEqual([
      {
        problems: ['hard'],
        cells: [
          { round: 'a', attempts: 4, successes: 0 },
          { round: 'b', attempts: 2, successes: 1 },
        ],
      },
      { problems: ['easy'], cells: [{ round: 'a', attempts: 2, successes: 2 }] },
    ]);
  });

  test('of many problems are in at most 40 rows that lose none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (size) => {
        const problems = Array.from({ length: size }, (_, i) => [`p${i}`, tally(4, i % 5)] as const);
        const groups = passGroups(new Map([['a', new Map(problems)]]));
        expect(groups.length).toBeLessThanOrEqual(40);
        expect(groups.flatMap((group) => group.problems).sort()).toEqual(problems.map(([id]) => id).sort());
        const attempts = groups.flatMap(({ cells }) => cells.map((cell) => cell.attempts));
        expect(attempts.reduce((sum, one) => sum + one, 0)).toBe(4 * size);
      }),
    );
  });
});

describe('reviewers', () => {
  test('agree by κ of accept and reject', () => {
    const pairs = [
      ...Array.from({ length: 20 }, () => ['accepted', 'accepted'] as const),
      ...Array.from({ length: 15 }, () => ['rejected', 'rejected'] as const),
      ...Array.from({ length: 5 }, () => ['accepted', 'rejected'] as const),
      ...Array.from({ length: 10 }, () => ['rejected', 'accepted'] as const),
      ['accepted', 'pending'] as const,
    ];
    // Cohen's example of 50 decisions: 0.7 observed, 0.5 by chance.
    const found = agreementOf(pairs);
    expect(found).toMatchObject({ chains: 50, same: 35, kappa: 0.4 });
    // Quantiles of Beta(35.5, 15.5).
    expect([found.low, found.high].map((end) => end.toFixed(3))).toEqual(['0.587', '0.797']);
  });

  test('who agree on all of few chains have a wide interval', () => {
    const { same, low, high } = agreementOf([['accepted', 'accepted']]);
    expect([same, high]).toEqual([1, 1]);
    expect(low).toBeLessThan(0.5);
    expect(agreementOf([])).toEqual({ chains: 0, same: 0, low: 0, high: 1, kappa: null });
  });
});

test('stages and losses of a round lead to their chains', () => {
  const text = (query: ReturnType<typeof lossQuery>) => query && formatQuery(query);
  expect(text(stageQuery('passed', '1-a'))).toBe('round = 1-a and filters = passed, quota');
  expect(text(stageQuery('answers', '1-a'))).toBeUndefined();
  expect(text(lossQuery('filter:repetition', '1-a'))).toBe('round = 1-a and failed = repetition');
  expect(text(lossQuery('same-equations', '1-a'))).toBe('round = 1-a and failed = quota');
  expect(text(lossQuery('truncated', '1-a'))).toBeUndefined();
});
