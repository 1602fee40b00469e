import type { Sentence } from '../behaviours/sentences.ts';
import type { Behaviour, Span, SpanPlace } from '../schemas/index.ts';

/** A `respan` act: `add` replaces `remove`. */
export interface Respan {
  remove: string[];
  add: SpanPlace[];
}

export type Edge = 'start' | 'end';

const replacement = (span: Span, place: Partial<SpanPlace>): Respan => {
  const { id, kind, start, end } = span;
  return { remove: [id], add: [{ kind, start, end, ...place }] };
};

/** The same text with another behaviour; undefined if unchanged. */
export function relabelled(span: Span, kind: Behaviour): Respan | undefined {
  return span.kind === kind ? undefined : replacement(span, { kind });
}

/** The span at `[start, end)`; undefined if unchanged or empty. */
export function moved(span: Span, start: number, end: number): Respan | undefined {
  if (start >= end || (start === span.start && end === span.end)) return undefined;
  return replacement(span, { start, end });
}

/** Moves an edge by one sentence, forward (`1`) or back (`-1`), first to a sentence boundary. Undefined without a boundary, or if the span would be empty. */
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

/** Extends the span to all sentences that it touches; undefined if unchanged. */
export function overSentences(text: string, sentences: readonly Sentence[], span: Span): Respan | undefined {
  const touched = sentences.filter(({ start, textEnd }) => start < span.end && textEnd > span.start);
  const [first] = touched;
  const last = touched.at(-1);
  return first && last ? moved(span, Math.min(span.start, firstLetter(text, first)), last.textEnd) : undefined;
}

/** Splits the span at an offset, else before its second sentence, without the white space there. Undefined if a part would be empty. */
export function split(text: string, sentences: readonly Sentence[], span: Span, at?: number): Respan | undefined {
  const second = sentences.find(({ start }) => start > span.start && start < span.end);
  const middle = at ?? second?.start;
  if (middle === undefined || middle <= span.start || middle >= span.end) return undefined;
  const before = text.slice(span.start, middle).trimEnd();
  const after = text.slice(middle, span.end).trimStart();
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

/** Merges the span with the next one of its behaviour and the text between; undefined without a next one. */
export function mergedWithNext(spans: readonly Span[], span: Span): Respan | undefined {
  const behind = spans.filter((other) => other.id !== span.id && other.kind === span.kind && isBehind(other, span));
  const [next] = behind.sort((a, b) => a.start - b.start || a.end - b.end);
  if (next === undefined) return undefined;
  const end = Math.max(span.end, next.end);
  return { remove: [span.id, next.id], add: [{ kind: span.kind, start: span.start, end }] };
}

/** A move with one new span also replaces the spans of the same behaviour that it overlaps, so that nothing is marked twice. */
export function takingIn(spans: readonly Span[], move: Respan): Respan {
  const [place, second] = move.add;
  if (place === undefined || second !== undefined) return move;
  const touched = spans.filter(
    ({ id, kind, start, end }) =>
      !move.remove.includes(id) && kind === place.kind && start < place.end && end > place.start,
  );
  if (touched.length === 0) return move;
  return {
    remove: [...move.remove, ...touched.map(({ id }) => id)],
    add: [
      {
        kind: place.kind,
        start: Math.min(place.start, ...touched.map(({ start }) => start)),
        end: Math.max(place.end, ...touched.map(({ end }) => end)),
      },
    ],
  };
}

function isBehind(other: Span, span: Span): boolean {
  return other.start > span.start || (other.start === span.start && other.end >= span.end);
}

/** The text of a sentence without the white space around it; empty for a text of white space. */
export function sentencePlace(text: string, sentence: Sentence): { start: number; end: number } {
  return { start: firstLetter(text, sentence), end: sentence.textEnd };
}

/** The start of a sentence without white space before it. */
function firstLetter(text: string, { start, textEnd }: Sentence): number {
  return textEnd - text.slice(start, textEnd).trimStart().length;
}
