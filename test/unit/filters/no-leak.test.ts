import { describe, expect, it } from 'vitest';
import { chainOf, good, placesOf, response, resultOf, threeTurns, withPiece } from './subjects.ts';

describe('no-leak', () => {
  it.each([
    ['The correct answer is given as fifteen.', 'The correct answer is given as'],
    ['This agrees with the reference answer.', 'reference answer'],
    ['Answer 2 counts by tens.', 'Answer 2'],
    ['As in answer[2], I count by tens.', 'answer[2]'],
    ['Compare this with solution 1 above.', 'with solution 1'],
    ['The answer key says so.', 'answer key'],
    ['The hint says fifteen.', 'The hint'],
    ['I was told the answer, so I work towards it.', 'was told the answer'],
  ])('fails for “%s”', (text, words) => {
    const chain = response(`Let me count. ${text}`);
    const result = resultOf('no-leak', chain);
    expect(result).toMatchObject({ passed: false, value: words });
    expect(placesOf(chain, result)).toEqual([words]);
  });

  it.each([
    'So the answer 2 is too small, and the solution 3 as well.',
    'Solution 2x + 1 is linear.',
    'The final answer is given by adding both.',
    'My answer is 15, as the problem hints at nothing else.',
    'The given answer of 14 is one too few.',
  ])('accepts “%s”', (text) => {
    expect(resultOf('no-leak', response(text))?.passed).toBe(true);
  });

  it.each([
    'No: the right answer is 15, not fourteen.',
    'It should be 15.',
    'So it is not 14 but 15.',
    'Counting again gives \\boxed{15}.',
  ])('fails for a check of a wrong answer that states the right one: “%s”', (text) => {
    const chain = withPiece('check[1]', { text: `${text}\nVerdict: wrong` });
    expect(resultOf('no-leak', chain)?.passed).toBe(false);
    expect(text).toContain(placesOf(chain, resultOf('no-leak', chain))[0]);
  });

  it('ignores a value that only occurs in a check or in a longer number', () => {
    for (const text of ['There were 15 apples in the story.', 'The result is 151, or 15.5.']) {
      expect(resultOf('no-leak', withPiece('check[1]', { text: `${text}\nVerdict: wrong` }))?.passed).toBe(true);
    }
  });

  it('allows the check of a right answer to repeat it and measures every check of a longer chain', () => {
    expect(resultOf('no-leak', good)?.passed).toBe(true);
    const leaking = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: 'The answer is 15, of course.\nVerdict: wrong' } : piece,
    );
    expect(resultOf('no-leak', chainOf(leaking))?.passed).toBe(false);
    const right = leaking.map((piece) =>
      piece.piece === 'answer[2]'
        ? { ...piece, verdict: { outcome: 'correct', method: 'number', extracted: '15' } as const }
        : piece,
    );
    expect(resultOf('no-leak', chainOf(right))?.passed).toBe(true);
  });
});
