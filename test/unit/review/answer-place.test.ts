import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerPlace } from '../../../src/core/review/index.ts';

const placed = (text: string, answer: string, from = 0, to = text.length): [number, string] | undefined => {
  const place = answerPlace(text, from, to, answer);
  return place && [place.start, text.slice(place.start, place.end)];
};

describe('the place of the graded answer', () => {
  test('in the last box that holds it, though it is written again behind', () => {
    const text = 'First \\boxed{5}, then \\boxed{ 5 }, and \\boxed{7}. So 5 it is.';
    expect(placed(text, '5')).toEqual([text.indexOf(' 5 }'), ' 5 ']);
  });

  test('without a box where it is written last, and never inside of another number or word', () => {
    const text = 'It is 5, not 25 or 5.2 or 1.5 or x5.';
    expect(placed(text, '5')).toEqual([6, '5']);
    expect(placed('So 25 apples.', '5')).toBeUndefined();
    expect(placed('the sum is \\frac{1}{2}.', '\\frac{1}{2}')).toEqual([11, '\\frac{1}{2}']);
  });

  test('only within the piece that is asked for', () => {
    const text = 'Here 5. There 5.';
    expect(placed(text, '5', 0, 8)).toEqual([5, '5']);
    expect(placed(text, '5', 7, 13)).toBeUndefined();
    expect(placed(text, ' ')).toBeUndefined();
  });

  test('whatever the text, a place is inside of the range and holds the answer', () => {
    const piece = fc.constantFrom('5', '25', ' ', '\\boxed{', '}', 'x', '.', '12');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.nat(20),
        fc.constantFrom('5', '12', 'x'),
        (parts, from, answer) => {
          const text = parts.join('');
          const place = answerPlace(text, Math.min(from, text.length), text.length, answer);
          if (place === undefined) return;
          expect(place.start >= from && place.end <= text.length).toBe(true);
          expect(text.slice(place.start, place.end).trim()).toBe(answer);
        },
      ),
    );
  });
});
