import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combineDecisions, exportChain, reviewedText } from '../../../src/core/export/index.ts';
import type { Chain, ReviewAct, Segment } from '../../../src/core/schemas/index.ts';
import { chain, problem } from '../store/fixtures.ts';

/** A dialogue chain of these pieces. The first answer is not trained. */
function dialogue(...texts: string[]): Chain {
  const names = ['answer[1]', 'check[1]', 'answer[2]', 'summary'] as const;
  const segments: Segment[] = [];
  let at = 0;
  for (const [i, text] of texts.entries()) {
    segments.push({ piece: names[i % 4] ?? 'summary', start: at, end: at + text.length, train: i > 0 });
    at += text.length;
  }
  return chain('c', { text: texts.join(''), segments });
}

const rowsOf = (each: Chain, acts: ReviewAct[] = []) => exportChain(each, problem('p1'), reviewedText(each, acts));

/** `text[start:end]` as Python reads it: by code points. */
const slice = (text: string, { start, end }: { start: number; end: number }): string =>
  [...text].slice(start, end).join('');

const actOf = (reviewer: string, second: number, rest: object): ReviewAct =>
  ({
    id: `${reviewer}${second}`,
    at: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
    reviewer,
    chainId: 'c',
    ...rest,
  }) as ReviewAct;

describe('rows', () => {
  test('both forms have the same content, with segments and loss mask on the text of the assistant', () => {
    const { promptCompletion, messages, trained, masked } = rowsOf(dialogue('Wrong. ', 'Check. ', 'Right. ', 'Sum.'));
    expect(promptCompletion.prompt).toEqual([{ role: 'user', content: problem('p1').problem }]);
    expect(promptCompletion.completion).toEqual([{ role: 'assistant', content: 'Wrong. Check. Right. Sum.' }]);
    expect(messages.messages).toEqual([...promptCompletion.prompt, ...promptCompletion.completion]);
    expect(messages.segments).toEqual(promptCompletion.segments);
    expect(messages.segments.map(({ piece, train }) => `${piece} ${train}`)).toEqual([
      'answer[1] false',
      'check[1] true',
      'answer[2] true',
      'summary true',
    ]);
    expect(messages.loss_mask).toEqual([
      { start: 0, end: 7, train: false },
      { start: 7, end: 25, train: true },
    ]);
    expect({ trained, masked }).toEqual({ trained: 18, masked: 7 });
  });

  test('offsets are code points, so that slicing in Python returns the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const { messages } = rowsOf(dialogue(...texts));
        const content = messages.messages[1]?.content ?? '';
        expect(content).toBe(texts.join(''));
        expect(messages.segments.map((segment) => slice(content, segment))).toEqual(texts);
        expect(messages.loss_mask.map((run) => slice(content, run)).join('')).toBe(content);
      }),
    );
  });

  test('half a surrogate pair, which UTF-8 can’t encode, does not move any offset', () => {
    const { messages } = rowsOf(dialogue('a\ud835', 'b', '𝑥c'));
    expect(messages.messages[1]?.content).toBe('a\ufffdb𝑥c');
    expect(messages.segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 3],
      [3, 5],
    ]);
  });

  test('the prefix form puts masked text into the prompt, and both parts together are the whole text', () => {
    const { prefix } = rowsOf(dialogue('Wrong. ', 'Check. ', 'Right.'));
    expect(prefix).toMatchObject({ prompt: `${problem('p1').problem}\n\nWrong. `, completion: 'Check. Right.' });
  });

  test('a chain with masked text after trained text, or with no trained text, has no prefix form', () => {
    const each = dialogue('a', 'b', 'c');
    const mask = (...train: boolean[]): Chain => ({
      ...each,
      segments: each.segments.map((segment, i) => ({ ...segment, train: train[i] ?? true })),
    });
    expect(rowsOf(mask(false, true, false)).prefix).toBeUndefined();
    expect(rowsOf(mask(false, false, false)).prefix).toBeUndefined();
    expect(rowsOf(mask(true, true, true)).prefix).toMatchObject({ completion: 'abc' });
  });
});

describe('reviews', () => {
  const each = dialogue('Wrong. ', 'Check. ', 'Right.');
  const edit = (insert: string): object => ({ act: 'edit', changes: [{ start: 14, end: 19, insert }] });

  test('edits of the last reviewer who accepted are in the text, and segments move with them', () => {
    const acts = [
      actOf('r1', 1, edit('Fine')),
      actOf('r1', 2, { act: 'accept' }),
      actOf('r2', 3, edit('Quite right')),
      actOf('r2', 4, { act: 'accept' }),
      actOf('r3', 5, edit('No')),
    ];
    const review = reviewedText(each, acts);
    expect(review).toMatchObject({ decision: 'accepted', acceptedBy: ['r1', 'r2'], editedBy: 'r2' });
    expect(review.text).toBe('Wrong. Check. Quite right.');
    const { messages } = rowsOf(each, acts);
    expect(messages.segments.map((segment) => slice(review.text, segment))).toEqual([
      'Wrong. ',
      'Check. ',
      'Quite right.',
    ]);
  });

  test('an edit that was undone is not in the text', () => {
    const acts = [
      actOf('r1', 1, edit('Fine')),
      actOf('r1', 2, { act: 'undo', target: 'r11' }),
      actOf('r1', 3, { act: 'accept' }),
    ];
    expect(reviewedText(each, acts)).toMatchObject({ text: each.text, acceptedBy: ['r1'] });
    expect(reviewedText(each, acts)).not.toHaveProperty('editedBy');
  });

  test('labels of the reviewer are in the spans', () => {
    const label = { act: 'label', kind: 'backtracking', start: 7, end: 13 };
    const { messages } = rowsOf(each, [actOf('r1', 1, label), actOf('r1', 2, { act: 'accept' })]);
    const place = { start: 7, end: 13 };
    expect(messages.spans).toEqual([{ kind: 'backtracking', ...place, source: 'human', confidence: 1, acts: [place] }]);
  });

  test('without an acceptance, the text is that of the chain', () => {
    const acts = [actOf('r1', 1, edit('Fine')), actOf('r2', 2, { act: 'skip' })];
    expect(reviewedText(each, acts)).toMatchObject({ decision: 'skipped', text: each.text, acceptedBy: [] });
  });
});

test.each([
  [[], 'pending'],
  [['pending', 'skipped'], 'skipped'],
  [['accepted', 'skipped', 'pending'], 'accepted'],
  [['accepted', 'accepted', 'rejected'], 'rejected'],
] as const)('decisions %j together are %s', (decisions, together) => {
  expect(combineDecisions(decisions)).toBe(together);
});
