import { describe, expect, it } from 'vitest';
import { annotate } from '../../../src/core/behaviours/annotate.ts';
import { findCandidates, findEqualities, splitSentences } from '../../../src/core/behaviours/index.ts';

const LONG = 100_000;
/** What patterns have hung on, or could: one piece over and over, after an opening that invites to read on. */
const TEXTS: Record<string, string> = {
  'spaces behind an opened display': `The answer is \\[${' '.repeat(LONG)}`,
  'opened displays': 'answer \\[ '.repeat(LONG / 10),
  dots: `So${'.'.repeat(LONG)}x`,
  'exclamation marks behind a number': `5${'!'.repeat(LONG)}X`,
  'closing marks behind a dot': `x.${'*'.repeat(LONG)}y`,
  'spaces behind the cue': `the answer${' '.repeat(LONG)}is`,
  'words behind the cue': `the answer ${'of it '.repeat(LONG / 6)}`,
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

// The bound is not a measure of speed: what costs the square of its length takes minutes here and not a fraction of a second.
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
