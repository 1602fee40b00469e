import type { Behaviour, Span } from '../../src/core/schemas/index.ts';
import type { Candidate } from '../../src/protocol/review.ts';

/** The underline of a behaviour, or of a part of it, or the box of a candidate answer. */
export type Mark =
  | { type: 'span'; id: string; kind: Behaviour; part: SpanPart; start: number; end: number; lane: number }
  | { type: 'candidate'; id: string; outcome: Candidate['outcome']; start: number; end: number };

/** A span whose acts are unknown is `whole`; otherwise its parts are acts and the working between them. */
type SpanPart = 'whole' | 'act' | 'working';

/** Lanes of overlapping underlines; further ones share the last lane. */
const LANES = 3;

/** Marks of a text, sorted by start, then longest first: the order in which they nest. */
export function marksOf(spans: readonly Span[], candidates: readonly Candidate[]): Mark[] {
  const free = new Array<number>(LANES).fill(0);
  const ordered = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const underlines = ordered.flatMap((span): Mark[] => {
    const { id, kind, start, end } = span;
    const open = free.findIndex((until) => until <= start);
    const lane = open < 0 ? LANES - 1 : open;
    free[lane] = Math.max(free[lane] ?? 0, end);
    return partsOf(span).map((part) => ({ type: 'span', id, kind, lane, ...part }));
  });
  const boxes = candidates.map(
    ({ start, end, outcome }, index): Mark => ({ type: 'candidate', id: String(index), outcome, start, end }),
  );
  return [...underlines, ...boxes].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** The parts of a span in order, without gaps. */
function partsOf({ start, end, acts }: Span): { part: SpanPart; start: number; end: number }[] {
  if (acts === undefined) return [{ part: 'whole', start, end }];
  const parts: { part: SpanPart; start: number; end: number }[] = [];
  let at = start;
  for (const act of acts) {
    const from = Math.max(at, act.start);
    const to = Math.min(act.end, end);
    if (from >= to) continue;
    if (from > at) parts.push({ part: 'working', start: at, end: from });
    parts.push({ part: 'act', start: from, end: to });
    at = to;
  }
  if (at < end) parts.push({ part: 'working', start: at, end });
  return parts;
}

/** Maximum number of nested marks. */
const MOST_NESTED = 8;
/** Maximum number of marks in a block. */
const MOST_IN_BLOCK = 300;

/** The marks of a text, searchable by place. */
export class Marks {
  readonly #marks: readonly Mark[];
  /** The furthest end of each mark and all before it. */
  readonly #reach: readonly number[];

  /** Takes marks in the order of `marksOf`. */
  constructor(marks: readonly Mark[]) {
    this.#marks = marks;
    let reach = 0;
    this.#reach = marks.map(({ end }) => {
      reach = Math.max(reach, end);
      return reach;
    });
  }

  /** Marks that overlap `[start, end)`, in order; if there are too many, those that begin last. */
  within(start: number, end: number): Mark[] {
    const found: Mark[] = [];
    for (let index = this.#firstFrom(end) - 1; (this.#reach[index] ?? 0) > start; index -= 1) {
      const mark = this.#marks[index];
      if (mark !== undefined && mark.end > start) found.push(mark);
      if (found.length === MOST_IN_BLOCK) break;
    }
    return found.reverse();
  }

  /** Number of marks that begin before an offset. */
  #firstFrom(offset: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Marks that overlap `[start, end)`. */
export function marksWithin(marks: readonly Mark[], start: number, end: number): Mark[] {
  return marks.filter((mark) => mark.start < end && mark.end > start);
}

/** A part of a text run or formula with one set of marks. */
export interface Piece {
  start: number;
  end: number;
  marks: readonly Mark[];
}

/** Splits `[start, end)` where marks begin or end. @param atomic Does not split; returns all overlapping marks. */
export function splitByMarks(start: number, end: number, marks: readonly Mark[], atomic: boolean): Piece[] {
  const touching = marksWithin(marks, start, end);
  if (atomic || touching.length === 0) return [{ start, end, marks: touching.slice(-MOST_NESTED) }];
  const edges = new Set([start, end]);
  for (const mark of touching) {
    if (mark.start > start) edges.add(mark.start);
    if (mark.end < end) edges.add(mark.end);
  }
  const points = [...edges].sort((a, b) => a - b);
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? start;
    return { start: from, end: to, marks: marksWithin(touching, from, to).slice(-MOST_NESTED) };
  });
}
