import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, cleanPiece, PIECES } from '../../../src/core/dialogue/index.ts';
import { findBoxes } from '../../../src/core/text/boxes.ts';

const pieces = {
  'answer[1]': 'First I isolate the root. So $x = \\boxed{11}$.',
  'check[1]': 'Put $x = 2$ back in: $\\sqrt{9} = 3$ but $2 - 5 = -3$.\n\nVerdict: wrong',
  'answer[2]': '**Answer 2:**\nLet $u = \\sqrt{x+7}$. Only $u = 4$ is allowed, so \\boxed{9}.',
  summary: 'From $9$ back: $9 - 5 = 4$ and $4^2 = 9 + 7$. The second solution stands: \\boxed{9}',
};
const text = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '$', '\\boxed{', '}', '5', 'Verdict: correct\n', 'Answer 2: ', '🙂'),
  maxLength: 40,
});

describe('assemble', () => {
  it('gives every character of the chain to one piece, in order', () => {
    fc.assert(
      fc.property(text, text, text, text, fc.constantFrom('FT', 'TT', 'TF'), (a, b, c, d, chainClass) => {
        const chain = assemble('r/p/0-0', chainClass, { 'answer[1]': a, 'check[1]': b, 'answer[2]': c, summary: d });
        let at = 0;
        for (const segment of chain.segments) {
          expect(segment.start).toBe(at);
          at = segment.end;
        }
        expect(at).toBe(chain.text.length);
        expect(chain.segments.map((segment) => segment.piece)).toEqual(
          PIECES.filter((piece) => chain.segments.some((segment) => segment.piece === piece)),
        );
      }),
    );
  });

  it('masks answer[1] and trains everything after it', () => {
    const { segments } = assemble('r/p/0-0', 'FT', pieces);
    expect(segments.map((segment) => [segment.piece, segment.train])).toEqual([
      ['answer[1]', false],
      ['check[1]', true],
      ['answer[2]', true],
      ['summary', true],
    ]);
  });

  it('leaves one box, in the summary, and no verdict line or label', () => {
    const chain = assemble('r/p/0-0', 'FT', pieces);
    const boxes = findBoxes(chain.text);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]?.start).toBeGreaterThan(
      chain.segments.find((segment) => segment.piece === 'summary')?.start ?? Infinity,
    );
    expect(chain.text).not.toMatch(/verdict|answer 2/i);
  });

  it('says the same on every assembly, and not the same in every chain', () => {
    const openings = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const chain = assemble(`r/p/${i}`, 'FT', pieces);
      expect(assemble(`r/p/${i}`, 'FT', pieces)).toEqual(chain);
      openings.add(chain.text.slice(chain.connections[0]?.start, chain.connections[0]?.end));
    }
    expect(openings.size).toBeGreaterThan(1);
  });

  it('leaves out a second right answer that repeats the first', () => {
    const same = { ...pieces, 'answer[2]': pieces['answer[1]'] };
    expect(assemble('r/p/0-0', 'TT', same).segments.map((segment) => segment.piece)).not.toContain('answer[2]');
    expect(assemble('r/p/0-0', 'FT', same).segments.map((segment) => segment.piece)).toContain('answer[2]');
  });
});

describe('cleanPiece', () => {
  it('reads a reply of nothing but blanks and half labels in one pass', () => {
    for (const word of ['answer', '**answer', 'verdict', 'solution 2', '#', 'the answer is']) {
      const hostile = `${word}${' '.repeat(50_000)}x`;
      expect(cleanPiece('check[1]', `${hostile}\n${hostile}`)).toContain('x');
    }
  });

  it.each([
    ['answer[2]', 'Second solution: we count.', 'we count.'],
    ['answer[1]', 'So it is \\boxed{\\frac{1}{2}}.', 'So it is $\\frac{1}{2}$.'],
    ['answer[1]', 'So $x=\\boxed{\\frac{1}{2}}$.', 'So $x=\\frac{1}{2}$.'],
    ['check[1]', 'The given answer fails.\n**Verdict:** wrong', 'My answer fails.'],
  ] as const)('%s: %s', (piece, raw, clean) => expect(cleanPiece(piece, raw)).toBe(clean));
});
