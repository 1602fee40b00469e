import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateArithmetic } from '../../../src/core/behaviours/arithmetic.ts';
import { findEqualities } from '../../../src/core/behaviours/index.ts';

describe('arithmetic', () => {
  it.each([
    ['3 + 4 * 2', 11],
    ['(3 + 4) \\cdot 2', 14],
    ['-2^2', -4],
    ['2^{-1}', 0.5],
    ['\\frac{1}{2} + \\frac12', 1],
    ['3(4 + 1)', 15],
    ['2\\sqrt{9}', 6],
    ['1,234 + 1{,}000', 2234],
    ['20\\% ', 0.2],
    ['20%', 0.2],
    ['2 3', undefined],
    ['3x', undefined],
    ['1/0', undefined],
    ['0110', undefined],
    ['', undefined],
    ['9^9^9^9', undefined],
  ])('%s', (text, value) => expect(evaluateArithmetic(text)).toBe(value));

  it('agrees with JavaScript on sums, differences and products of integers', () => {
    const number = fc.integer({ min: 0, max: 999 });
    const operator = fc.constantFrom('+', '-', '*');
    fc.assert(
      fc.property(number, fc.array(fc.tuple(operator, number), { maxLength: 8 }), (first, rest) => {
        const text = [first, ...rest.map(([sign, value]) => `${sign} ${value}`)].join(' ');
        const expected: number = Function(`return ${text}`)();
        expect(evaluateArithmetic(text)).toBe(expected);
      }),
    );
  });

  it('returns no value for 100,000 unclosed brackets or signs', () => {
    expect(evaluateArithmetic('('.repeat(100_000))).toBeUndefined();
    expect(evaluateArithmetic('-'.repeat(100_000))).toBeUndefined();
  });
});

describe('equalities', () => {
  const read = (text: string): [string, boolean][] =>
    findEqualities(text).map(({ start, end, holds }) => [text.slice(start, end), holds]);
  it.each<[string, [string, boolean][]]>([
    [
      'So 3 \\cdot 4 = 12 and 5 + 5 = 11.',
      [
        ['3 \\cdot 4 = 12', true],
        ['5 + 5 = 11', false],
      ],
    ],
    [
      '12 + 5 = 17 = 18',
      [
        ['12 + 5 = 17', true],
        ['17 = 18', false],
      ],
    ],
    [
      '1/3 = 0.33, and 1/3 = 0.34',
      [
        ['1/3 = 0.33', true],
        ['1/3 = 0.34', false],
      ],
    ],
    [
      'about 22/7 ≈ 3.1, not 22/7 ≈ 4',
      [
        ['22/7 ≈ 3.1', true],
        ['22/7 ≈ 4', false],
      ],
    ],
    ['a = 3 + 4 = 7', [['3 + 4 = 7', true]]],
    ['f(3) = 9, 2x = 14, x_1 = 5, 7! = 5040', []],
    ['2k - 1 = 0 and 7 = 7x', []],
    ['25 = 25 p and 3 = 3\\pi', []],
    ['Then 2, 3 + 4 = 7. Next it is 5.', [['3 + 4 = 7', true]]],
    [
      'so \\(3+4=7\\) and \\[ 2 + 2 = 5 \\]',
      [
        ['3+4=7', true],
        ['2 + 2 = 5', false],
      ],
    ],
    ['17 ÷ 5 = 3 remainder 2', []],
    ['6 = 0110', []],
  ])('%s', (text, found) => expect(read(text)).toEqual(found));

  it('hold when they are true and fail when the right side is changed, after any text', () => {
    const around = fc.constantFrom('', 'So ', '\\(', 'we get: ', '\n');
    const number = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(around, number, number, fc.integer({ min: 1, max: 50 }), (before, a, b, off) => {
        expect(findEqualities(`${before}${a} + ${b} = ${a + b}`).map(({ holds }) => holds)).toEqual([true]);
        expect(findEqualities(`${before}${a} + ${b} = ${a + b + off}`).map(({ holds }) => holds)).toEqual([false]);
      }),
    );
  });

  it('have offsets within any text', () => {
    const piece = fc.constantFrom(
      '1',
      ' = ',
      '+',
      '\\frac',
      '{2}',
      '\\(',
      '\\approx',
      '≈',
      ' ',
      ', ',
      'x',
      '\n',
      '(',
      ')',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const { start, end } of findEqualities(text)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});
