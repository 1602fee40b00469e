import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import type { Candidate } from '../../../src/protocol/review.ts';
import { describeCandidates, formatStory, introduction } from '../../../webview/review/facts/answers.ts';
import { wordEdge } from '../../../webview/review/spans/moves.ts';
import { decidedBy, describeComparison } from '../../../webview/ui/format.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const at = (start: number, answer: string, outcome?: Candidate['outcome']): Candidate => ({
  start,
  end: start + answer.length,
  answer,
  how: 'stated' as const,
  ...defined({ outcome }),
});

describe('the story of the answers', () => {
  test('lists the outcomes in order and the place of the first right one', () => {
    const story = formatStory([at(10, '3', 'incorrect'), at(30, '4', 'incorrect'), at(62, '5', 'correct')], 100);
    expect(story).toBe('3 candidates: wrong ×2 → right; first right at 62 % of the text');
    expect(formatStory([at(10, '3')], 100)).toBe('1 candidate: not graded');
  });

  test('is announced with the name of the chain, without signs', async () => {
    const item = await new MemorySource([chainOf('c')]).item('c');
    if (item === undefined) throw new Error('the chain is there');
    expect(introduction(item)).toBe(' Now problem-of-c: no candidate answers.');
    const candidates = [at(4, '3', 'incorrect'), at(8, '3', 'incorrect'), at(20, '5', 'correct')];
    expect(introduction({ ...item, candidates })).toBe(
      ' Now problem-of-c: 3 candidates: wrong 2 times, then right; first right at 50 % of the text.',
    );
  });

  test('leaves out the middle of a long one, never its beginning or end', () => {
    const flips = Array.from({ length: 41 }, (_, index) => at(index, '1', index % 2 === 0 ? 'incorrect' : 'correct'));
    expect(formatStory(flips, 100)).toBe(
      '41 candidates: wrong → right → … → right → wrong; first right at 1 % of the text',
    );
  });

  test('the announcement of a candidate has the change of the answer', () => {
    // A candidate that could not be graded is passed over: the turn is from the one before it.
    expect(describeCandidates([at(10, '3', 'incorrect'), at(30, '7'), at(62, '5', 'correct')], 100)).toEqual([
      'answer 1 of 3: 3, wrong, at 10 %',
      'answer 2 of 3: 7, not graded, at 30 %',
      'answer 3 of 3: 5, right, at 62 %, from wrong to right',
    ]);
    expect(describeCandidates([at(0, 'x'.repeat(999))], 999).join().length).toBeLessThan(220);
  });
});

describe('the border of a word', () => {
  const text = 'So  check it, then 我们看 $x$.';

  test('a start moves to the first letter of its word, an end behind the last one, without white space', () => {
    const start = (words: string, skip: number) => text.slice(wordEdge(text, text.indexOf(words) + skip, 'start'));
    const end = (words: string, skip: number) => text.slice(0, wordEdge(text, text.indexOf(words) + skip, 'end'));
    expect(start('check', 3).startsWith('check')).toBe(true);
    expect(start('  check', 1).startsWith('check')).toBe(true);
    expect(end('check', 2)).toBe('So  check');
    expect(end('  check', 1)).toBe('So');
    expect(end('我们看', 2).endsWith('我们')).toBe(true);
  });

  test('stays inside the text and is a border for any text and offset', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.nat(40),
        fc.constantFrom('start' as const, 'end' as const),
        (any, offset, edge) => {
          const found = wordEdge(any, Math.min(offset, any.length), edge);
          expect(found >= 0 && found <= any.length).toBe(true);
          expect(wordEdge(any, found, edge)).toBe(found);
        },
      ),
    );
  });
});

describe('how a verdict was reached, in words', () => {
  test('names the comparison, also one that has no words of its own', () => {
    const same = { outcome: 'correct', method: 'number', gold: '5', prediction: '5' } as const;
    expect(decidedBy(same)).toBe('number, exact');
    expect(describeComparison(same)).toBe('Compared as numbers; both normal forms are the same.');
    expect(describeComparison({ ...same, prediction: '6' })).toBe('Compared as numbers.');
    expect(describeComparison({ outcome: 'unknown', method: 'none' })).toBe('Nothing was compared.');
    expect(describeComparison({ ...same, detail: 'Both are 5.' })).toMatch(/are the same\. Both are 5\.$/);
    expect(describeComparison({ outcome: 'correct', method: 'text' })).toBe('Both answers are written the same.');
    expect(describeComparison({ outcome: 'correct', method: 'text', detail: 'Both are written 5.' })).toBe(
      'Both are written 5.',
    );
  });
});
