import { describe, expect, it } from 'vitest';
import { placesOf, response, resultOf, withPiece } from './subjects.ts';

describe('one-box', () => {
  it.each([
    ['It is \\boxed{15}, I say \\boxed{15}.', 2],
    ['It is fifteen, as I say: \\boxed{15', 0],
    ['It is fifteen.', 0],
  ])('fails for %s', (text, value) => {
    const chain = withPiece('summary', { text });
    const result = resultOf('one-box', chain);
    expect(result).toMatchObject({ passed: false, value, threshold: 1 });
    expect(placesOf(chain, result).every((place) => place === '\\boxed{15}')).toBe(true);
  });

  it('counts equal boxes of a trace as one', () => {
    expect(resultOf('one-box', response('First \\boxed{15}, and again \\boxed{15}.'))?.passed).toBe(true);
    expect(resultOf('one-box', response('First \\boxed{15}, then \\boxed{16}.'))?.value).toBe(2);
  });
});
