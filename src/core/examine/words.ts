import { normaliseProblemText } from '../dataset/normalise.ts';
import { mix } from './minhash.ts';

/** Words compared of one text; a longer one is hostile, or its start is enough. */
const MOST_WORDS = 20_000;
/** Characters read of one text. */
const MOST_CHARACTERS = 200_000;

const NAME = /(?<![\\\p{L}\p{M}\p{N}])\p{Lu}[\p{L}\p{M}'’]*/gu;
const PRONOUN = /(?<![\\\p{L}])(?:he|she|him|his|hers?|himself|herself)(?![\p{L}])/gu;
const NUMBER = /\d+(?:[.,]\d+)*/g;

/**
 * A problem text of which names and numbers make no difference: each word with a capital and each pronoun of a person becomes `@`, each number
 * `#`. A sentence loses its first word with that.
 */
export function withoutNamesAndNumbers(problem: string): string {
  const masked = problem.slice(0, MOST_CHARACTERS).replace(NAME, '@').replace(PRONOUN, '@').replace(NUMBER, '#');
  return normaliseProblemText(masked);
}

const SPACE = 0;
const WORD = 1;
const SIGN = 2;

function kindOf(unit: number): typeof SPACE | typeof WORD | typeof SIGN {
  if (unit <= 32 || unit === 0xa0) return SPACE;
  const isLetter = unit >= 128 || (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57);
  return isLetter ? WORD : SIGN;
}

/** The hashes of the words and signs of a text in order, at most MOST_WORDS. Letters beyond ASCII are words. */
export function hashedWords(text: string): Int32Array {
  const lower = text.slice(0, MOST_CHARACTERS).toLowerCase();
  const hashes = new Int32Array(Math.min(MOST_WORDS, lower.length));
  let count = 0;
  let hash = 0;
  let inWord = false;
  for (let i = 0; i < lower.length && count < hashes.length; i += 1) {
    const unit = lower.charCodeAt(i);
    const kind = kindOf(unit);
    if (kind === WORD) {
      hash = Math.imul(hash ^ unit, 0x01000193);
      inWord = true;
      continue;
    }
    if (inWord) hashes[count++] = mix(hash);
    hash = 0;
    inWord = false;
    if (kind === SIGN && count < hashes.length) hashes[count++] = mix(unit);
  }
  if (inWord && count < hashes.length) hashes[count++] = mix(hash);
  return hashes.subarray(0, count);
}

/** A hash of a text with 53 bits; a collision among a million texts has probability 6e-5. 0 is for the empty text alone. */
export function hashOf(text: string): number {
  if (text === '') return 0;
  let [high, low] = [0x9e3779b9 | 0, 0x2545f491];
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    low = Math.imul(low ^ unit, 0xc2b2ae35);
    high ^= low >>> 15;
  }
  return (mix(high) >>> 11) * 0x1_0000_0000 + (mix(low ^ high) >>> 0) || 1;
}
