import { describe, expect, it } from 'vitest';
import { placesOf, resultOf, threeTurns, withPiece } from './subjects.ts';

describe('min-length', () => {
  it('measures the shortest piece without surrounding white space', () => {
    const text = `  ${'a'.repeat(19)}\n`;
    const chain = withPiece('check[1]', { text });
    expect(resultOf('min-length', chain)).toMatchObject({ passed: false, value: 19, threshold: 20 });
    expect(placesOf(chain, resultOf('min-length', chain))).toEqual([text]);
    expect(resultOf('min-length', withPiece('check[1]', { text: 'a'.repeat(20) }))?.passed).toBe(true);
    expect(resultOf('min-length', chain, { minLength: 19 })?.passed).toBe(true);
  });

  it('measures all pieces of a longer chain, even an empty one', () => {
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: '' } : piece,
    );
    expect(resultOf('min-length', { ...threeTurns, pieces })).toMatchObject({
      value: 0,
      reason: 'check[2] has 0 characters.',
    });
  });
});
