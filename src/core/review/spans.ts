import type { Sentence } from '../behaviours/sentences.ts';
import type { Behaviour, Span, SpanPlace } from '../model/index.ts';

/** What a `respan` act does: these spans go, those come in their place. */
export interface Respan {
  remove: string[];
  add: SpanPlace[];
}

export type Edge = 'start' | 'end';

const instead = (span: Span, place: Partial<SpanPlace>): Respan => {
  const { id, kind, start, end } = span;
  return { remove: [id], add: [{ kind, start, end, ...place }] };
};

/** The same text under another kind; undefined when it is of that kind already. */
export function relabelled(span: Span, kind: Behaviour): Respan | undefined {
  return span.kind === kind ? undefined : instead(span, { kind });
}

/** The span on `[start, end)`; undefined when that is where it stands, or holds nothing. */
export function moved(span: Span, start: number, end: number): Respan | undefined {
  if (start >= end || (start === span.start && end === span.end)) return undefined;
  return instead(span, { start, end });
}

/**
 * One edge of a span moved over one sentence, `1` to the end of the text and `-1` to its beginning. An edge within a sentence
 * goes to the border of that sentence first. Undefined where no border is left, or nothing of the span would be.
 */
export function edgeMoved(
  text: string,
  sentences: readonly Sentence[],
  span: Span,
  edge: Edge,
  direction: 1 | -1,
): Respan | undefined {
  const borders = sentences.map((sentence) => (edge === 'start' ? firstLetter(text, sentence) : sentence.textEnd));
  const from = span[edge];
  const to = direction === 1 ? borders.find((at) => at > from) : borders.findLast((at) => at < from);
  if (to === undefined) return undefined;
  return edge === 'start' ? moved(span, to, span.end) : moved(span, span.start, to);
}

/** The span over all of the sentences that it touches; undefined when it covers whole ones already. */
export function overSentences(text: string, sentences: readonly Sentence[], span: Span): Respan | undefined {
  const touched = sentences.filter(({ start, textEnd }) => start < span.end && textEnd > span.start);
  const [first] = touched;
  const last = touched.at(-1);
  return first && last ? moved(span, Math.min(span.start, firstLetter(text, first)), last.textEnd) : undefined;
}

/**
 * The span in two, at an offset inside of it, else before its second sentence. White space at the cut belongs to neither.
 * Undefined where one of the two would hold nothing.
 */
export function split(text: string, sentences: readonly Sentence[], span: Span, at?: number): Respan | undefined {
  const second = sentences.find(({ start }) => start > span.start && start < span.end);
  const cut = at ?? second?.start;
  if (cut === undefined || cut <= span.start || cut >= span.end) return undefined;
  const before = text.slice(span.start, cut).trimEnd();
  const after = text.slice(cut, span.end).trimStart();
  if (before === '' || after === '') return undefined;
  const { id, kind } = span;
  return {
    remove: [id],
    add: [
      { kind, start: span.start, end: span.start + before.length },
      { kind, start: span.end - after.length, end: span.end },
    ],
  };
}

/** The span and the next one of its kind as one, with what lies between; undefined where no other comes behind it. */
export function mergedWithNext(spans: readonly Span[], span: Span): Respan | undefined {
  const behind = spans.filter((other) => other.id !== span.id && other.kind === span.kind && isBehind(other, span));
  const [next] = behind.sort((a, b) => a.start - b.start || a.end - b.end);
  if (next === undefined) return undefined;
  const end = Math.max(span.end, next.end);
  return { remove: [span.id, next.id], add: [{ kind: span.kind, start: span.start, end }] };
}

function isBehind(other: Span, span: Span): boolean {
  return other.start > span.start || (other.start === span.start && other.end >= span.end);
}

/** The white space before the first sentence of a text belongs to it, and to no span. */
function firstLetter(text: string, { start, textEnd }: Sentence): number {
  return textEnd - text.slice(start, textEnd).trimStart().length;
}
