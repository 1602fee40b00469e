import { expect, test } from 'vitest';
import { actsOfReview, reviewedText } from '../../../src/core/export/index.ts';
import type { ReviewAct } from '../../../src/core/schemas/index.ts';
import { chain } from '../store/fixtures.ts';

const text = 'First step.\n\nSecond step.\n\nThird step.\n\nFourth step.';
const each = chain('c', { text, segments: [{ piece: 'trace', start: 0, end: text.length, train: true }] });
const at = (step: string) => ({ start: text.indexOf(step), end: text.indexOf(step) + step.length });
const acts = (...list: object[]): ReviewAct[] =>
  list.map(
    (act, n) => ({ id: `a${n}`, at: '2026-01-01T00:00:00Z', reviewer: 'r1', chainId: 'c', ...act }) as ReviewAct,
  );
const stepsOf = (list: readonly ReviewAct[]) => reviewedText(each, [...list]).steps;

const REVIEW = {
  ...{ id: 'c', reviewer: 'r1', decision: 'pending' as const, reason: null, at: '2026-01-01T00:00:00Z', edited: false },
  ...{ outcome: null, outcome_reason: null, note: null, tags: [] },
};

test('the acts of a review give the same labels of steps, and imply none that were removed', () => {
  const wrong = { act: 'first-wrong-step', place: at('Third step.') };
  const removed = { act: 'step', ...at('First step.'), label: null };
  for (const list of [
    [wrong],
    [wrong, removed],
    [{ act: 'first-wrong-step', place: 'none' }, removed],
    [wrong, { act: 'step', ...at('Second step.'), label: null }],
    [wrong, { act: 'step', ...at('Third step.'), label: null }, { act: 'step', ...at('Fourth step.'), label: 'bad' }],
    [
      { act: 'first-wrong-step', place: 'none' },
      { act: 'step', ...at('Fourth step.'), label: null },
    ],
  ]) {
    const steps = stepsOf(acts(...list));
    expect(steps?.length).toBeGreaterThan(0);
    expect(stepsOf(actsOfReview(REVIEW, steps, text))).toEqual(steps);
  }
});
