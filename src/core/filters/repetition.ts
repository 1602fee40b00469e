import type { FilterPlace } from '../schemas/index.ts';
import { formatCount } from '../text/format.ts';
import { wordHashes } from '../text/word-hashes.ts';
import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

/** Shorter lines (`\]`, `=`, `Then`) may repeat without being a loop. */
const SHORTEST_LINE = 12;
const N = 20;

export const repetition: FilterRule = {
  id: 'repetition',
  asks: 'The text does not repeat itself: the share of repeated word 20-grams is small, and no line occurs too often.',
  thresholds: ['maxRepetition', 'maxSameLine'],
  measure: ({ text }, { maxRepetition, maxSameLine }) => {
    const { share, again } = repeated(text);
    const value = Math.round(share * 1000) / 1000;
    if (share >= maxRepetition) {
      const reason = 'The text repeats itself too much.';
      return { passed: false, value, threshold: maxRepetition, reason, ...at(again ? [again] : []) };
    }
    const line = mostFrequentLine(text);
    if (line && line.places.length >= maxSameLine) {
      const reason = `A line occurs ${formatCount(line.places.length)} times: “${line.text.slice(0, 60)}”.`;
      return { passed: false, value, threshold: maxRepetition, reason, ...at(line.places) };
    }
    return { passed: true, value, threshold: maxRepetition };
  },
};

/** Odd multipliers of two rolling hashes. */
const BASES = [0x01000193, 0x5bd1e995] as const;
const TOPS = BASES.map((base) => Array.from({ length: N }).reduce<number>((power) => Math.imul(power, base), 1));

/**
 * 1 − unique/total of the word 20-grams, and the place of the first repeated one. Two 20-grams are equal where two rolling hashes of 32 bits
 * are: texts of 20 words would take a hundred times the memory.
 */
function repeated(text: string): { share: number; again?: FilterPlace } {
  const { hashes, starts, ends } = wordHashes(text);
  const total = Math.max(0, hashes.length - N + 1);
  const seen = new PairSet(total);
  let [first, high, low]: [number | undefined, number, number] = [undefined, 0, 0];
  for (let i = 0; i < hashes.length; i++) {
    const [added, removed] = [hashes[i] ?? 0, i < N ? 0 : (hashes[i - N] ?? 0)];
    high = (Math.imul(high, BASES[0]) + added - Math.imul(removed, TOPS[0] ?? 0)) | 0;
    low = (Math.imul(low, BASES[1]) + added - Math.imul(removed, TOPS[1] ?? 0)) | 0;
    if (i >= N - 1 && !seen.add(high, low)) first ??= i - N + 1;
  }
  const share = total === 0 ? 0 : 1 - seen.size / total;
  if (first === undefined) return { share };
  return { share, again: { start: starts[first] ?? 0, end: ends[first + N - 1] ?? text.length } };
}

/** A set of pairs of 32-bit numbers with a known greatest size. */
class PairSet {
  size = 0;
  readonly #mask: number;
  readonly #pairs: Int32Array;
  readonly #used: Uint8Array;

  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * most)));
    this.#mask = slots - 1;
    this.#pairs = new Int32Array(2 * slots);
    this.#used = new Uint8Array(slots);
  }

  /** False where the pair is there already. */
  add(high: number, low: number): boolean {
    let slot = Math.imul(high ^ (low >>> 15), 0x9e3779b1) & this.#mask;
    for (; this.#used[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#pairs[2 * slot] === high && this.#pairs[2 * slot + 1] === low) return false;
    }
    this.#used[slot] = 1;
    this.#pairs[2 * slot] = high;
    this.#pairs[2 * slot + 1] = low;
    this.size += 1;
    return true;
  }
}

function mostFrequentLine(text: string): { text: string; places: FilterPlace[] } | undefined {
  const lines = new Map<string, FilterPlace[]>();
  let most: { text: string; places: FilterPlace[] } | undefined;
  for (const { 0: line, index } of text.matchAll(/[^\n]+/g)) {
    const trimmed = line.trim();
    if (trimmed.length < SHORTEST_LINE) continue;
    const places = lines.get(trimmed) ?? [];
    lines.set(trimmed, places);
    places.push({ start: index, end: index + line.length });
    if (!most || places.length > most.places.length) most = { text: trimmed, places };
  }
  return most;
}
