import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBoxes } from '../../../src/core/text/boxes.ts';

const contents = (text: string): string[] =>
  findBoxes(text).map(({ innerStart, innerEnd }) => text.slice(innerStart, innerEnd));

describe('findBoxes', () => {
  it('includes nested braces and ignores an unterminated box', () => {
    const text = '\\boxed{\\frac{1}{2}} then \\boxed{\\{1, 2\\}} then \\boxed{3';
    expect(contents(text)).toEqual(['\\frac{1}{2}', '\\{1, 2\\}']);
  });

  it('returns the outer of two boxes, and the inner one if the outer is not closed', () => {
    expect(contents('\\boxed{x = \\boxed{5}}')).toEqual(['x = \\boxed{5}']);
    expect(contents('\\boxed{x = \\boxed 5}')).toEqual(['x = \\boxed 5']);
    expect(contents('\\boxed{x = \\boxed{5} and on')).toEqual(['5']);
  });

  it.each([
    ['\\fbox{5}', '5'],
    ['\\boxed {5}', '5'],
    ['\\boxed 5.', '5'],
    ['\\boxed -17', '-17'],
    ['\\boxed A', 'A'],
    ['\\begin{boxed}{5}', '5'],
    // A line of an array ends before the box; or the text was escaped twice.
    ['x = 5 \\\\\\boxed{5}', '5'],
    ['\\\\boxed{5}', '5'],
  ])('reads %s', (text, inside) => expect(contents(text)).toEqual([inside]));

  it.each(['\\boxedness{5}', 'the \\boxed command', '\\boxed', '{5}', '\\text{5}'])('finds none in %s', (text) =>
    expect(contents(text)).toEqual([]),
  );

  it('returns boxes in order, without overlap, with their exact text', () => {
    const part = fc.constantFrom('\\boxed{', '\\boxed 7', '\\fbox{', '{', '}', '\\}', '\\\\', '5', ' ', 'x');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        let from = 0;
        for (const { start, innerStart, innerEnd, end } of findBoxes(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(text.slice(start, innerStart)).toMatch(/^\\(?:boxed|fbox)\s*\{?$/);
          expect(innerEnd).toBeGreaterThanOrEqual(innerStart);
          expect(['', '}']).toContain(text.slice(innerEnd, end));
          from = end;
        }
      }),
    );
  });

  it('reads a long text of unclosed boxes in one pass', () => {
    expect(findBoxes('\\boxed{'.repeat(200_000))).toEqual([]);
  });
});
