import type { Segment, Span, TextChange } from '../model/index.ts';

/** True when the changes are in order, disjoint and inside a text of `length` code units. */
export function changesFit(changes: readonly TextChange[], length: number): boolean {
  let from = 0;
  for (const { start, end } of changes) {
    if (start < from || end < start || end > length) return false;
    from = end;
  }
  return true;
}

/** A list of changes cannot stand on a text: they are out of order, overlap, or reach beyond its end. */
export class ChangesDoNotFit extends Error {
  constructor(length: number) {
    super(
      `The changes of this edit do not fit a text of ${length} characters: it was made on another version of the text.`,
    );
    this.name = 'ChangesDoNotFit';
  }
}

/**
 * The text after the changes. Offsets are UTF-16 code units of `text`; changes are in order and disjoint.
 * Throws `ChangesDoNotFit` otherwise.
 */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  if (!changesFit(changes, text.length)) throw new ChangesDoNotFit(text.length);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, insert } of changes) {
    parts.push(text.slice(from, start), insert);
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Where the changes stand in the new text: a change's own start, and how far everything behind it has moved. */
interface Placed {
  change: TextChange;
  newStart: number;
  newEnd: number;
  shift: number;
}

function place(changes: readonly TextChange[]): Placed[] {
  let shift = 0;
  return changes.map((change) => {
    const newStart = change.start + shift;
    const newEnd = newStart + change.insert.length;
    shift = newEnd - change.end;
    return { change, newStart, newEnd, shift };
  });
}

/** Index of the first placed change whose old end is beyond `offset` (or at it, with `inclusive`). */
function firstBeyond(placed: readonly Placed[], offset: number, inclusive: boolean): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const end = placed[middle]?.change.end ?? 0;
    if (inclusive ? end >= offset : end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function shiftBefore(placed: readonly Placed[], index: number): number {
  return index === 0 ? 0 : (placed[index - 1]?.shift ?? 0);
}

/** New place of a span's start. What is inserted right at the start stays outside, unless it replaces text of the span. */
function mapStart(placed: readonly Placed[], start: number, end: number): number {
  const index = firstBeyond(placed, start, false);
  const hit = placed[index];
  if (hit === undefined || hit.change.start > start) return start + shiftBefore(placed, index);
  const inside = hit.change.start === start && hit.change.end <= end;
  return inside ? hit.newStart : hit.newEnd;
}

/** New place of a span's end, the mirror of `mapStart`. */
function mapEnd(placed: readonly Placed[], start: number, end: number): number {
  const index = firstBeyond(placed, end, true);
  const hit = placed[index];
  if (hit === undefined || hit.change.start >= end) return end + shiftBefore(placed, index);
  const inside = hit.change.end === end && hit.change.start >= start;
  return inside ? hit.newEnd : hit.newStart;
}

/**
 * Spans after the changes, still on the text that they covered. A replacement inside a span belongs to it; text inserted
 * at a span's edge does not; of a replacement across an edge, only what survives of the span is kept. A span whose text
 * is deleted vanishes.
 */
export function mapSpans<S extends Pick<Span, 'start' | 'end'>>(
  spans: readonly S[],
  changes: readonly TextChange[],
): S[] {
  const placed = place(changes);
  const mapped: S[] = [];
  for (const span of spans) {
    const start = mapStart(placed, span.start, span.end);
    const end = mapEnd(placed, span.start, span.end);
    if (start < end) mapped.push({ ...span, start, end });
  }
  return mapped;
}

/**
 * Segments after the changes: still in order and without a gap over the new text. A replacement goes to the segment in
 * which it starts. Text inserted just between two segments goes to the second, or to the first where the second begins
 * with white space: that is the gap that assembly put between pieces, and what is written before it continues the first.
 * A segment of which nothing is left is dropped.
 */
export function mapSegments(segments: readonly Segment[], changes: readonly TextChange[], text: string): Segment[] {
  const placed = place(changes);
  const mapped: Segment[] = [];
  let from = 0;
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    const to = last
      ? text.length + shiftBefore(placed, placed.length)
      : mapBoundary(placed, segment.end, /\s/.test(text.charAt(segment.end)));
    if (to > from) mapped.push({ ...segment, start: from, end: to });
    from = Math.max(from, to);
  });
  return mapped;
}

function mapBoundary(placed: readonly Placed[], boundary: number, insertionsBefore: boolean): number {
  // A change that ends at the boundary is before it; a pure insertion at it ends there too, and is the doubtful case.
  const index = firstBeyond(placed, boundary, true);
  const hit = placed[index];
  if (hit === undefined || hit.change.start > boundary) return boundary + shiftBefore(placed, index);
  const insertion = hit.change.start === hit.change.end;
  if (insertion && hit.change.start === boundary) return insertionsBefore ? hit.newEnd : hit.newStart;
  if (hit.change.start === boundary) return hit.newStart;
  return hit.newEnd;
}
