import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ngrams } from '../../../src/core/text/ngrams.ts';
import { placesOf, response, resultOf } from './subjects.ts';

describe('repetition', () => {
  it('measures the share of repeated word 20-grams, and marks the first repeated one', () => {
    const loop = response('one two three four five '.repeat(40));
    const result = resultOf('repetition', loop);
    // 181 grams, of which five differ.
    expect(result).toMatchObject({ passed: false, value: 0.972, threshold: 0.2 });
    expect(placesOf(loop, result)[0]).toMatch(/^one two .* five$/);
    expect(resultOf('repetition', response(Array.from({ length: 80 }, (_, i) => `w${i}`).join(' ')))?.value).toBe(0);
  });

  it('measures the same as a set of the texts of all 20-grams', () => {
    const word = fc.constantFrom('a', 'B', 'b', 'ä', '\u00a0c', 'x+1\t', 'long\n');
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 30 }), { maxLength: 8 }), (parts) => {
        const text = [...parts, ...parts.slice(0, 2)].flat().join(' ');
        const grams = ngrams(text, 20);
        const share = grams.length === 0 ? 0 : 1 - new Set(grams).size / grams.length;
        expect(resultOf('repetition', response(text))?.value).toBe(Math.round(share * 1000) / 1000);
      }),
    );
  });

  it('fails for a line that occurs four times and marks each occurrence, unless the line is short', () => {
    const lines = response(`${'Let me add them again.\n'.repeat(4)}Done.`);
    expect(placesOf(lines, resultOf('repetition', lines))).toEqual(Array(4).fill('Let me add them again.'));
    expect(resultOf('repetition', response(`${'Let me add them again.\n'.repeat(3)}Done.`))?.passed).toBe(true);
    expect(resultOf('repetition', response('\\]\n\nThen\n'.repeat(6)))?.passed).toBe(true);
    expect(resultOf('repetition', lines, { maxSameLine: 5 })?.passed).toBe(true);
  });
});
