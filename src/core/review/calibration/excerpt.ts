import { splitSentences } from '../../behaviours/sentences.ts';

/** `before`, `sentence` and `after` are contiguous in the text. */
interface Excerpt {
  before: string;
  sentence: string;
  after: string;
  /** Earlier text is not shown. */
  cut: boolean;
}

/** Maximum number and length in code units of the sentences before. */
interface Reach {
  sentences: number;
  units: number;
}

/** The default, which needs no scrolling. */
export const NEAR_BEFORE: Reach = { sentences: 8, units: 2_400 };
/** For sentences that need more context. */
export const FAR_BEFORE: Reach = { sentences: 80, units: 24_000 };

/** A sentence with its context. Offsets must be those of a sentence of this text. */
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
