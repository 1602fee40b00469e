import type { FilterPlace } from '../schemas/index.ts';
import { formatCount } from '../text/format.ts';
import { words } from '../text/ngrams.ts';
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
 * 1 − unique/total of the word 20-grams, and the place of the first repeated one. Two 20-grams are equal where 53 bits of their rolling hashes
 * are: texts of 20 words would take a hundred times the memory.
 */
function repeated(text: string): { share: number; again?: FilterPlace } {
  const numbers = wordNumbers(words(text));
  const total = Math.max(0, numbers.length - N + 1);
  const seen = new Set<number>();
  let [first, high, low]: [number | undefined, number, number] = [undefined, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const [added, removed] = [numbers[i] ?? 0, i < N ? 0 : (numbers[i - N] ?? 0)];
    high = (Math.imul(high, BASES[0]) + added - Math.imul(removed, TOPS[0] ?? 0)) | 0;
    low = (Math.imul(low, BASES[1]) + added - Math.imul(removed, TOPS[1] ?? 0)) | 0;
    if (i < N - 1) continue;
    const gram = (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
    if (seen.has(gram)) first ??= i - N + 1;
    seen.add(gram);
  }
  const share = total === 0 ? 0 : 1 - seen.size / total;
  if (first === undefined) return { share };
  const places = [...text.matchAll(/\S+/g)].slice(first, first + N);
  const last = places.at(-1);
  return { share, again: { start: places[0]?.index ?? 0, end: last ? last.index + last[0].length : text.length } };
}

/** A random-looking number for each different word. */
function wordNumbers(all: readonly string[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(all, (word) => {
    const number = known.get(word) ?? Math.imul(known.size + 1, 0x9e3779b1);
    known.set(word, number);
    return number;
  });
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
