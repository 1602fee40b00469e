/** FNV-1a over UTF-16 code units, 32 bits. */
export function hashOf(word: string): number {
  let hash = HASH_START;
  for (let i = 0; i < word.length; i += 1) hash = hashNext(hash, word.charCodeAt(i));
  return hash;
}

/** Start value and one step of the hash, for hashing while reading. */
export const HASH_START = 0x811c9dc5 | 0;
export function hashNext(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** Combines two hashes; the order matters. */
export function mix(a: number, b: number): number {
  return Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b) | 0;
}

/** A map from 32-bit hashes to whole numbers, three times as fast as a `Map`; it is read several times per word. */
export class HashTable {
  #keys = new Int32Array(256);
  /** Value + 1; 0 where the place is free. */
  #values = new Int32Array(256);
  #shift = 24;
  #size = 0;

  /** The value of a hash, or -1. */
  get(hash: number): number {
    return (this.#values[this.#place(hash)] ?? 0) - 1;
  }

  /** The value of a hash; a new hash gets `value` (0 or more). */
  keep(hash: number, value: number): number {
    const place = this.#place(hash);
    const known = this.#values[place] ?? 0;
    if (known > 0) return known - 1;
    this.#keys[place] = hash;
    this.#values[place] = value + 1;
    this.#size += 1;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    return value;
  }

  #place(hash: number): number {
    const keys = this.#keys;
    const values = this.#values;
    const last = keys.length - 1;
    let place = Math.imul(hash, 0x9e3779b1) >>> this.#shift;
    while (values[place] !== 0 && keys[place] !== hash) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(keys.length * 2);
    this.#values = new Int32Array(keys.length * 2);
    this.#shift -= 1;
    for (let i = 0; i < keys.length; i += 1) {
      if (values[i] === 0) continue;
      const place = this.#place(keys[i] ?? 0);
      this.#keys[place] = keys[i] ?? 0;
      this.#values[place] = values[i] ?? 0;
    }
  }
}
