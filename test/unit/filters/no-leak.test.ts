import { describe, expect, it } from 'vitest';
import { chainOf, good, placesOf, response, said, threeTurns, withPiece } from './subjects.ts';

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
  ])('rejects “%s”', (text, words) => {
    const chain = response(`Let me count. ${text}`);
    const result = said('no-leak', chain);
    expect(result).toMatchObject({ passed: false, value: words });
    expect(placesOf(chain, result)).toEqual([words]);
  });

  it.each([
    'So the answer 2 is too small, and the solution 3 as well.',
    'Solution 2x + 1 is linear.',
    'The final answer is given by adding both.',
    'My answer is 15, as the problem hints at nothing else.',
    'The given answer of 14 is one too few.',
  ])('lets “%s” pass', (text) => {
    expect(said('no-leak', response(text))?.passed).toBe(true);
  });

  it.each([
    'No: the right answer is 15, not fourteen.',
    'It should be 15.',
    'So it is not 14 but 15.',
    'Counting again gives \\boxed{15}.',
  ])('rejects a check of a wrong answer that states the right one: “%s”', (text) => {
    const chain = withPiece('check[1]', { text: `${text}\nVerdict: wrong` });
    expect(said('no-leak', chain)?.passed).toBe(false);
    expect(text).toContain(placesOf(chain, said('no-leak', chain))[0]);
  });

  it('takes a value that merely occurs in a check, or a longer number, for no leak', () => {
    for (const text of ['There were 15 apples in the story.', 'The result is 151, or 15.5.']) {
      expect(said('no-leak', withPiece('check[1]', { text: `${text}\nVerdict: wrong` }))?.passed).toBe(true);
    }
  });

  it('lets the check of a right answer repeat it, and watches every check of more turns', () => {
    expect(said('no-leak', good)?.passed).toBe(true);
    const told = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: 'The answer is 15, of course.\nVerdict: wrong' } : piece,
    );
    expect(said('no-leak', chainOf(told))?.passed).toBe(false);
    const right = told.map((piece) =>
      piece.piece === 'answer[2]'
        ? { ...piece, verdict: { outcome: 'correct', method: 'number', extracted: '15' } as const }
        : piece,
    );
    expect(said('no-leak', chainOf(right))?.passed).toBe(true);
  });
});
