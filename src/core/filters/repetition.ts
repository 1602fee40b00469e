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

/** 1 − unique/total of the word 20-grams, and the place of the first repeated one. */
function repeated(text: string): { share: number; again?: FilterPlace } {
  const all = words(text);
  const total = Math.max(0, all.length - N + 1);
  const seen = new Set<string>();
  let first: number | undefined;
  for (let i = 0; i < total; i++) {
    const gram = all.slice(i, i + N).join(' ');
    if (seen.has(gram)) first ??= i;
    seen.add(gram);
  }
  const share = total === 0 ? 0 : 1 - seen.size / total;
  if (first === undefined) return { share };
  const places = [...text.matchAll(/\S+/g)].slice(first, first + N);
  const last = places.at(-1);
  return { share, again: { start: places[0]?.index ?? 0, end: last ? last.index + last[0].length : text.length } };
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
