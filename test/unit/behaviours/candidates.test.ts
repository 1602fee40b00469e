import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCandidates, transitions } from '../../../src/core/behaviours/index.ts';
import { defined } from '../../../src/core/defined.ts';

describe('candidate answers', () => {
  const read = (text: string, known?: { problem?: string; gold?: string }): string[] =>
    findCandidates(text, known).map(({ how, answer }) => `${how} ${answer}`);

  it.each([
    ['So the answer is $12$. Later \\boxed{\\frac{1}{2}}.', ['stated 12', 'boxed \\frac{1}{2}']],
    ['I think the final answer should be 1,250.', ['stated 1,250']],
    ['The answer, then, is \\(x = 5\\).', ['stated 5']],
    ['7 is the answer.', ['stated 7']],
    ['所以答案是 42。', ['stated 42']],
    ['She has 3 apples and buys 4 more, so she has 7.', []],
    ['So we have 8 + 4 = 12. Thus \\boxed{12}.', ['concluded 12', 'boxed 12']],
    ['The answer is 3183 - 319, which we compute next.', []],
    ['\\boxed{7', []],
  ])('%s', (text, found) => expect(read(text)).toEqual(found));

  it('are found by the name of the unknown in the problem', () => {
    const problem = 'Two dice are rolled. What is the probability that both show a six?';
    expect(read('The probability is \\(\\frac{1}{36}\\).', { problem })).toEqual(['stated \\frac{1}{36}']);
    expect(read('The first has 6 sides. The chance is 1/6.', { problem })).toEqual([]);
    expect(read('Then $m+n = 1 + 36 = 37$.', { problem: 'Find $m + n$.' })).toEqual(['stated 37']);
    expect(read('So she sold 12 books.', { problem: 'How many books did she sell?' })).toEqual(['stated 12']);
  });

  it('are found when a conclusion states the trusted answer', () => {
    const text = 'This gives 5 + 9 = 14. The rest is 3.';
    expect(read(text)).toEqual([]);
    expect(read(text, { gold: '14' })).toEqual(['concluded 14']);
  });

  it('are ordered and disjoint, and match the text at their offsets', () => {
    const part = fc.constantFrom(
      'the answer is 12. ',
      '\\boxed{7}',
      '$',
      'so x = 7',
      ' = ',
      '.\n',
      '\\(',
      'answer: ',
      '🙂',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (list) => {
        const text = list.join('');
        let reached = 0;
        for (const candidate of findCandidates(text, { problem: 'What is $x$?', gold: '7' })) {
          expect(candidate.start).toBeGreaterThanOrEqual(reached);
          expect(text.slice(candidate.start, candidate.end).trim()).toBe(candidate.answer);
          reached = candidate.end;
        }
      }),
    );
  });

  it('treat a hostile problem as text, not as a pattern', () => {
    const problem = 'Find $(a+)+$. How many (((? What is the [a-z of it?';
    expect(read('the answer is 3', { problem })).toEqual(['stated 3']);
  });
});

describe('transitions', () => {
  const at = (answer: string, outcome?: 'correct' | 'incorrect' | 'unknown') => ({
    ...{ start: 0, end: 1, answer, how: 'stated' as const },
    ...defined({ outcome }),
  });

  it('describe the change of outcome from one graded candidate to the next', () => {
    const steps = transitions([
      at('5', 'incorrect'),
      at('x'),
      at('6', 'incorrect'),
      at('7', 'correct'),
      at(' 7', 'correct'),
    ]);
    expect(steps).toEqual([
      { from: 0, to: 2, kind: 'wrong-wrong', changed: true },
      { from: 2, to: 3, kind: 'wrong-right', changed: true },
      { from: 3, to: 4, kind: 'right-right', changed: false },
    ]);
  });

  it('are empty with fewer than two graded candidates', () => {
    expect(transitions([])).toEqual([]);
    expect(transitions([at('5', 'correct'), at('6', 'unknown'), at('7')])).toEqual([]);
  });
});
