import type { FilterPlace } from '../schemas/index.ts';
import { formatMeasure } from '../text/format.ts';
import { at } from './places.ts';
import { type FilterRule, tokensOf } from './rule.ts';

/** Words with which a text leaves its approach for another, or weighs another one. */
const ALTERNATIVE = new RegExp(
  [
    String.raw`\balternatively\b`,
    String.raw`\b(?:another|an alternative|a different|an? (?:easier|simpler|better)) (?:way|approach|method|idea|strategy|technique|route|path|angle|interpretation|possibility|option)\b`,
    String.raw`\b(?:try|consider|use|think of) (?:something else|another|a different|it differently)\b`,
    String.raw`\b(?:or|but) (?:maybe|perhaps)\b`,
    String.raw`\bwhat if\b`,
    '或者|换一种|另一种方法|另一个思路',
  ].join('|'),
  'gi',
);

/** Turns to another approach in one sentence are one alternative. */
export const branching: FilterRule = {
  id: 'branching',
  asks: 'The text does not turn to other approaches too often: its alternatives (“alternatively”, “another way”, “or maybe”) per 1,000 tokens. Off without a limit.',
  thresholds: ['maxBranching'],
  measure: (input, { maxBranching }) => {
    if (maxBranching === null) return undefined;
    const places = alternatives(input.text);
    const tokens = tokensOf(input);
    const value = tokens === 0 ? 0 : Math.round((100_000 * places.length) / tokens) / 100;
    if (value <= maxBranching) return { passed: true, value, threshold: maxBranching };
    const reason = `The text has ${formatMeasure(value)} alternatives per 1,000 tokens; at most ${formatMeasure(maxBranching)} are allowed.`;
    return { passed: false, value, threshold: maxBranching, reason, ...at(places) };
  },
};

/** Characters between two such words that may be in one sentence. */
const SAME_SENTENCE = 80;

function alternatives(text: string): FilterPlace[] {
  const places: FilterPlace[] = [];
  for (const { index, 0: words } of text.matchAll(ALTERNATIVE)) {
    const last = places.at(-1);
    const between = last === undefined ? '' : text.slice(last.end, index);
    if (last && between.length < SAME_SENTENCE && !/[.!?\n。]/.test(between)) continue;
    places.push({ start: index, end: index + words.length });
  }
  return places;
}
