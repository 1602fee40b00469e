import { defined } from '../defined.ts';
import { UserError } from '../errors.ts';
import type { Segment, Span, TextChange } from '../schemas/index.ts';
import { plural } from '../text/format.ts';

/** Whether the changes are in order, disjoint and within `length` code units. */
export function changesFit(changes: readonly TextChange[], length: number): boolean {
  let from = 0;
  for (const { start, end } of changes) {
    if (start < from || end < start || end > length) return false;
    from = end;
  }
  return true;
}

function changesDoNotFit(length: number): UserError {
  const text = `a text of ${plural(length, 'character')}`;
  return new UserError(
    'changes',
    `The changes of this edit do not fit ${text}: it was made on another version of the text.`,
    '',
  );
}

/** Applies changes whose offsets are UTF-16 code units of `text`. Throws UserError `changes` unless they are in order, disjoint and inside. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  if (!changesFit(changes, text.length)) throw changesDoNotFit(text.length);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, insert } of changes) {
    parts.push(text.slice(from, start), insert);
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** A change without the inserted text. */
interface Change extends Omit<TextChange, 'insert'> {
  insert: { readonly length: number };
}

/** A change in the new text: its place, and the shift of the text after it. */
interface Placed {
  change: Change;
  newStart: number;
  newEnd: number;
  shift: number;
}

function place(changes: readonly Change[]): Placed[] {
  let shift = 0;
  return changes.map((change) => {
    const newStart = change.start + shift;
    const newEnd = newStart + change.insert.length;
    shift = newEnd - change.end;
    return { change, newStart, newEnd, shift };
  });
}

/** Index of the first change whose old end is after `offset` (or at it, with `inclusive`). */
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

/** New start of a span. Text inserted at the start is outside, unless it replaces text of the span. */
function mapStart(placed: readonly Placed[], start: number, end: number): number {
  const index = firstBeyond(placed, start, false);
  const hit = placed[index];
  if (hit === undefined || hit.change.start > start) return start + shiftBefore(placed, index);
  const inside = hit.change.start === start && hit.change.end <= end;
  return inside ? hit.newStart : hit.newEnd;
}

/** New end of a span, the mirror of `mapStart`. */
function mapEnd(placed: readonly Placed[], start: number, end: number): number {
  const index = firstBeyond(placed, end, true);
  const hit = placed[index];
  if (hit === undefined || hit.change.start >= end) return end + shiftBefore(placed, index);
  const inside = hit.change.end === end && hit.change.start >= start;
  return inside ? hit.newEnd : hit.newStart;
}

/**
 * Spans after the changes. A replacement inside a span belongs to it, an insertion at its edge does not, and of a replacement across an edge
 * the span keeps what remains. A span without text is removed.
 */
export function mapSpans<S extends Pick<Span, 'start' | 'end' | 'acts'>>(
  spans: readonly S[],
  changes: readonly Change[],
): S[] {
  const placed = place(changes);
  const mapped: S[] = [];
  for (const span of spans) {
    const start = mapStart(placed, span.start, span.end);
    const end = mapEnd(placed, span.start, span.end);
    const acts = span.acts && mapSpans(span.acts, changes);
    if (start < end) mapped.push({ ...span, start, end, ...defined({ acts }) });
  }
  return mapped;
}

/**
 * Segments after the changes, in order and without gaps. A replacement belongs to the segment of its start. An insertion between two segments
 * belongs to the second, or to the first if the second starts with white space, which is the gap of the assembly. Empty segments are removed.
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
  // A change that ends at the boundary is before it; an insertion at the boundary ends there too.
  const index = firstBeyond(placed, boundary, true);
  const hit = placed[index];
  if (hit === undefined || hit.change.start > boundary) return boundary + shiftBefore(placed, index);
  const insertion = hit.change.start === hit.change.end;
  if (insertion && hit.change.start === boundary) return insertionsBefore ? hit.newEnd : hit.newStart;
  if (hit.change.start === boundary) return hit.newStart;
  return hit.newEnd;
}
