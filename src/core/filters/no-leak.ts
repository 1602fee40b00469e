import type { PieceRecord } from '../schemas/index.ts';
import { at, placeOf } from './places.ts';
import { answersOf, checksOf, type FilterInput, type FilterRule } from './rule.ts';

/**
 * Phrases that show that a text was made from a key, in pieces or with a hint. “The given answer” is not among them: a check is given the
 * answer that it checks, and assembly makes it “my answer”.
 */
const KEY = new RegExp(
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
 * A check of a wrong answer that states a later right answer must have solved the problem again, or known it. Also applies to chains made
 * with a hint.
 */
export const noLeak: FilterRule = {
  id: 'no-leak',
  asks: 'No words mention an answer key, a hint or numbered pieces. The check of a wrong answer does not state the right answer of a later piece.',
  thresholds: [],
  ofVerdicts: true,
  measure: (input) => {
    const phrases = [...input.text.matchAll(KEY), ...input.text.matchAll(NUMBERED)]
      .sort((a, b) => a.index - b.index)
      .map(({ index, 0: words }) => ({ words, place: { start: index, end: index + words.length } }));
    const found = [...phrases, ...statedInChecks(input)];
    const first = found[0];
    if (!first) return { passed: true, value: null, threshold: null };
    const reason = `The text mentions an answer key, a hint or a later answer: “${first.words}”.`;
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

/** Where the check states the value as a result; a mere occurrence (the 5 of “5 apples”) does not count. */
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
