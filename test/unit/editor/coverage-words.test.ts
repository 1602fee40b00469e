import { expect, it } from 'vitest';
import { SamplingSummary } from '../../../src/core/model/index.ts';
import { coverageWords } from '../../../src/editor/coverage-words.ts';
import { l10n } from './speech.ts';

const summary = SamplingSummary.parse({
  ended: { how: 'finished' },
  ...{ samples: 9, requests: 9, correct: 4, incorrect: 5, truncated: 0, ungraded: 0, kept: 4, left: {} },
  ...{ promptTokens: 1, completionTokens: 1, suspectGold: [], unreadable: [], failed: [] },
  covered: { before: 12, after: 1061 },
  buckets: [
    { before: 1100, after: 0 },
    { from: 0, to: 0.2, before: 0, after: 0 },
    { from: 0.2, to: 0.5, before: 30, after: 70 },
    { from: 0.5, to: 1, before: 0, after: 1060 },
  ],
});

it('a sampling round in the tree tells coverage and difficulty before and after it, and no bucket that is empty', () => {
  expect(coverageWords(summary, 1130, l10n)).toEqual([
    'Problems with a correct answer, in any round: 12 → 1,061 of 1,130',
    'Problems by pass rate: never sampled: 1,100 → 0, 0.2 – 0.5: 30 → 70, 0.5 – 1: 0 → 1,060',
  ]);
});
