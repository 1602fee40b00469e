import { describe, expect, it } from 'vitest';
import { chainOf, good, placesOf, right, said, threeTurns, withPiece } from './subjects.ts';

describe('verdict-consistent', () => {
  it('rejects a check that calls a wrong answer correct, and one without a verdict line', () => {
    expect(said('verdict-consistent', good)).toMatchObject({ passed: true, value: 'wrong', threshold: 'wrong' });
    const praising = withPiece('check[1]', { text: 'Seven and eight is fine as it is.\nVerdict: correct' });
    const result = said('verdict-consistent', praising);
    expect(result).toMatchObject({ passed: false, value: 'correct', threshold: 'wrong' });
    expect(placesOf(praising, result)).toEqual(['Verdict: correct']);
    const silent = said(
      'verdict-consistent',
      withPiece('check[1]', { text: 'Seven and eight is not fourteen at all.' }),
    );
    expect(silent).toMatchObject({ passed: false, value: null });
  });

  it('looks at every check of a chain of more turns', () => {
    expect(said('verdict-consistent', threeTurns)?.passed).toBe(true);
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: 'It is all there.\nVerdict: correct' } : piece,
    );
    expect(said('verdict-consistent', chainOf(pieces))?.reason).toBe(
      'check[2] calls answer[2] correct; grading says it is wrong.',
    );
  });

  it('says nothing where the answer could not be graded', () => {
    const open = { ...right, outcome: 'unknown' } as const;
    expect(said('verdict-consistent', withPiece('answer[1]', { verdict: open }))).toBeUndefined();
  });
});
