import type { Behaviour, Span } from '../../src/core/model/index.ts';
import type { Candidate } from '../../src/protocol/review.ts';

/** Something that is marked on a stretch of the source: a behaviour's underline or a candidate answer's box. */
export type Mark =
  | { type: 'span'; id: string; kind: Behaviour; start: number; end: number; lane: number }
  | { type: 'candidate'; id: string; outcome: Candidate['outcome']; start: number; end: number };

/** Underlines that lie over each other get lanes of their own; more than this many share the last one. */
const LANES = 3;

/** Marks of a text, ordered by start, then the longer first: the order in which they enclose each other. */
export function marksOf(spans: readonly Span[], candidates: readonly Candidate[]): Mark[] {
  const free = new Array<number>(LANES).fill(0);
  const ordered = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const underlines = ordered.map(({ id, kind, start, end }): Mark => {
    const open = free.findIndex((until) => until <= start);
    const lane = open < 0 ? LANES - 1 : open;
    free[lane] = Math.max(free[lane] ?? 0, end);
    return { type: 'span', id, kind, start, end, lane };
  });
  const boxes = candidates.map(
    ({ start, end, outcome }, index): Mark => ({ type: 'candidate', id: String(index), outcome, start, end }),
  );
  return [...underlines, ...boxes].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Marks that reach into `[start, end)`. */
export function marksWithin(marks: readonly Mark[], start: number, end: number): Mark[] {
  return marks.filter((mark) => mark.start < end && mark.end > start);
}

/** A stretch of a text run or formula under one and the same set of marks. */
export interface Piece {
  start: number;
  end: number;
  marks: readonly Mark[];
}

/** Cuts `[start, end)` where a mark begins or ends; an `atomic` stretch is not cut and gets all marks that touch it. */
export function cutByMarks(start: number, end: number, marks: readonly Mark[], atomic: boolean): Piece[] {
  const touching = marksWithin(marks, start, end);
  if (atomic || touching.length === 0) return [{ start, end, marks: touching }];
  const cuts = new Set([start, end]);
  for (const mark of touching) {
    if (mark.start > start) cuts.add(mark.start);
    if (mark.end < end) cuts.add(mark.end);
  }
  const points = [...cuts].sort((a, b) => a - b);
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? start;
    return { start: from, end: to, marks: marksWithin(touching, from, to) };
  });
}
