import { describe, expect, it } from 'vitest';
import { chainOf, good, placesOf, resultOf, right, threeTurns, withPiece } from './subjects.ts';

describe('verdict-consistent', () => {
  it('fails for a check that calls a wrong answer correct and for one without a verdict line', () => {
    expect(resultOf('verdict-consistent', good)).toMatchObject({ passed: true, value: 'wrong', threshold: 'wrong' });
    const praising = withPiece('check[1]', { text: 'Seven and eight is fine as it is.\nVerdict: correct' });
    const result = resultOf('verdict-consistent', praising);
    expect(result).toMatchObject({ passed: false, value: 'correct', threshold: 'wrong' });
    expect(placesOf(praising, result)).toEqual(['Verdict: correct']);
    const silent = resultOf(
      'verdict-consistent',
      withPiece('check[1]', { text: 'Seven and eight is not fourteen at all.' }),
    );
    expect(silent).toMatchObject({ passed: false, value: null });
  });

  it('measures every check of a longer chain', () => {
    expect(resultOf('verdict-consistent', threeTurns)?.passed).toBe(true);
    const pieces = (threeTurns.pieces ?? []).map((piece) =>
      piece.piece === 'check[2]' ? { ...piece, text: 'It is all there.\nVerdict: correct' } : piece,
    );
    expect(resultOf('verdict-consistent', chainOf(pieces))?.reason).toBe(
      'check[2] calls answer[2] correct; it is graded wrong.',
    );
  });

  it('does not apply to an answer that could not be graded', () => {
    const open = { ...right, outcome: 'unknown' } as const;
    expect(resultOf('verdict-consistent', withPiece('answer[1]', { verdict: open }))).toBeUndefined();
  });
});
