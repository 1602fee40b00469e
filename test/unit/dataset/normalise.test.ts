import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseProblemText } from '../../../src/core/dataset/index.ts';

describe('two texts are the same problem', () => {
  test.each([
    ['What is $x^2$?', 'what is \\( x^2 \\)'],
    ['Find \\[\\dfrac{1}{2}\\]', 'Find $$\\frac{1}{2}$$.'],
    ['It’s “so” – 5', 'It\'s "so" - 5'],
    ['Let  f(x) = x + 1.\nFind f(2).', 'Let f(x)=x+1. Find f(2)'],
    ['\\left( 1, 2 \\right)', '(1,2)'],
    ['ﬁve²', 'five^2'],
    ['pay \\$5', 'pay $5'],
  ])('%j and %j', (a, b) => {
    expect(normaliseProblemText(a)).toBe(normaliseProblemText(b));
  });

  test('for any whitespace and case', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    const space = fc.constantFrom(' ', '  ', '\n', '\t', '\u00a0', ' \r\n ');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, space), { minLength: 1 }), (parts) => {
        const plain = parts.map(([text]) => text).join(' ');
        const spaced = parts.map(([text, between]) => text.toUpperCase() + between).join('');
        expect(normaliseProblemText(spaced)).toBe(normaliseProblemText(plain));
      }),
    );
  });
});

describe('two texts are different problems', () => {
  test.each([
    ['What is 5²?', 'What is 52?'],
    ['Add 1 23', 'Add 12 3'],
    ['x + 1', 'x - 1'],
    ['\\leftarrow', 'arrow'],
    ['3.5', '35'],
    ['√2', '2'],
  ])('%j and %j', (a, b) => {
    expect(normaliseProblemText(a)).not.toBe(normaliseProblemText(b));
  });
});

test('any text is normalised in linear time and without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof normaliseProblemText(text) === 'string'));
  expect(normaliseProblemText('\\( $ ) '.repeat(200_000)).length).toBeGreaterThan(0);
});
