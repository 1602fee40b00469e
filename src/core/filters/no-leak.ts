import type { PieceRecord } from '../model/index.ts';
import { at, placeOf } from './places.ts';
import { answersOf, checksOf, type FilterInput, type FilterRule } from './rule.ts';

/**
 * Words that show that the text was made from a key, by pieces, or with a hint. “The given answer” and “the provided solution” are not
 * among them: a check is given the answer that it checks, and assembly makes it “my answer”.
 */
const TOLD = new RegExp(
  [
    'the (?:correct|right|true|final) answer is given (?:as|to be)',
    '(?:the answer|it) (?:is|was) given (?:as|to be) the (?:correct|right|final) (?:answer|one)',
    'reference (?:answer|solution)',
    String.raw`\b(?:gold|ground[- ]truth|expected|official) (?:answer|solution)\b`,
    String.raw`\b(?:answer|solution) key\b`,
    'the (?:answer|solution) provided above',
    String.raw`\b(?:given|known|stated|provided) (?:correct|right|final) answer\b`,
    String.raw`\bthe hint\b|\bas hinted\b|\b(?:was|am|are|were) (?:given|told) the (?:correct |right |final )?answer\b`,
    String.raw`\bworking towards? the (?:known|given) (?:answer|result)\b`,
    String.raw`\b(?:in|from|of|with|by|to|and|than|both|like|matches) (?:answer|solution) [1-5]\b(?!\s*[-+*/=^%.,]?\d)`,
  ].join('|'),
  'gi',
);
/** Names of pieces: with a capital or a bracket, since “the answer 2” is an answer. */
const NUMBERED =
  /\b(?:Answer|Solution|Check)s? ?[#(]? ?[1-9]\b(?![.,]?\d|\s*[-+*/=^%]\s*\d)|\b(?:answer|solution|check) ?\[[1-9]\]/g;

/**
 * No words that give away a key, a hint or the making of the chain; and where an answer is wrong, its check does not already state the
 * value of a right answer after it, which it could only have by solving the problem again the same way. Chains made with a hint are held to the same.
 */
export const noLeak: FilterRule = {
  id: 'no-leak',
  asks: 'No words tell of an answer key, a hint or numbered pieces, and the check of a wrong answer does not already state the right answer after it.',
  thresholds: [],
  ofVerdicts: true,
  measure: (input) => {
    const matches = [...input.text.matchAll(TOLD), ...input.text.matchAll(NUMBERED)];
    const told = matches
      .sort((a, b) => a.index - b.index)
      .map(({ index, 0: words }) => ({ words, place: { start: index, end: index + words.length } }));
    const found = [...told, ...statedInChecks(input)];
    const first = found[0];
    if (!first) return { passed: true, value: null, threshold: null };
    const reason = `The text gives itself away: “${first.words}”.`;
    return { passed: false, value: first.words, threshold: null, reason, ...at(found.map(({ place }) => place)) };
  },
};

function statedInChecks(input: FilterInput) {
  const answers = answersOf(input);
  return checksOf(input).flatMap(({ check, answer }) => {
    if (answer.verdict?.outcome !== 'incorrect') return [];
    const later = answers.slice(answers.indexOf(answer) + 1).filter(({ verdict }) => verdict?.outcome === 'correct');
    const values = new Set(later.flatMap(({ verdict }) => verdict?.extracted?.trim() || []));
    return [...values].flatMap((value) => stated(input, check, value) ?? []);
  });
}

/** Where the check states the value as a result: one that merely occurs (the 5 of “5 apples”) gives nothing away. */
function stated(input: FilterInput, check: PieceRecord, value: string) {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const open = String.raw`[\s:$(\\\[]{0,12}(?:\\boxed\{)?\s?`;
  const match = new RegExp(
    [
      String.raw`(?:answer|result|solution|value|total)[^.\n]{0,40}?\b(?:is|be|equals)${open}${escaped}`,
      String.raw`\b(?:should|must|ought to)(?: have)? (?:be|been|equal|give)${open}${escaped}`,
      String.raw`\bnot [^.\n]{1,20}? but (?:rather )?${open}${escaped}`,
      String.raw`\\boxed\{\s?${escaped}\s?\}`,
    ]
      .map((pattern) => `(?:${pattern}(?![\\w]|[.,]\\d))`)
      .join('|'),
    'i',
  ).exec(check.text);
  if (!match) return undefined;
  return { words: match[0], place: placeOf(input, check, match.index, match.index + match[0].length) };
}
