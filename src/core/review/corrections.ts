import { splitSentences } from '../behaviours/sentences.ts';
import { BEHAVIOURS, type Behaviour, type Chain, type ReviewAct, type Span } from '../schemas/index.ts';
import { kindsOf } from './calibration/frame.ts';
import { foldActs } from './fold.ts';

/** A sentence of which a reviewer set or removed behaviours. */
export interface Correction {
  /** `[start, end)` of the chain's text, in UTF-16 code units. */
  start: number;
  end: number;
  /** True where the reviewer labelled the behaviour, false where he removed it. */
  known: Partial<Record<Behaviour, boolean>>;
  /** More than 0 and at most 1: the sentences of a long span are one decision. */
  weight: number;
}

/** The acts that set or remove spans. */
export const ACTS_ON_SPANS: ReadonlySet<ReviewAct['act']> = new Set(['label', 'unlabel', 'respan']);

/** A span with more sentences counts as this many. */
const MOST_OF_SPAN = 4;

/**
 * The sentences whose behaviours one reviewer set or removed, by the state after the reviewer's acts. What the reviewer left untouched is no label,
 * whatever the decision. None for a chain whose text the reviewer edited: its places are those of another text.
 */
export function corrections(
  chain: Pick<Chain, 'id' | 'text' | 'segments' | 'spans'>,
  acts: readonly ReviewAct[],
): Correction[] {
  const state = foldActs(chain, acts);
  if (state.edited) return [];
  const own = new Set(state.own);
  const left = new Set(state.spans.map(({ id }) => id));
  const removed = chain.spans.filter(({ id }) => !left.has(id));
  const set = state.spans.filter(({ id }) => own.has(id));
  if (removed.length + set.length === 0) return [];
  const sentences = splitSentences(chain.text)
    .filter(({ start, textEnd }) => textEnd > start)
    .map(({ start, textEnd }) => ({ start, end: textEnd }));
  return sentences.flatMap((sentence) => {
    const { start, end } = sentence;
    const [isSet, isRemoved, isLeft] = [set, removed, state.spans].map((spans) => kindsOf(spans, start, end));
    const known: Correction['known'] = {};
    for (const kind of BEHAVIOURS) {
      if (isSet?.includes(kind)) known[kind] = true;
      else if (isRemoved?.includes(kind) && !isLeft?.includes(kind)) known[kind] = false;
    }
    if (Object.keys(known).length === 0) return [];
    const longest = Math.max(...[...set, ...removed].map((span) => sizeAt(span, sentence, sentences)));
    return [{ start, end, known, weight: Math.min(1, MOST_OF_SPAN / Math.max(1, longest)) }];
  });
}

type Place = Pick<Span, 'start' | 'end'>;

/** Sentences that the span reaches, if this is one of them. */
function sizeAt(span: Place, sentence: Place, sentences: readonly Place[]): number {
  const reaches = ({ start, end }: Place): boolean => span.start < end && span.end > start;
  return reaches(sentence) ? sentences.filter(reaches).length : 0;
}
