import { splitSentences } from '../behaviours/index.ts';

/** What is shown around a sentence; `before`, `sentence` and `after` follow each other in the text. */
export interface Excerpt {
  before: string;
  sentence: string;
  after: string;
  /** Text in front of `before` was left out. */
  cut: boolean;
}

/** Sentences before the one asked about, and their length in code units at most: enough to see what stands already. */
const BEFORE = 8;
const BEFORE_UNITS = 2_400;

/** The sentence `[start, end)` of a text with several before it and one behind it. Offsets must be those of a sentence of this text. */
export function excerpt(text: string, start: number, end: number): Excerpt {
  const sentences = splitSentences(text);
  const at = sentences.findIndex((sentence) => sentence.end > start);
  let first = Math.max(0, at);
  while (first > 0 && at - first < BEFORE) {
    const from = sentences[first - 1]?.start ?? 0;
    if (start - from > BEFORE_UNITS) break;
    first--;
  }
  const from = Math.min(start, sentences[first]?.start ?? start);
  const next = sentences.find((sentence) => sentence.start >= end);
  return {
    before: text.slice(from, start),
    sentence: text.slice(start, end),
    after: text.slice(end, next?.textEnd ?? end),
    cut: from > 0,
  };
}
