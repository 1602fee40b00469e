import * as C from '../expression/complex.ts';
import { apply, type Node, variablesOf } from '../expression/node.ts';
import { evaluate } from '../expression/numeric.ts';
import { INFINITE, MINUS_INFINITE } from './interval.ts';
import { isName } from './name.ts';
import type { Bound, Value, ValueOf } from './value.ts';

type Relation = ValueOf<'relation'>;
type Interval = ValueOf<'interval'>;

/** Each sign read from right to left. */
export const FLIPPED: Readonly<Record<string, string>> = {
  '<': '>',
  '>': '<',
  le: 'ge',
  ge: 'le',
  '=': '=',
  ne: 'ne',
};

/** A number without variables, including those that only the compute engine reads. */
export function isConstant(value: Value): boolean {
  return value.shape === 'expression' && (value.node === undefined || variablesOf(value.node).length === 0);
}

function isLess(operator: string): boolean {
  return operator === '<' || operator === 'le';
}

function isGreater(operator: string): boolean {
  return operator === '>' || operator === 'ge';
}

function bound(value: Value, operator: string): Bound {
  return { value, closed: operator === 'le' || operator === 'ge' };
}

/** The named expression without the numbers around it: `a \le x` and `x \ge a` both as [name, sign, number, and a second pair]. */
interface Bounds {
  readonly name: Value;
  readonly limits: readonly { readonly operator: string; readonly value: Value }[];
}

/** A name, or the text between the bars of an absolute value. */
function isBounded(value: Value): boolean {
  return isName(value) || isAbsolute(value);
}

function boundsOf({ operands, operators }: Relation): Bounds | undefined {
  const [a, b, c] = operands;
  const [first = '', second = ''] = operators;
  if (a === undefined || b === undefined || operands.length > 3) return undefined;
  if (c === undefined) {
    if (isConstant(a) && isBounded(b)) return { name: b, limits: [{ operator: FLIPPED[first] ?? '', value: a }] };
    return isConstant(b) && isBounded(a) ? { name: a, limits: [{ operator: first, value: b }] } : undefined;
  }
  if (!isConstant(a) || !isConstant(c) || !isBounded(b)) return undefined;
  const limits = [
    { operator: FLIPPED[first] ?? '', value: a },
    { operator: second, value: c },
  ];
  return isLess(first) === isLess(second) && isGreater(first) === isGreater(second) ? { name: b, limits } : undefined;
}

function intervalOf(text: string, limits: Bounds['limits']): Interval | undefined {
  let low: Bound = { value: MINUS_INFINITE, closed: false };
  let high: Bound = { value: INFINITE, closed: false };
  for (const { operator, value } of limits) {
    if (isLess(operator)) high = bound(value, operator);
    else if (isGreater(operator)) low = bound(value, operator);
    else return undefined;
  }
  return { shape: 'interval', text, low, high };
}

/** `x < 3`, `2 \le x`, `a < x \le b`, `|x - 1| < 2` as the interval that it describes; undefined for any other relation. */
export function asInterval(relation: Relation): Interval | undefined {
  const pieces = asPieces(relation);
  const [only] = pieces ?? [];
  return pieces?.length === 1 && only?.shape === 'interval' ? only : undefined;
}

/** A condition on one named number as the interval or the union of intervals that it describes. */
export function asRange(relation: Relation): Value | undefined {
  const pieces = asPieces(relation);
  return pieces?.length === 1 ? pieces[0] : pieces && { shape: 'union', text: relation.text, items: pieces };
}

/** A condition on one named number as the intervals it describes: `x \ne 3`, `|x| > 1`, `1 \le |x| \le 2` are two. */
export function asPieces(relation: Relation): Value[] | undefined {
  const bounds = boundsOf(relation);
  if (bounds === undefined) return undefined;
  const { name, limits } = bounds;
  const { text } = relation;
  const [only] = limits;
  if (limits.length === 1 && only?.operator === 'ne' && !isAbsolute(name)) {
    const open = { value: only.value, closed: false };
    return [
      { shape: 'interval', text, low: { value: MINUS_INFINITE, closed: false }, high: open },
      { shape: 'interval', text, low: open, high: { value: INFINITE, closed: false } },
    ];
  }
  if (isAbsolute(name)) return aroundCentre(text, name, limits);
  const interval = intervalOf(text, limits);
  return interval && [interval];
}

function isAbsolute(value: Value): value is ValueOf<'expression'> & { node: Node & { kind: 'apply' } } {
  return value.shape === 'expression' && value.node?.kind === 'apply' && value.node.op === 'absolute';
}

/** `|x - a| < r` and similar forms; `r` must be positive. */
function aroundCentre(text: string, name: ValueOf<'expression'>, limits: Bounds['limits']): Value[] | undefined {
  const inside = name.node?.kind === 'apply' ? name.node.args[0] : undefined;
  const shift = inside && shiftOf(inside);
  const outer = limits.find((limit) => isLess(limit.operator));
  const inner = limits.find((limit) => isGreater(limit.operator));
  if (shift === undefined || limits.some((limit) => !isPositive(limit.value))) return undefined;
  const at = (limit: { value: Value }, sign: 1 | -1): Value => {
    const radius = limit.value.shape === 'expression' ? limit.value.node : undefined;
    const signed = radius === undefined || sign === 1 ? radius : apply('negate', radius);
    const node = signed && (shift === 'none' ? signed : apply('add', signed, apply('negate', shift)));
    const text = `${sign < 0 ? '-' : ''}${limit.value.text}${shift === 'none' ? '' : ` about the centre of ${name.text}`}`;
    return { shape: 'expression', text, node };
  };
  const end = (limit: Bounds['limits'][number], sign: 1 | -1) => bound(at(limit, sign), limit.operator);
  const above = outer === undefined ? { value: INFINITE, closed: false } : end(outer, 1);
  const below = outer === undefined ? { value: MINUS_INFINITE, closed: false } : end(outer, -1);
  if (inner === undefined) return outer && [{ shape: 'interval', text, low: below, high: above }];
  return [
    { shape: 'interval', text, low: below, high: end(inner, -1) },
    { shape: 'interval', text, low: end(inner, 1), high: above },
  ];
}

/** The a of `x + a`; `none` for a single x. */
function shiftOf(node: Node): Node | 'none' | undefined {
  if (node.kind === 'symbol') return 'none';
  if (node.kind !== 'apply' || node.op !== 'add') return undefined;
  const rest = node.args.filter((arg) => variablesOf(arg).length === 0);
  const [name, ...others] = node.args.filter((arg) => variablesOf(arg).length > 0);
  return name?.kind === 'symbol' && others.length === 0 ? apply('add', ...rest) : undefined;
}

function isPositive(value: Value): boolean {
  if (value.shape !== 'expression' || value.node === undefined) return false;
  const number = evaluate(value.node, { values: new Map(), logBase: 'natural' }).value;
  return C.finite(number) && number.im === 0 && number.re > 0;
}
