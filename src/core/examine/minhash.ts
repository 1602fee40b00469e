/**
 * MinHash (Broder 1997): the share of equal places of two signatures estimates the Jaccard similarity of two sets of word n-grams, with a
 * standard deviation of √(s(1 − s)/64). Each place keeps 8 bits of its minimum (Li and König 2010), so that a signature takes 64 bytes, and 1 of 256 different places is equal.
 */
export const PLACES = 64;
/** Value of the only place that is set in a signature of a text without n-grams. */
const EMPTY = 0;

const MULTIPLIERS = new Int32Array(PLACES);
const OFFSETS = new Int32Array(PLACES);
for (let i = 0; i < PLACES; i += 1) {
  MULTIPLIERS[i] = mix(i + 1) | 1;
  OFFSETS[i] = mix(i + 0x5bd1e995);
}

/** Mixes the bits of a whole number (the finaliser of MurmurHash3, Appleby). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Writes the signature of a text, given by the hashes of its words, to `PLACES` places of `out` from `at`. A text with fewer than `n` words
 * has one n-gram: all of them.
 * @returns false, and zeros, for a text without words.
 */
export function writeSignature(words: Int32Array, n: number, out: Uint8Array, at: number): boolean {
  if (words.length === 0) {
    out.fill(EMPTY, at, at + PLACES);
    return false;
  }
  const grams = gramsOf(words, n);
  for (let k = 0; k < PLACES; k += 1) {
    const [multiplier, offset] = [MULTIPLIERS[k] ?? 1, OFFSETS[k] ?? 0];
    let least = 0x7fffffff;
    for (let i = 0; i < grams.length; i += 1) {
      const value = (Math.imul(multiplier, grams[i] ?? 0) + offset) | 0;
      if (value < least) least = value;
    }
    // The low bits of a product depend on few bits of the gram.
    out[at + k] = mix(least);
  }
  return true;
}

/** A hash of each n-gram. */
function gramsOf(words: Int32Array, n: number): Int32Array {
  const grams = new Int32Array(Math.max(1, words.length - n + 1));
  for (let i = 0; i < grams.length; i += 1) {
    const end = Math.min(words.length, i + n);
    let gram = 0;
    for (let j = i; j < end; j += 1) gram = Math.imul(gram, 31) + (words[j] ?? 0);
    grams[i] = mix(gram);
  }
  return grams;
}

/** The estimated Jaccard similarity of two texts by their signatures, 0 to 1. */
export function similarity(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  let equal = 0;
  for (let k = 0; k < PLACES; k += 1) if (a[atA + k] === b[atB + k]) equal += 1;
  return equal / PLACES;
}
