import { describe, expect, it } from 'vitest';
import { chainOf, good, said, threeTurns, withPiece } from './subjects.ts';

const SAME = 'Seven and three is ten, and five more make fifteen, so the answer is \\boxed{15}.';

describe('independent', () => {
  it('rejects a second answer that repeats the first, and points at it', () => {
    expect(said('independent', good)).toMatchObject({ passed: true, value: 0, threshold: 0.8 });
    const pieces = (good.pieces ?? []).map((piece) =>
      piece.piece.startsWith('answer') ? { ...piece, text: SAME } : piece,
    );
    const chain = chainOf(pieces);
    const result = said('independent', chain);
    expect(result).toMatchObject({ passed: false, value: 1 });
    expect(chain.text.slice(result?.at?.[0]?.start, result?.at?.[0]?.end).trim()).toBe(SAME);
  });

  it('compares any two answers of more turns', () => {
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      ['answer[1]', 'answer[3]'].includes(piece.piece) ? { ...piece, text: SAME } : piece,
    );
    expect(said('independent', chainOf(pieces))?.reason).toMatch(/^answer\[3\] nearly repeats answer\[1\]/);
  });

  it('says nothing of an answer that assembly left out', () => {
    const segments = (good.segments ?? []).filter(({ piece }) => piece !== 'answer[2]');
    expect(said('independent', { ...withPiece('answer[2]', { text: SAME }), segments })).toBeUndefined();
  });
});
