import { asPieces, isConstant } from './inequality.ts';
import { common, INFINITE, MINUS_INFINITE, mergeIntervals, openInterval, withoutPieces } from './interval.ts';
import type { Value, ValueOf } from './value.ts';

type Relation = ValueOf<'relation'>;
type Interval = ValueOf<'interval'>;

/** `x < 1 or x > 2` are pieces of the line like those of a union. */
export function piecesOf(value: Value): Value[] {
  const items = value.shape === 'union' || value.shape === 'list' ? value.items : [value];
  const conditions = value.shape === 'list' ? piecesOfConditions(items) : undefined;
  if (conditions !== undefined) return mergeIntervals(conditions);
  const pieces = items.flatMap((item) => {
    const found = item.shape === 'relation' ? asPieces(item) : undefined;
    return found ?? [openInterval(item) ?? item];
  });
  return mergeIntervals(pieces);
}

/**
 * The pieces of the line that conditions on one name leave; undefined for several names or none: `x > 0, x \ne 1` has a hole,
 * `1 < x \le 2, x = 5` has a separate point, `x < 1, x > 2` are two pieces, `x > 1, x < 2` is the interval between.
 */
export function piecesOfConditions(items: readonly Value[]): Value[] | undefined {
  const relations = items.filter((item) => item.shape === 'relation');
  const single = relations.filter((item) => signOf(item) === 'ne' || signOf(item) === '=');
  const ranges = relations.filter((item) => !single.includes(item));
  const names = new Set(
    relations.flatMap((item) => item.operands.filter((part) => !isConstant(part))).map((part) => part.text),
  );
  const holes = pointsOf(single, 'ne');
  if (relations.length < items.length || names.size !== 1 || (ranges.length === 0 && holes.length === 0))
    return undefined;
  const lines = ranges.length === 0 ? [[everything('')]] : ranges.map((item) => asPieces(item));
  if (lines.includes(undefined)) return undefined;
  const pieces = lines.flatMap((line) => line ?? []);
  const extra = pointsOf(single, '=').map((point): Value => ({ shape: 'set', text: point.text, items: [point] }));
  const left = between(pieces) ?? mergeIntervals(pieces);
  const whole = holes.length === 0 ? left : withoutPieces(left, [{ shape: 'set', text: '', items: holes }]);
  return whole && [...whole, ...extra];
}

function signOf(item: Relation): string | undefined {
  return item.operands.length === 2 ? item.operators[0] : undefined;
}

function pointsOf(relations: readonly Relation[], sign: string): Value[] {
  return relations.filter((item) => signOf(item) === sign).flatMap((item) => item.operands.filter(isConstant));
}

function everything(text: string): Interval {
  const end = (value: Value) => ({ value, closed: false });
  return { shape: 'interval', text, low: end(MINUS_INFINITE), high: end(INFINITE) };
}

/** Two rays that together are the whole line would state nothing, so both must hold. */
function between(pieces: readonly Value[]): Value[] | undefined {
  const [a, b] = pieces;
  if (pieces.length !== 2 || a?.shape !== 'interval' || b?.shape !== 'interval') return undefined;
  const [line, ...more] = mergeIntervals([a, b]);
  if (line?.shape !== 'interval' || more.length > 0) return undefined;
  const whole = line.low.value.text === MINUS_INFINITE.text && line.high.value.text === INFINITE.text;
  return whole ? common(a, b) : undefined;
}
