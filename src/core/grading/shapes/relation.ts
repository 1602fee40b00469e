import { compareNodes, samplePoints } from '../expression/compare.ts';
import * as C from '../expression/complex.ts';
import { exactPoint, tryExact } from '../expression/exact.ts';
import { apply, type Node, renamed, variablesOf, walk } from '../expression/node.ts';
import { evaluate } from '../expression/numeric.ts';
import { multiplyRational, type Rational, sameRational } from '../rational.ts';
import { asRange, FLIPPED, isConstant } from './inequality.ts';
import { isName } from './name.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

type Relation = ValueOf<'relation'>;

const OPERATOR = /^(?:\\(le|ge|ne|in|approx|equiv|sim|colon)(?![a-zA-Z])|([=<>]))/;

/** Splits `a < x \le b` at its relation signs outside brackets; undefined if there are none. */
export function readRelation(text: string, read: (operand: string) => Value): Relation | undefined {
  const operands: string[] = [];
  const operators: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === '\\' && text.startsWith('\\begin{', i)) depth += 1;
    else if (char === '\\' && text.startsWith('\\end{', i)) depth -= 1;
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
  const values = operands.map(read);
  // `40 \sim 55` is a range, not an approximation.
  if (text.includes('\\sim') && values.length === 2 && values.every(isClosed)) return undefined;
  const [left, right] = values;
  // `5 = x` names x as `x = 5` does.
  const turned = operators.join() === '=' && left && right && isClosed(left) && isLetter(right);
  return { shape: 'relation', text, operands: turned ? [right, left] : values, operators };
}

/**
 * What `x = 2 + 3 = 5 \approx 5.0` states: the last value before an approximation. Undefined for equations that name no value
 * (`2x + z = 1`) and for inequalities.
 */
export function statedValue(relation: Relation): Value | undefined {
  const { operands, operators } = relation;
  const [first] = operands;
  if (first === undefined || !operators.every((operator) => ['=', 'approx', 'in', 'equiv'].includes(operator)))
    return undefined;
  const approximate = operators.indexOf('approx');
  const last = approximate > 0 || (approximate === 0 && !isName(first)) ? approximate : operands.length - 1;
  // A chain of three or more sides is a computation, whatever its first side: `2x + 1 = 2(3) + 1 = 7`.
  const chain = operands.length > 2 && isConstant(operands[last] ?? first);
  const named = chain || isName(first) || operands.slice(0, last + 1).every(isClosed);
  return named ? operands[last] : undefined;
}

function isLetter(value: Value): boolean {
  return value.shape === 'expression' && value.node?.kind === 'symbol' && isName(value);
}

function isClosed(value: Value): boolean {
  return value.shape === 'expression' && value.node !== undefined && variablesOf(value.node).length === 0;
}

/** Two relations: side by side, or the same curve or half-plane in another form. */
export function equalRelations(gold: Relation, prediction: Relation, comparison: Comparison): boolean {
  const [left, right] = [gold.operands[0], prediction.operands[0]];
  if (left === undefined || right === undefined) return false;
  const [a, b] = [statedValue(gold), statedValue(prediction)];
  const other = sameCall(left, right) && prediction.operands.length === 2 ? withVariable(b, left, right) : undefined;
  if (a !== undefined && other !== undefined && comparison.equal(a, other)) {
    comparison.method = 'equation';
    return true;
  }
  // `max: 5` and `min: 5` are two labels, not two names of one number.
  const labelled = left.shape === 'text' && right.shape === 'text' && left.text !== right.text;
  const bothNamed = a !== undefined && b !== undefined && isName(left) && isName(right) && !labelled;
  // Another name for the same number is the same answer; for a formula the names inside count.
  const sameName =
    left.text === right.text ||
    isGraph(left, right, a) ||
    isGraph(right, left, b) ||
    (!(isAxis(left) && isAxis(right)) && (isConstant(a ?? left) || a?.shape !== 'expression'));
  if (bothNamed && sameName && comparison.equal(a, b)) {
    comparison.method = 'equation';
    return true;
  }
  const because = bothNamed && sameName ? comparison.because : undefined;
  comparison.method = 'equation';
  comparison.because = because ?? (() => `${prediction.text} and ${gold.text} are not equivalent.`);
  if (bothNamed && isConstant(a) && isConstant(b)) return false;
  const [x, y] = [asRange(gold), asRange(prediction)];
  // `-2 \le x \le 7` against `x \in [-2, 7]`.
  if (x !== undefined && b !== undefined && prediction.operators[0] === 'in') return comparison.equal(x, b);
  if (y !== undefined && a !== undefined && gold.operators[0] === 'in') return comparison.equal(a, y);
  if (x !== undefined && y !== undefined && nameOf(gold) === nameOf(prediction)) return comparison.equal(x, y);
  if (sameOperands(gold, prediction, comparison)) {
    comparison.because = () => 'Both sides are the same.';
    return true;
  }
  const scaled = proportional(gold, prediction) || sameWithoutDivisors(gold, prediction);
  comparison.because = () =>
    scaled
      ? 'One is the other with its terms moved or both sides multiplied by a number.'
      : `${prediction.text} and ${gold.text} are not equivalent.`;
  return scaled;
}

/** The variable of a call such as `f(t)`. */
function variableOf(call: Value): string | undefined {
  const node = call.shape === 'expression' && call.node?.kind === 'call' ? call.node : undefined;
  const [variable] = node?.args ?? [];
  return node?.args.length === 1 && variable?.kind === 'symbol' ? variable.name : undefined;
}

function sameCall(left: Value, right: Value): boolean {
  const name = (call: Value) =>
    call.shape === 'expression' && call.node?.kind === 'call' ? call.node.name : undefined;
  return name(left) !== undefined && name(left) === name(right);
}

/** `f(t) = t^2` equals `f(x) = x^2`: returns the right side with the variable of the gold, unless it contains that already. */
function withVariable(formula: Value | undefined, left: Value, right: Value): Value | undefined {
  const [to, from] = [variableOf(left), variableOf(right)];
  if (formula?.shape !== 'expression' || formula.node === undefined || to === undefined || from === undefined)
    return undefined;
  if (to === from || variablesOf(formula.node).includes(to)) return undefined;
  return { ...formula, text: `${formula.text}#${to}`, node: renamed(formula.node, from, to) };
}

/** `y = 2x + 1` and `f(x) = 2x + 1` give one formula; the y must be only a name. */
function isGraph(letter: Value, call: Value, formula: Value | undefined): boolean {
  if (letter.shape !== 'expression' || letter.node?.kind !== 'symbol') return false;
  if (call.shape !== 'expression' || call.node?.kind !== 'call') return false;
  return (
    formula?.shape === 'expression' && formula.node !== undefined && !variablesOf(formula.node).includes(letter.text)
  );
}

/** The value that `x + y = 8` states for a numeric gold: the left side is a sum of names, not an equation with its own numbers. */
export function statedSum(relation: Relation): Value | undefined {
  const [left, right] = relation.operands;
  if (relation.operators.join() !== '=' || left?.shape !== 'expression' || right === undefined) return undefined;
  // `y' + y = 0` is an equation for a function.
  if (left.text.includes("'")) return undefined;
  return left.node?.kind === 'apply' && left.node.op !== 'negate' && isSumOfNames(left.node) && isConstant(right)
    ? right
    : undefined;
}

function isSumOfNames(node: Node): boolean {
  if (node.kind === 'symbol') return node.name !== 'pi' && node.name !== 'infty';
  return (
    node.kind === 'apply' && ['add', 'negate', 'multiply', 'divide'].includes(node.op) && node.args.every(isSumOfNames)
  );
}

/** `x = 5` and `y = 5` are two lines; `n = 5` and `k = 5` name one number. */
function isAxis(name: Value): boolean {
  return /^[xyz]$/.test(name.text);
}

/** The bounded expression, without the bars of an absolute value. */
function nameOf(relation: Relation): string | undefined {
  const operand = relation.operands.find((part) => !isConstant(part));
  if (operand?.shape === 'expression' && operand.node?.kind === 'apply' && operand.node.op === 'absolute')
    return variablesOf(operand.node).join();
  return operand?.text;
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

/** `a < b` means a − b < 0. The differences of both sides must be equal up to a constant factor, with its sign for inequalities. */
function proportional(gold: Relation, prediction: Relation): boolean {
  const [p, q] = [difference(gold), difference(prediction)];
  const [a, b] = [gold.operators[0] ?? '', prediction.operators[0] ?? ''];
  if (p === undefined || q === undefined || variablesOf(p).length === 0) return false;
  if (a !== b && FLIPPED[a] !== b) return false;
  const points = samplePoints(variablesOf(p, q), 3);
  for (const values of points) {
    const point = { values, logBase: 'natural' as const };
    const factor = C.divide(evaluate(p, point).value, evaluate(q, point).value);
    const symmetric = a === '=' || a === 'ne';
    if (!C.finite(factor) || C.modulus(factor) === 0 || (!symmetric && Math.abs(factor.im) > 1e-9)) continue;
    if (!symmetric && factor.re > 0 !== (a === b)) return false;
    return sameUpTo(p, q, factor);
  }
  return false;
}

/** More denominators than an equation has. */
const MAX_DIVISORS = 4;

/** `ab = 10` and `b = 10/a`: the same equation after the denominators of one side are multiplied out. */
function sameWithoutDivisors(gold: Relation, prediction: Relation): boolean {
  const [p, q] = [difference(gold), difference(prediction)];
  if (p === undefined || q === undefined || gold.operators[0] !== '=' || prediction.operators[0] !== '=') return false;
  return (
    multipliers(q).some((factor) => sameCurve(p, apply('multiply', q, factor))) ||
    multipliers(p).some((factor) => sameCurve(apply('multiply', p, factor), q))
  );
}

function sameCurve(p: Node, q: Node): boolean {
  for (const values of samplePoints(variablesOf(p, q), 2)) {
    const point = { values, logBase: 'natural' as const };
    const factor = C.divide(evaluate(p, point).value, evaluate(q, point).value);
    if (C.finite(factor) && C.modulus(factor) > 0) return sameUpTo(p, q, factor);
  }
  return false;
}

/** The denominators of an expression that have letters, and their product. */
function multipliers(node: Node): Node[] {
  const divisors: Node[] = [];
  walk(node, (part) => {
    const divisor = part.kind === 'apply' && part.op === 'divide' ? part.args[1] : undefined;
    if (divisor !== undefined && variablesOf(divisor).length > 0) divisors.push(divisor);
  });
  const [first, ...more] = divisors;
  if (first === undefined || divisors.length > MAX_DIVISORS) return [];
  if (more.length === 0) return [first];
  return [...divisors, more.reduce((product, divisor) => apply('multiply', product, divisor), first)];
}

function sameUpTo(p: Node, q: Node, factor: C.Complex): boolean {
  for (const values of samplePoints(variablesOf(p, q), 10)) {
    const point = { values, logBase: 'natural' as const };
    const [a, b] = [evaluate(p, point), evaluate(q, point)];
    const gap = C.modulus(C.add(a.value, C.negate(C.multiply(b.value, factor))));
    const scale = Math.max(a.scale, b.scale * C.modulus(factor), C.modulus(a.value));
    if (!(gap <= 1e-9 * scale)) return false;
  }
  return compareNodes(p, q, 0).likeness !== 'undecided' && exactFactor(p, q);
}

/** Doubles may hide a small term beside a large one; fractions do not. Also true if the sides have no exact values. */
function exactFactor(p: Node, q: Node): boolean {
  const names = variablesOf(p, q);
  const values = [0, 1, 2].map((number) => exactPoint(names, number)).map((at) => [tryExact(p, at), tryExact(q, at)]);
  const [first] = values;
  return values.every(([a, b]) => {
    const [left, right] = [cross(a, first?.[1]), cross(first?.[0], b)];
    return left === undefined || right === undefined || sameRational(left, right);
  });
}

function cross(a: Rational | undefined, b: Rational | undefined): Rational | undefined {
  return a && b && multiplyRational(a, b);
}
