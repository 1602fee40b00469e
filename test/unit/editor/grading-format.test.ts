import { describe, expect, it } from 'vitest';
import { gradeAnswer, resolvePolicy } from '../../../src/core/grading/index.ts';
import { type GradingInfo, POLICY_NAMES } from '../../../src/core/schemas/index.ts';
import {
  distinctiveExample,
  formatComparison,
  formatGraded,
  gradedSummary,
  gradingOffer,
  offeredGradings,
  policyOffers,
} from '../../../src/editor/grading/grading-format.ts';
import { formatRegraded, isUnchanged } from '../../../src/verbs/grading/print.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { l10n } from './l10n.ts';

describe('the policies on offer', () => {
  it('are complete, that of the dataset first and marked', () => {
    const offers = policyOffers('lenient', l10n);
    expect(offers.map(({ value }) => value).sort()).toEqual([...POLICY_NAMES].sort());
    expect(offers[0]).toMatchObject({ icon: 'check', label: 'lenient', value: 'lenient', isOwn: true });
    expect(offers.filter(({ isOwn }) => isOwn)).toHaveLength(1);
    expect(policyOffers(undefined, l10n).map(({ isOwn }) => isOwn)).not.toContain(true);
  });

  it('begin with a record of switches where the dataset has one, which stays the value as it is', () => {
    const own = { base: 'strict', units: 'convert' } as const;
    const offers = policyOffers(own, l10n);
    expect(offers).toHaveLength(POLICY_NAMES.length + 1);
    expect(offers[0]).toMatchObject({ icon: 'check', label: 'strict with units convert', value: own, isOwn: true });
    // A record that changes nothing is the policy that it names.
    expect(policyOffers({ base: 'strict' }, l10n)).toHaveLength(POLICY_NAMES.length);
  });

  it.each(POLICY_NAMES)('%s is described by an example on which the grader agrees', (name) => {
    const { gold, prediction, expected } = distinctiveExample(name);
    const isCorrect = (policy: (typeof POLICY_NAMES)[number]) =>
      gradeAnswer(gold, prediction, resolvePolicy(policy)).outcome === 'correct';
    expect(isCorrect(name)).toBe(expected);
    if (name !== 'default') expect(isCorrect('default')).toBe(!expected);
    const description = policyOffers(undefined, l10n).find(({ value }) => value === name)?.description;
    expect(description).toContain(gold);
    expect(description?.endsWith(expected ? ' · correct' : ' · incorrect')).toBe(true);
  });
});

const counts = {
  answers: 1200,
  chains: 310,
  flips: {
    answers: { 'correct → incorrect': 2, 'incorrect → correct': 10, 'none → correct': 1 },
    chains: { 'incorrect → correct': 3 },
    classes: { 'FT → TT': 5 },
  },
  passedBefore: 204,
  passedAfter: 198,
};
const found: VerbResult<'regrade'> = {
  ...counts,
  grading: '3-lenient',
  folder: '/d/gradings/3-lenient',
  policy: 'lenient',
  applied: false,
  reused: 0,
  missing: 0,
  seconds: 1,
};
const kept = { answers: {}, chains: {}, classes: {} };

describe('what a regrading would do, in words', () => {
  it('lists all counts, most flips first', () => {
    expect(formatRegraded(found, l10n)).toBe(
      'With “lenient”, 13 of 1,200 answers would flip (10 incorrect → correct, 2 correct → incorrect, 1 not graded → correct), ' +
        'and 3 of 310 chains (3 incorrect → correct). Changed classes: 5. Chains that pass the filters: 204 → 198.',
    );
    expect(formatRegraded({ ...found, applied: true }, l10n)).toContain(
      'Graded by “lenient” now: 13 of 1,200 answers flipped (10 ',
    );
  });

  it('reports that nothing would flip, and counts missing problems', () => {
    const same = { ...found, flips: kept, passedAfter: 204, missing: 2 };
    expect(formatRegraded(same, l10n)).toBe(
      'With “lenient”, no verdict would flip (answers: 1,200, chains: 310). Missing problems: 2. Their answers keep their verdicts.',
    );
  });

  it('is nothing only where neither verdicts nor classes nor filters change', () => {
    const same = { ...counts, flips: kept, passedAfter: 204 };
    expect(isUnchanged(same)).toBe(true);
    expect(isUnchanged({ ...same, passedAfter: 203 })).toBe(false);
    for (const part of ['answers', 'chains', 'classes'] as const) {
      expect(isUnchanged({ ...same, flips: { ...kept, [part]: { 'a → b': 1 } } })).toBe(false);
    }
  });
});

describe('gradings on offer', () => {
  const info = (rest: Partial<GradingInfo>): GradingInfo => ({
    version: 1,
    createdAt: '2026-01-02T03:04:05.000Z',
    policy: resolvePolicy('lenient'),
    rounds: ['1-dialogue'],
    grader: { longhand: '0.1.0', worker: '0' },
    applied: false,
    ...rest,
  });

  it('are listed with folder, policy, time and counts', () => {
    const finished = info({ counts, finishedAt: '2026-01-02T03:05:05.000Z', applied: true });
    expect(gradingOffer({ folder: '/d', info: finished }, '3-lenient', l10n)).toEqual({
      label: '3-lenient',
      description: 'lenient · 2026-01-02T03:04 · applied',
      detail: 'answers: 1,200, flipped: 13 · chains: 310, flipped: 3 · 1-dialogue',
    });
    expect(gradingOffer({ folder: '/d', info: info({}) }, '4-lenient', l10n).detail).toContain('not finished');
  });

  it('are listed newest first, those of single chains apart', () => {
    const stored = [info({}), info({ chains: ['c'] }), info({}), info({ chains: ['d'] })].map((each, index) => ({
      folder: String(index),
      info: each,
    }));
    const { ofRounds, ofChains } = offeredGradings(stored);
    expect(ofRounds.map(({ folder }) => folder)).toEqual(['2', '0']);
    expect(ofChains.map(({ folder }) => folder)).toEqual(['3', '1']);
  });
});

describe('two gradings compared, in words', () => {
  const none = { onlyA: 0, onlyB: 0, otherGold: 0, listed: [] };
  const result: VerbResult<'compare-gradings'> = {
    a: 'a',
    b: 'b',
    matchedBy: 'id',
    rows: 40,
    flipped: 3,
    ...none,
    flips: { 'correct → incorrect': 1, 'incorrect → correct': 2 },
  };

  it('count differences by kind, most first', () => {
    const kinds = '2 incorrect → correct, 1 correct → incorrect';
    expect(formatComparison(result, 'x and y', l10n)).toBe(`x and y: 3 of 40 verdicts differ (${kinds}).`);
    expect(formatComparison({ ...result, flipped: 0, flips: {} }, 'x and y', l10n)).toBe(
      'x and y: 0 of 40 verdicts differ.',
    );
  });

  it('count rows on one side only', () => {
    expect(formatComparison({ ...result, onlyB: 5 }, 'x and y', l10n)).toContain('Rows only in the first: 0, only in');
  });
});

describe('the summary of a graded file', () => {
  const result: VerbResult<'grade'> = {
    rows: 8,
    outcomes: { correct: 5, incorrect: 2, error: 1 },
    methods: { number: 7, none: 1 },
    policies: { 'a|b': 8 },
    workers: 2,
    seconds: 1.25,
    ms: { mean: 0.5, max: 3 },
  };

  it('has a table of verdicts with their shares, and names the column with the reason of an error', () => {
    const page = gradedSummary(result, 'rows.jsonl', 'rows.graded.jsonl', l10n);
    expect(page).toContain('8 rows, with their verdicts in `rows.graded.jsonl`.');
    expect(page).toContain('| `correct` | 5 | 62.5 % |\n| `incorrect` | 2 | 25.0 % |');
    expect(page).toContain('has the reason in its `detail`');
    // A name of a row's own policy can't break the table.
    expect(page).toContain('| `a\\|b` | 8 | 100.0 % |');
    expect(gradedSummary({ ...result, outcomes: { correct: 8 } }, 'r', 'o', l10n)).not.toContain('has the reason');
  });

  it('in one message counts the rows that could not be graded apart', () => {
    expect(formatGraded(result, 'o.jsonl', l10n)).toBe(
      '7 rows graded, 5 correct: o.jsonl. Rows that can’t be graded: 1. Each has the reason in “detail”.',
    );
    expect(formatGraded({ ...result, outcomes: { correct: 8 } }, 'o.jsonl', l10n)).toBe(
      '8 rows graded, 8 correct: o.jsonl',
    );
  });

  it('of a file without rows has no shares that are no numbers', () => {
    const none = { ...result, rows: 0, outcomes: { correct: 0 } };
    expect(gradedSummary(none, 'r', 'o', l10n)).not.toContain('NaN');
  });
});
