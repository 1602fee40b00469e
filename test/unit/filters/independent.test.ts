import { describe, expect, it } from 'vitest';
import { chainOf, good, resultOf, threeTurns, withPiece } from './subjects.ts';

const SAME = 'Seven and three is ten, and five more make fifteen, so the answer is \\boxed{15}.';

describe('independent', () => {
  it('fails for a second answer that repeats the first and marks it', () => {
    expect(resultOf('independent', good)).toMatchObject({ passed: true, value: 0, threshold: 0.8 });
    const pieces = (good.pieces ?? []).map((piece) =>
      piece.piece.startsWith('answer') ? { ...piece, text: SAME } : piece,
    );
    const chain = chainOf(pieces);
    const result = resultOf('independent', chain);
    expect(result).toMatchObject({ passed: false, value: 1 });
    expect(chain.text.slice(result?.at?.[0]?.start, result?.at?.[0]?.end).trim()).toBe(SAME);
  });

  it('compares all pairs of answers of a longer chain', () => {
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      ['answer[1]', 'answer[3]'].includes(piece.piece) ? { ...piece, text: SAME } : piece,
    );
    expect(resultOf('independent', chainOf(pieces))?.reason).toMatch(/^answer\[3\] nearly repeats answer\[1\]/);
  });

  it('ignores an answer that assembly removed', () => {
    const segments = (good.segments ?? []).filter(({ piece }) => piece !== 'answer[2]');
    expect(resultOf('independent', { ...withPiece('answer[2]', { text: SAME }), segments })).toBeUndefined();
  });
});
