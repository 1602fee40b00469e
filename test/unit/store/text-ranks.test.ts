import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shuffleKey } from '../../../src/core/maths/random.ts';
import { compareTexts, textRanks } from '../../../src/store/chain-index/text-ranks.ts';
import { Texts } from '../../../src/store/chain-index/texts.ts';

function ranksOf(texts: readonly string[]): Uint32Array {
  const stored = new Texts();
  for (const text of texts) stored.push(text);
  return textRanks(texts.length, stored);
}

/** Pairs of texts whose ranks have another order than the texts. */
function misplaced(texts: readonly string[]): string[][] {
  const ranks = ranksOf(texts);
  return texts.flatMap((a, i) =>
    texts
      .filter((b, j) => Math.sign((ranks[i] ?? 0) - (ranks[j] ?? 0)) !== Math.sign(compareTexts(a, b)))
      .map((b) => [a, b]),
  );
}

const part = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'b', 'round-', '/', '_', ' ', '0', '00', '1', '9', '10', '99', '100', '123456789012'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
  fc.nat().map(String),
);
const ascii = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));

test('texts have ranks in the order of the comparison, whatever they have in common', () => {
  fc.assert(
    fc.property(fc.array(ascii, { maxLength: 100 }), fc.constantFrom('', 'a/', 'trace-00'), (own, prefix) => {
      const texts = own.map((text) => prefix + text);
      expect(misplaced(texts)).toEqual([]);
      // Texts in order are ranked without keys.
      expect(misplaced(texts.sort(compareTexts))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('texts without a key are compared one by one', () => {
  const other = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\ud800'), fc.constant('9'.repeat(41)));
  fc.assert(
    fc.property(fc.array(fc.oneof(ascii, other), { maxLength: 30 }), (texts) => {
      expect(misplaced(texts)).toEqual([]);
      expect(misplaced(texts.sort(compareTexts))).toEqual([]);
    }),
  );
});

test('many texts are in order by their ranks', () => {
  const texts = Array.from({ length: 40_000 }, (_, i) => `${i % 3}/t${shuffleKey(String(i), 1) * 1e6}`);
  const ranks = ranksOf(texts);
  const sorted = texts.map((text, i) => ({ text, rank: ranks[i] ?? 0 })).sort((a, b) => a.rank - b.rank);
  const wrong = sorted.filter(({ text }, i) => i > 0 && compareTexts(sorted[i - 1]?.text ?? '', text) > 0);
  expect(wrong).toEqual([]);
});
