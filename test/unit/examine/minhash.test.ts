import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mix, PLACES, similarity, writeSignature } from '../../../src/core/examine/minhash.ts';
import { nearGroups, type Signatures } from '../../../src/core/examine/near-duplicates.ts';
import { hashedWords, hashOf, withoutNamesAndNumbers } from '../../../src/core/examine/words.ts';
import { randomSource } from '../../../src/core/maths/random.ts';

const N = 3;

function signatureOf(words: readonly number[]): Uint8Array {
  const signature = new Uint8Array(PLACES);
  writeSignature(Int32Array.from(words, mix), N, signature, 0);
  return signature;
}

/** The exact Jaccard similarity of the sets of n-grams. */
function exact(a: readonly number[], b: readonly number[]): number {
  const grams = (words: readonly number[]): Set<string> =>
    new Set(Array.from({ length: Math.max(1, words.length - N + 1) }, (_, i) => words.slice(i, i + N).join(' ')));
  const [left, right] = [grams(a), grams(b)];
  const common = [...left].filter((gram) => right.has(gram)).length;
  return common / (left.size + right.size - common);
}

const estimated = (a: readonly number[], b: readonly number[]): number =>
  similarity(signatureOf(a), 0, signatureOf(b), 0);

const words = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: N, maxLength: 120 });

function signatures(all: readonly (readonly number[])[]): Signatures {
  const made = all.map(signatureOf);
  return { length: all.length, at: (index) => ({ values: made[index] ?? new Uint8Array(PLACES), from: 0 }) };
}

describe('the signature of MinHash', () => {
  it('estimates the Jaccard similarity within five standard deviations', () => {
    fc.assert(
      fc.property(words, words, fc.double({ min: 0, max: 1, noNaN: true }), (start, other, share) => {
        const kept = start.slice(0, Math.floor(share * start.length));
        const [a, b] = [start, [...kept, ...other]];
        // Places of 8 bits are equal by chance too; a few of 64 places more are no surprise for rare ones.
        const s = exact(a, b) + (1 - exact(a, b)) / 256;
        expect(Math.abs(estimated(a, b) - s)).toBeLessThanOrEqual(5 * Math.sqrt((s * (1 - s)) / PLACES) + 5 / PLACES);
      }),
    );
  });

  it('has no bias over many pairs', () => {
    const random = randomSource(5);
    const word = (): number => Math.floor(random() * 1e9);
    let sum = 0;
    for (let i = 0; i < 400; i += 1) {
      const a = Array.from({ length: 40 }, word);
      const b = a.map((one) => (random() < 0.05 ? word() : one));
      sum += estimated(a, b) - exact(a, b);
    }
    // The standard deviation of the mean is below 0.0625 / 20.
    expect(Math.abs(sum / 400)).toBeLessThan(0.0125);
  });

  it('is symmetric, and 1 for the same text', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(estimated(a, b)).toBe(estimated(b, a));
        expect(estimated(a, a)).toBe(1);
      }),
    );
  });
});

describe('groups of near duplicates', () => {
  it('are a partition whose names are the first of each group', () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 12 }),
        (texts, copied) => {
          const all = [...texts, ...copied.map((at) => texts[at % texts.length] ?? [])];
          const groups = nearGroups(signatures(all), Uint32Array.from(all.keys()), 0.8);
          for (const [index, first] of groups.entries()) {
            expect(first).toBeLessThanOrEqual(index);
            expect(groups[first]).toBe(first);
          }
          copied.forEach((at, i) => {
            expect(groups[texts.length + i]).toBe(groups[at % texts.length]);
          });
        },
      ),
    );
  });

  it('join texts with a similarity of 0.9 and separate those of 0.5', () => {
    const random = randomSource(11);
    const texts = Array.from({ length: 200 }, () => Array.from({ length: 60 }, () => Math.floor(random() * 1e9)));
    const changed = (from: readonly number[], count: number): number[] =>
      from.map((word, i) => (i < count ? Math.floor(random() * 1e9) : word));
    const near = texts.map((text) => changed(text, 1));
    const far = texts.map((text) => changed(text, 18));
    const groups = nearGroups(
      signatures([...texts, ...near, ...far]),
      Uint32Array.from({ length: 600 }, (_, i) => i),
      0.8,
    );
    expect(near.filter((_, i) => groups[200 + i] === i)).toHaveLength(200);
    expect(far.filter((_, i) => groups[400 + i] !== 400 + i)).toHaveLength(0);
  });

  it('leave out texts that are not among the indices', () => {
    const same = Array.from({ length: 20 }, (_, i) => i);
    expect([...nearGroups(signatures([same, same, same]), Uint32Array.from([0, 2]), 0.8)]).toEqual([0, 1, 0]);
  });
});

describe('the words of a text', () => {
  it('are the same for other names, numbers and pronouns of a person', () => {
    const first = 'Ken buys 12 pens and gives Ada 3. How many pens does he keep? It costs $4.50.';
    const second = 'Zoë buys 7 pens and gives Łukasz 2,000. How many pens does she keep? It costs $10.';
    expect(withoutNamesAndNumbers(first)).toBe(withoutNamesAndNumbers(second));
    expect(withoutNamesAndNumbers('Find $\\Delta x$.')).toContain('\\delta x');
    expect(withoutNamesAndNumbers('Ken buys pens.')).not.toBe(withoutNamesAndNumbers('Ken sells pens.'));
  });

  it('hash alike where case and spaces differ, and else differ', () => {
    expect([...hashedWords('Let  x+1\n= 2')]).toEqual([...hashedWords('let x + 1 = 2')]);
    expect(hashedWords('a b c')).toHaveLength(3);
    expect(hashedWords('')).toHaveLength(0);
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        (a, b) => (hashOf(a) === hashOf(b)) === (a === b),
      ),
    );
    expect(hashOf('')).toBe(0);
  });
});
