import { ngrams } from '../text/ngrams.ts';
import type { FilterRule } from './rule.ts';

/** Lines shorter than this may stand often (`\]`, `=`, `Then`) without being a loop. */
const SHORTEST_LINE = 12;

/** 1 − unique/total of the word 20-grams stays under `maxRepetition`, and no line stands `maxSameLine` times. */
export const repetition: FilterRule = {
  id: 'repetition',
  measure: ({ text }, { maxRepetition, maxSameLine }) => {
    const grams = ngrams(text, 20);
    const share = grams.length === 0 ? 0 : 1 - new Set(grams).size / grams.length;
    const value = Math.round(share * 1000) / 1000;
    const line = mostFrequentLine(text);
    if (share >= maxRepetition) {
      return { passed: false, value, threshold: maxRepetition, reason: 'The text says the same again and again.' };
    }
    if (line && line.count >= maxSameLine) {
      const reason = `A line stands ${line.count} times: “${line.text.slice(0, 60)}”.`;
      return { passed: false, value, threshold: maxRepetition, reason };
    }
    return { passed: true, value, threshold: maxRepetition };
  },
};

function mostFrequentLine(text: string): { text: string; count: number } | undefined {
  const counts = new Map<string, number>();
  let most: { text: string; count: number } | undefined;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.length < SHORTEST_LINE) continue;
    const count = (counts.get(trimmed) ?? 0) + 1;
    counts.set(trimmed, count);
    if (!most || count > most.count) most = { text: trimmed, count };
  }
  return most;
}
