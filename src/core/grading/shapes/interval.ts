import * as C from '../expression/complex.ts';
import { apply } from '../expression/node.ts';
import { evaluate } from '../expression/numeric.ts';
import type { Bound, Comparison, Value, ValueOf } from './value.ts';

function isInfinite(value: Value): boolean {
  return /^[-+]?\\infty$/.test(value.text);
}

function sameBound(gold: Bound, prediction: Bound, comparison: Comparison): boolean {
  // An infinite end is always open, whichever bracket was typed.
  const alike =
    gold.closed === prediction.closed || comparison.policy.intervalEnds === 'ignore' || isInfinite(gold.value);
  return alike && comparison.equal(gold.value, prediction.value);
}

function ending(bound: Bound): string {
  return isInfinite(bound.value) ? bound.value.text : `${bound.value.text} (${bound.closed ? 'closed' : 'open'})`;
}

/** The same ends, with the same brackets. */
export function equalIntervals(
  gold: ValueOf<'interval'>,
  prediction: ValueOf<'interval'>,
  comparison: Comparison,
): boolean {
  const low = sameBound(gold.low, prediction.low, comparison);
  const high = low && sameBound(gold.high, prediction.high, comparison);
  comparison.method = 'interval';
  comparison.because = () => {
    if (low && high) return 'Both ends are equal, and open or closed alike.';
    const [a, b] = low ? [gold.high, prediction.high] : [gold.low, prediction.low];
    return `The ${low ? 'upper' : 'lower'} ends differ: ${ending(b)} is not ${ending(a)}.`;
  };
  return high;
}

/** A pair in round brackets, read as an open interval. */
export function openInterval(value: Value): ValueOf<'interval'> | undefined {
  if (value.shape === 'interval') return value;
  const [low, high] = value.shape === 'tuple' && value.items.length === 2 ? value.items : [];
  if (low === undefined || high === undefined) return undefined;
  return {
    shape: 'interval',
    text: value.text,
    low: { value: low, closed: false },
    high: { value: high, closed: false },
  };
}

type Interval = ValueOf<'interval'>;

/** The two ends of the line. */
export const INFINITE: Value = { shape: 'expression', text: '\\infty', node: { kind: 'symbol', name: 'infty' } };
export const MINUS_INFINITE: Value = {
  shape: 'expression',
  text: '-\\infty',
  node: apply('negate', { kind: 'symbol', name: 'infty' }),
};

interface Span {
  readonly interval: Interval;
  readonly low: number;
  readonly high: number;
}

/** Pieces of the line in order, merged if they touch or overlap, including points (`\\{2\\}`); unchanged if an end is not a number. */
export function mergeIntervals(pieces: Value[]): Value[] {
  const intervals = pieces.flatMap(asIntervals);
  const spans = intervals.flatMap((interval): Span[] => {
    const [low, high] = [place(interval.low), place(interval.high)];
    return low === undefined || high === undefined ? [] : [{ interval, low, high }];
  });
  if (pieces.length < 2 || intervals.length === 0 || spans.length !== intervals.length) return pieces;
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.low - b.low || a.high - b.high)) {
    const last = merged.at(-1);
    const touches = last !== undefined && (last.high > span.low || (last.high === span.low && meets(last, span)));
    if (last === undefined || !touches) merged.push(span);
    else if (span.high > last.high || (span.high === last.high && span.interval.high.closed)) {
      merged[merged.length - 1] = {
        ...last,
        interval: { ...last.interval, high: span.interval.high },
        high: span.high,
      };
    }
  }
  return merged.map((span) => span.interval);
}

/** Intervals without other pieces of the line or points (`\\{2\\}`); undefined if an end is not a number. */
export function withoutPieces(pieces: readonly Value[], holes: readonly Value[]): Value[] | undefined {
  const [from, out] = [pieces.flatMap(asIntervals), holes.flatMap(asIntervals)];
  if ([...from, ...out].some((piece) => place(piece.low) === undefined || place(piece.high) === undefined))
    return undefined;
  return out.reduce<Interval[]>((left, hole) => {
    const below = { ...hole, low: { value: MINUS_INFINITE, closed: false }, high: opposite(hole.low) };
    const above = { ...hole, low: opposite(hole.high), high: { value: INFINITE, closed: false } };
    return left.flatMap((piece) => [...common(piece, below), ...common(piece, above)]);
  }, from);
}

/** The intersection of two intervals with numeric ends: one interval, or none. */
export function common(a: Interval, b: Interval): Interval[] {
  const [low, high] = [tighter(a.low, b.low, (x, y) => x > y), tighter(a.high, b.high, (x, y) => x < y)];
  const [from = 0, to = 0] = [place(low), place(high)];
  const some = from < to || (from === to && low.closed && high.closed);
  return some ? [{ ...a, low, high }] : [];
}

function tighter(a: Bound, b: Bound, isTighter: (x: number, y: number) => boolean): Bound {
  const [x = 0, y = 0] = [place(a), place(b)];
  if (x === y) return a.closed ? b : a;
  return isTighter(x, y) ? a : b;
}

/** The end of the remaining interval where a removed piece ends here. */
function opposite(end: Bound): Bound {
  return { value: end.value, closed: !end.closed };
}

function meets(a: Span, b: Span): boolean {
  return a.interval.high.closed || b.interval.low.closed;
}

/** A piece that is neither an interval nor a set of points is not on the line. */
function asIntervals(piece: Value): ValueOf<'interval'>[] {
  if (piece.shape === 'interval') return [piece];
  if (piece.shape !== 'set' || piece.items.length === 0) return [UNPLACED];
  return piece.items.map((value) => ({
    shape: 'interval',
    text: piece.text,
    low: { value, closed: true },
    high: { value, closed: true },
  }));
}

const NOWHERE: Bound = { value: { shape: 'text', text: '' }, closed: false };
const UNPLACED: ValueOf<'interval'> = { shape: 'interval', text: '', low: NOWHERE, high: NOWHERE };

function place(bound: Bound): number | undefined {
  if (isInfinite(bound.value)) {
    return bound.value.text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (bound.value.shape !== 'expression' || bound.value.node === undefined) return undefined;
  const { value } = evaluate(bound.value.node, { values: new Map(), logBase: 'natural' });
  return C.finite(value) && value.im === 0 ? value.re : undefined;
}
