import { splitSentences } from '../behaviours/sentences.ts';

/** What is shown around a sentence; `before`, `sentence` and `after` follow each other in the text. */
export interface Excerpt {
  before: string;
  sentence: string;
  after: string;
  /** Text in front of `before` was left out. */
  cut: boolean;
}

/** Sentences before the one asked about, and their length in code units, at most. */
export interface Reach {
  sentences: number;
  units: number;
}

/** Enough to see what stands already, without scrolling. */
export const NEAR_BEFORE: Reach = { sentences: 8, units: 2_400 };
/** When that did not tell. */
export const FAR_BEFORE: Reach = { sentences: 80, units: 24_000 };

/** The sentence `[start, end)` of a text with several before it and one behind it. Offsets must be those of a sentence of this text. */
export function excerpt(text: string, start: number, end: number, reach: Reach = NEAR_BEFORE): Excerpt {
  const sentences = splitSentences(text);
  const at = Math.max(
    0,
    sentences.findIndex((sentence) => sentence.end > start),
  );
  let from = start;
  for (let i = at - 1; i >= 0 && at - i <= reach.sentences; i--) {
    const earlier = sentences[i]?.start ?? 0;
    if (start - earlier > reach.units) break;
    from = earlier;
  }
  const next = sentences.find((sentence) => sentence.start >= end);
  return {
    before: text.slice(from, start),
    sentence: text.slice(start, end),
    after: text.slice(end, next?.textEnd ?? end),
    cut: from > 0,
  };
}
