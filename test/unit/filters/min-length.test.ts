import { describe, expect, it } from 'vitest';
import { placesOf, said, threeTurns, withPiece } from './subjects.ts';

describe('min-length', () => {
  it('measures the shortest piece, white space at its ends left out', () => {
    const text = `  ${'a'.repeat(19)}\n`;
    const chain = withPiece('check[1]', { text });
    expect(said('min-length', chain)).toMatchObject({ passed: false, value: 19, threshold: 20 });
    expect(placesOf(chain, said('min-length', chain))).toEqual([text]);
    expect(said('min-length', withPiece('check[1]', { text: 'a'.repeat(20) }))?.passed).toBe(true);
    expect(said('min-length', chain, { minLength: 19 })?.passed).toBe(true);
  });

  it('looks at the pieces of more turns, and at an empty one', () => {
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: '' } : piece,
    );
    expect(said('min-length', { ...threeTurns, pieces })).toMatchObject({
      value: 0,
      reason: 'check[2] has 0 characters.',
    });
  });
});
