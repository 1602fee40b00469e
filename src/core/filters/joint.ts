import { splitSentences } from '../behaviours/sentences.ts';
import { splitSteps } from '../review/steps.ts';
import type { FilterPlace } from '../schemas/index.ts';
import { jaccard, ngrams } from '../text/ngrams.ts';
import { trimEndOf } from '../text/trim-end.ts';
import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

/** Words that address a reader, or speak of the text as of another person's: a new turn of a chat, not the next sentence. */
const OTHER_VOICE =
  /^\W{0,4}(?:sure\b|certainly\b|of course\b|i apologi[sz]e\b|sorry\b|as an ai\b|here(?:'|’)?s?(?: is)? (?:the|a|my) (?:corrected|revised|updated|step|complete|solution)|you(?:'re|’re| are) (?:right|correct)|(?:the|your) (?:given|provided|previous|above|student'?s|original) (?:solution|answer|attempt|response|step)|thank)/i;
/** Sentences after the wrong part that are read for such words: two of the turn, and the next. */
const FIRST_SENTENCES = 4;
/** Share of the word 5-grams before the wrong part that its continuation may repeat. */
const MOST_REPEATED = 0.5;
/** Word 3-gram similarity from which a step is the wrong one again. */
const SAME_STEP = 0.8;

/** The parts of a repaired chain: before the wrong part, the wrong part, and the turn with the continuation. */
interface JointParts {
  before: string;
  wrong: string;
  after: string;
  /** Where the last begins in the text. */
  start: number;
}

/** The wrong part is the last run of segments that are not trained; undefined where nothing follows it. */
function jointParts(
  text: string,
  segments: readonly { start: number; end: number; train: boolean }[],
): JointParts | undefined {
  const last = segments.findLastIndex(({ train }) => !train);
  const before = segments.slice(0, last + 1).findLastIndex(({ train }) => train);
  const [from, to] = [segments[before + 1]?.start, segments[last]?.end];
  if (from === undefined || to === undefined || to >= text.length) return undefined;
  return { before: text.slice(0, from), wrong: text.slice(from, to), after: text.slice(to), start: to };
}

/** What follows the wrong part must repair it: neither the same step again, nor the whole solution from its start, nor a reply of a chat. */
export const joint: FilterRule = {
  id: 'joint',
  asks: 'What follows the wrong part of a repaired chain does not repeat it, does not start the solution again, and does not address a reader.',
  thresholds: [],
  measure: ({ text, segments, repairs }) => {
    const parts = repairs && segments && jointParts(text, segments);
    if (!parts) return undefined;
    const found = fault(parts);
    if (!found) return { passed: true, value: null, threshold: null };
    const { value, reason, place } = found;
    return { passed: false, value, threshold: null, reason, ...at([place]) };
  },
};

interface Fault {
  value: string;
  reason: string;
  place: FilterPlace;
}

function fault({ before, wrong, after, start }: JointParts): Fault | undefined {
  const steps = splitSteps(after, []).map((step) => ({ ...step, text: after.slice(step.start, step.end) }));
  const placed = (step: { start: number; end: number }): FilterPlace => ({
    start: start + step.start,
    end: start + step.end,
  });
  const whole = { start: 0, end: after.length };
  const words = plain(wrong);
  const same = steps.find((step) => isSame(plain(step.text), words));
  if (same || plain(after).includes(` ${words.trim()} `))
    return { value: 'same-step', reason: 'The continuation repeats the wrong step.', place: placed(same ?? whole) };
  const kept = new Set(ngrams(before, 5));
  const again = new Set(ngrams(after, 5).filter((gram) => kept.has(gram)));
  if (kept.size > 0 && again.size / kept.size > MOST_REPEATED) {
    return { value: 'restart', reason: 'The continuation starts the solution again.', place: placed(whole) };
  }
  const addressed = splitSentences(after)
    .slice(0, FIRST_SENTENCES)
    .find((sentence) => OTHER_VOICE.test(after.slice(sentence.start, sentence.textEnd).trimStart()));
  return (
    addressed && {
      value: 'voice',
      reason: 'The continuation addresses a reader, as a reply of a chat does.',
      place: placed({ start: addressed.start, end: addressed.textEnd }),
    }
  );
}

/** Of texts as `plain` writes them. */
const isSame = (a: string, b: string): boolean => a === b || jaccard(a, b, 3) >= SAME_STEP;

/** Words and formulas in lower case, without punctuation at their ends. */
const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => trimEndOf(word.replace(/^[*_"“(]+/, ''), '*_"”).,;:!?'))
    .filter(Boolean)
    .join(' ')} `;
