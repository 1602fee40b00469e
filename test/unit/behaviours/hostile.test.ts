import { describe, expect, it } from 'vitest';
import { annotate } from '../../../src/core/behaviours/annotate.ts';
import { findCandidates, findEqualities, splitSentences } from '../../../src/core/behaviours/index.ts';

const LONG = 100_000;
/** Texts on which patterns hung or could hang: one repeated piece after an opening that starts a match. */
const TEXTS: Record<string, string> = {
  'spaces after an opened display': `The answer is \\[${' '.repeat(LONG)}`,
  'opened displays': 'answer \\[ '.repeat(LONG / 10),
  dots: `So${'.'.repeat(LONG)}x`,
  'exclamation marks after a number': `5${'!'.repeat(LONG)}X`,
  'closing marks after a dot': `x.${'*'.repeat(LONG)}y`,
  'spaces after the cue': `the answer${' '.repeat(LONG)}is`,
  'words after the cue': `the answer ${'of it '.repeat(LONG / 6)}`,
  'an open formula': `$${'x '.repeat(LONG / 2)}`,
  'open boxes': '\\boxed{'.repeat(LONG / 7),
  brackets: '('.repeat(LONG),
  'signs of equality': '='.repeat(LONG),
  'a sum without end': `${'1+'.repeat(LONG / 2)}=3`,
  'equalities without end': '1 = 1 = '.repeat(LONG / 8),
  commands: '\\frac'.repeat(LONG / 5),
  'rows of a table': '| a. B '.repeat(LONG / 7),
  digits: '9'.repeat(LONG),
  commas: `answer: 1${',000'.repeat(LONG / 4)}`,
};

// The limit doesn't measure speed: quadratic cost takes minutes here, linear cost a fraction of a second.
describe('hostile texts of 100,000 characters are read in one pass', () => {
  it.each(Object.entries(TEXTS))('%s', { timeout: 10_000 }, (_, text) => {
    expect(
      splitSentences(text)
        .map(({ start, end }) => text.slice(start, end))
        .join(''),
    ).toBe(text);
    findCandidates(text, { problem: 'How many apples? What is the probability? Find $m + n$.', gold: '7' });
    findEqualities(text);
    expect(annotate(text).sentences.length).toBeGreaterThan(0);
  });
});
