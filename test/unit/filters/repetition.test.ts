import { describe, expect, it } from 'vitest';
import { placesOf, response, said } from './subjects.ts';

describe('repetition', () => {
  it('measures the share of repeated word 20-grams, and points at the first that was said before', () => {
    const loop = response('one two three four five '.repeat(40));
    const result = said('repetition', loop);
    // 181 grams, of which five differ.
    expect(result).toMatchObject({ passed: false, value: 0.972, threshold: 0.2 });
    expect(placesOf(loop, result)[0]).toMatch(/^one two .* five$/);
    expect(said('repetition', response(Array.from({ length: 80 }, (_, i) => `w${i}`).join(' ')))?.value).toBe(0);
  });

  it('rejects a line that stands four times, at all its places; short lines may', () => {
    const lines = response(`${'Let me add them again.\n'.repeat(4)}Done.`);
    expect(placesOf(lines, said('repetition', lines))).toEqual(Array(4).fill('Let me add them again.'));
    expect(said('repetition', response(`${'Let me add them again.\n'.repeat(3)}Done.`))?.passed).toBe(true);
    expect(said('repetition', response('\\]\n\nThen\n'.repeat(6)))?.passed).toBe(true);
    expect(said('repetition', lines, { maxSameLine: 5 })?.passed).toBe(true);
  });
});
