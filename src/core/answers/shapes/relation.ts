import { compareNodes, samplePoints } from '../expression/compare.ts';
import * as C from '../expression/complex.ts';
import { apply, type Node, variablesOf } from '../expression/node.ts';
import { evaluate } from '../expression/numeric.ts';
import type { Bound, Comparison, Value, ValueOf } from './value.ts';

type Relation = ValueOf<'relation'>;

const OPERATOR = /^(?:\\(le|ge|ne|in|approx|equiv|sim|colon)(?![a-zA-Z])|([=<>]))/;
const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '>': '<', le: 'ge', ge: 'le', '=': '=', ne: 'ne' };

/** Splits `a < x \le b` at its relation signs outside brackets; undefined where there is none. */
export function readRelation(text: string, read: (operand: string) => Value): Relation | undefined {
  const operands: string[] = [];
  const operators: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    const match = depth === 0 && '\\=<>'.includes(char) ? OPERATOR.exec(text.slice(i, i + 12)) : null;
    const operator = match?.[1] ?? match?.[2];
    if (match === null || operator === undefined) continue;
    operands.push(text.slice(from, i).trim());
    operators.push(operator === 'sim' ? 'approx' : operator);
    i += match[0].length - 1;
    from = i + 1;
  }
  if (operators.length === 0 || operators.length > 30) return undefined;
  operands.push(text.slice(from).trim());
  return { shape: 'relation', text, operands: operands.map(read), operators };
}

/** A left side that only names what follows: `x`, `f(x)`, `AB`, `(p, q)`, `S_1 : S_2`; a sum or a number is a side of an equation. */
export function isName(value: Value): boolean {
  if (value.text === '') return true;
  if (value.shape === 'text') return true;
  if (value.shape === 'tuple' || value.shape === 'list') return value.items.every(isName);
  if (value.shape !== 'expression' || value.node === undefined) return false;
  return names(value.node);
}

function names(node: Node): boolean {
  if (node.kind === 'symbol') return node.name !== 'pi' && node.name !== 'infty';
  if (node.kind === 'call') return true;
  if (node.kind === 'number') return false;
  return ['multiply', 'divide', 'absolute'].includes(node.op) && node.args.every(names);
}

/**
 * What `x = 2 + 3 = 5 \approx 5.0` states: the last value before an approximation. Undefined for equations that name nothing
 * (`2x + z = 1`) and for inequalities.
 */
export function statedValue(relation: Relation): Value | undefined {
  const { operands, operators } = relation;
  const [first] = operands;
  if (first === undefined || !operators.every((operator) => ['=', 'approx', 'in', 'equiv'].includes(operator)))
    return undefined;
  const approximate = operators.indexOf('approx');
  const last = approximate > 0 || (approximate === 0 && !isName(first)) ? approximate : operands.length - 1;
  const named = isName(first) || operands.slice(0, last + 1).every(isClosed);
  return named ? operands[last] : undefined;
}

function isClosed(value: Value): boolean {
  return value.shape === 'expression' && value.node !== undefined && variablesOf(value.node).length === 0;
}

function isConstant(value: Value): boolean {
  return value.shape === 'expression' && (value.node === undefined || variablesOf(value.node).length === 0);
}

const INFINITE: Value = { shape: 'expression', text: '\\infty', node: { kind: 'symbol', name: 'infty' } };
const MINUS_INFINITE: Value = {
  shape: 'expression',
  text: '-\\infty',
  node: apply('negate', { kind: 'symbol', name: 'infty' }),
};

/** `x < 3`, `2 \le x`, `a < x \le b` as an interval of the named quantity. */
export function asInterval(relation: Relation): ValueOf<'interval'> | undefined {
  const { operands, operators, text } = relation;
  const [a, b, c] = operands;
  const [first, second] = operators;
  if (a === undefined || b === undefined || first === undefined) return undefined;
  if (c !== undefined && second !== undefined) {
    if (operands.length !== 3 || !isConstant(a) || !isConstant(c) || !isName(b)) return undefined;
    if (isLess(first) && isLess(second))
      return { shape: 'interval', text, low: bound(a, first), high: bound(c, second) };
    if (isGreater(first) && isGreater(second))
      return { shape: 'interval', text, low: bound(c, second), high: bound(a, first) };
    return undefined;
  }
  if (isConstant(a) && isName(b)) return half(text, FLIPPED[first] ?? '', a);
  return isConstant(b) && isName(a) ? half(text, first, b) : undefined;
}

function half(text: string, operator: string, value: Value): ValueOf<'interval'> | undefined {
  if (isLess(operator))
    return { shape: 'interval', text, low: { value: MINUS_INFINITE, closed: false }, high: bound(value, operator) };
  if (isGreater(operator))
    return { shape: 'interval', text, low: bound(value, operator), high: { value: INFINITE, closed: false } };
  return undefined;
}

/** `x \ne 3` as the two rays beside 3; any other bound as its interval. */
export function asPieces(relation: Relation): Value[] | undefined {
  const interval = asInterval(relation);
  if (interval !== undefined) return [interval];
  const [name, value] = relation.operands;
  if (relation.operators.join() !== 'ne' || name === undefined || value === undefined) return undefined;
  if (!isName(name) || !isConstant(value)) return undefined;
  const open = { value, closed: false };
  return [
    { shape: 'interval', text: relation.text, low: { value: MINUS_INFINITE, closed: false }, high: open },
    { shape: 'interval', text: relation.text, low: open, high: { value: INFINITE, closed: false } },
  ];
}

function bound(value: Value, operator: string): Bound {
  return { value, closed: operator === 'le' || operator === 'ge' };
}

function isLess(operator: string): boolean {
  return operator === '<' || operator === 'le';
}

function isGreater(operator: string): boolean {
  return operator === '>' || operator === 'ge';
}

/** Two relations: side by side, or the same curve or half-plane written another way. */
export function equalRelations(gold: Relation, prediction: Relation, comparison: Comparison): boolean {
  const [left, right] = [gold.operands[0], prediction.operands[0]];
  if (left === undefined || right === undefined) return false;
  const [a, b] = [statedValue(gold), statedValue(prediction)];
  const bothNamed = a !== undefined && b !== undefined && isName(left) && isName(right);
  // Another name for the same number is the same answer; for a formula the names inside count.
  if (bothNamed && (left.text === right.text || isConstant(a) || a.shape !== 'expression') && comparison.equal(a, b)) {
    comparison.method = 'equation';
    return true;
  }
  comparison.method = 'equation';
  if (bothNamed && isConstant(a) && isConstant(b)) return false;
  const [x, y] = [asInterval(gold), asInterval(prediction)];
  // `-2 \le x \le 7` against `x \in [-2, 7]`.
  if (x !== undefined && b !== undefined && prediction.operators[0] === 'in') return comparison.equal(x, b);
  if (y !== undefined && a !== undefined && gold.operators[0] === 'in') return comparison.equal(a, y);
  if (x !== undefined && y !== undefined && nameOf(gold) === nameOf(prediction)) return comparison.equal(x, y);
  return sameOperands(gold, prediction, comparison) || proportional(gold, prediction);
}

function nameOf(relation: Relation): string | undefined {
  return relation.operands.find((operand) => !isConstant(operand))?.text;
}

function sameOperands(gold: Relation, prediction: Relation, comparison: Comparison): boolean {
  if (gold.operands.length !== prediction.operands.length) return false;
  const reversed = [...prediction.operands].reverse();
  const flipped = [...prediction.operators].reverse().map((operator) => FLIPPED[operator] ?? operator);
  const along = (operands: readonly Value[], operators: readonly string[]) =>
    gold.operators.every((operator, i) => operator === operators[i]) &&
    gold.operands.every((operand, i) => {
      const other = operands[i];
      return other !== undefined && comparison.equal(operand, other);
    });
  const equal = along(prediction.operands, prediction.operators) || along(reversed, flipped);
  comparison.method = 'equation';
  return equal;
}

function difference(relation: Relation): Node | undefined {
  const [left, right] = relation.operands;
  if (relation.operands.length !== 2 || left?.shape !== 'expression' || right?.shape !== 'expression') return undefined;
  if (left.node === undefined || right.node === undefined) return undefined;
  return apply('add', left.node, apply('negate', right.node));
}

/** `a < b` says a − b < 0. The differences of two sides must be the same up to a constant factor, with its sign for inequalities. */
function proportional(gold: Relation, prediction: Relation): boolean {
  const [p, q] = [difference(gold), difference(prediction)];
  const [a, b] = [gold.operators[0] ?? '', prediction.operators[0] ?? ''];
  if (p === undefined || q === undefined || variablesOf(p).length === 0) return false;
  if (a !== b && FLIPPED[a] !== b) return false;
  const points = samplePoints(variablesOf(p, q), 3);
  for (const values of points) {
    const point = { values, logBase: 'natural' as const };
    const factor = C.divide(evaluate(p, point).value, evaluate(q, point).value);
    if (!C.finite(factor) || factor.re === 0 || Math.abs(factor.im) > 1e-9) continue;
    const symmetric = a === '=' || a === 'ne';
    if (!symmetric && factor.re > 0 !== (a === b)) return false;
    return sameUpTo(p, q, factor.re);
  }
  return false;
}

function sameUpTo(p: Node, q: Node, factor: number): boolean {
  for (const values of samplePoints(variablesOf(p, q), 10)) {
    const point = { values, logBase: 'natural' as const };
    const [a, b] = [evaluate(p, point), evaluate(q, point)];
    const gap = C.modulus(C.add(a.value, C.negate(C.multiply(b.value, C.complex(factor)))));
    const scale = Math.max(a.scale, b.scale * Math.abs(factor), C.modulus(a.value));
    if (!(gap <= 1e-9 * scale)) return false;
  }
  return compareNodes(p, q, 0) !== 'undecided';
}
