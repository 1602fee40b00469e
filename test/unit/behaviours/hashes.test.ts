import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASH_START, HashTable, hashNext, hashOf, mix } from '../../../src/core/behaviours/hashes.ts';
import { GROUPS_OF_WORD } from '../../../src/core/behaviours/lexicon.ts';
import { PHRASE_NAMES } from '../../../src/core/behaviours/scan.ts';

describe('a table of hashes', () => {
  it('keeps the first value of every hash, as a Map would', () => {
    const hashes = fc.array(fc.oneof(fc.integer(), fc.integer({ min: -9, max: 9 })), { maxLength: 600 });
    fc.assert(
      fc.property(hashes, (list) => {
        const table = new HashTable();
        const map = new Map<number, number>();
        for (const [index, hash] of list.entries()) {
          if (!map.has(hash)) map.set(hash, index);
          expect(table.keep(hash, index)).toBe(map.get(hash));
        }
        for (const hash of [...list, 10, -10]) expect(table.get(hash)).toBe(map.get(hash) ?? -1);
      }),
    );
  });
});

describe('hashes', () => {
  it('are the same when computed code unit by code unit', () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        let hash = HASH_START;
        for (let i = 0; i < word.length; i += 1) hash = hashNext(hash, word.charCodeAt(i));
        expect(hash).toBe(hashOf(word));
      }),
    );
  });

  it('are distinct for the words and phrases of the classifier', () => {
    const ofPhrase = (phrase: string): number => {
      const [first = 0, ...rest] = phrase.split(' ').map(hashOf);
      return rest.reduce(mix, first);
    };
    const words = new Set([...GROUPS_OF_WORD.keys(), ...PHRASE_NAMES]);
    expect(new Set([...words].map(ofPhrase)).size).toBe(words.size);
  });
});
