import { mix, PLACES, similarity } from './minhash.ts';

/** Places of a band. With 16 bands, two texts of similarity 0.8 share one with probability 0.9998, and of 0.5 with 0.64. */
const BAND = 4;
const BANDS = PLACES / BAND;
/** Texts of one band that a text is compared with, so that equal beginnings of many texts take linear time. */
const MOST_COMPARED = 8;

/** Signatures by index. */
export interface Signatures {
  readonly length: number;
  /** The array that holds the signature, and its first place. */
  at(index: number): { values: Uint8Array; from: number };
}

/**
 * Groups of texts with a similarity of at least `threshold` to another of the group, by locality-sensitive hashing. Each index maps to the first
 * one of its group.
 * @param indices The texts to compare, in ascending order.
 */
export function nearGroups(signatures: Signatures, indices: Uint32Array, threshold: number): Uint32Array {
  const first = Uint32Array.from({ length: signatures.length }, (_, i) => i);
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, indices.length * 2)));
  const heads = new Int32Array(size);
  const next = new Int32Array(signatures.length);
  for (let band = 0; band < BANDS; band += 1) {
    heads.fill(-1);
    for (const index of indices) {
      const { values, from } = signatures.at(index);
      const slot = slotOf(values, from + band * BAND, size);
      if (joins({ signatures, heads, next, first, threshold }, index, slot, band)) continue;
      next[index] = heads[slot] ?? -1;
      heads[slot] = index;
    }
  }
  for (const index of indices) first[index] = find(first, index);
  return first;
}

interface Search {
  readonly signatures: Signatures;
  readonly heads: Int32Array;
  readonly next: Int32Array;
  readonly first: Uint32Array;
  readonly threshold: number;
}

/** Joins the groups of a text and a similar one in the same slot; false without one. */
function joins(search: Search, index: number, slot: number, band: number): boolean {
  const { signatures, heads, next, first, threshold } = search;
  const own = signatures.at(index);
  let compared = 0;
  for (let other = heads[slot] ?? -1; other >= 0 && compared < MOST_COMPARED; other = next[other] ?? -1) {
    const { values, from } = signatures.at(other);
    if (!sameBand(own.values, own.from + band * BAND, values, from + band * BAND)) continue;
    compared += 1;
    const [a, b] = [find(first, index), find(first, other)];
    if (a !== b && similarity(own.values, own.from, values, from) < threshold) continue;
    first[Math.max(a, b)] = Math.min(a, b);
    return true;
  }
  return false;
}

function find(first: Uint32Array, index: number): number {
  let root = index;
  while ((first[root] ?? root) !== root) root = first[root] ?? root;
  for (let at = index; at !== root; ) {
    const parent = first[at] ?? root;
    first[at] = root;
    at = parent;
  }
  return root;
}

function sameBand(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let k = 0; k < BAND; k += 1) if (a[atA + k] !== b[atB + k]) return false;
  return true;
}

function slotOf(values: Uint8Array, at: number, size: number): number {
  const band =
    ((values[at] ?? 0) << 24) | ((values[at + 1] ?? 0) << 16) | ((values[at + 2] ?? 0) << 8) | (values[at + 3] ?? 0);
  return mix(band) & (size - 1);
}
