import { compareNodes, roundedAlike, roundsToGold } from '../expression/compare.ts';
import { ExpressionError, NeedsEngineError } from '../expression/error.ts';
import { tryExact } from '../expression/exact.ts';
import { type Node, renamed, sameNodes, some, variablesOf } from '../expression/node.ts';
import { parseExpression } from '../expression/parse.ts';
import { isZero, type Rational } from '../rational.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

/** Reads one expression; undefined if the text is not one. */
export function readExpression(text: string): ValueOf<'expression'> | undefined {
  try {
    return { shape: 'expression', text, node: parseExpression(text) };
  } catch (error) {
    if (error instanceof NeedsEngineError) return { shape: 'expression', text, node: undefined };
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** A number as written: only sign, fraction and exponent as operators. */
function isNumeric(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === 'number') return true;
  return node.kind === 'apply' && node.args.every(isNumeric);
}

/** The exact rational value of a number; undefined for anything else. */
export function exactOf(value: Value): Rational | undefined {
  return value.shape === 'expression' && value.node !== undefined ? tryExact(value.node) : undefined;
}

/** Compares exactly if both are rational, else numerically, else with the engine. */
export function equalExpressions(
  gold: ValueOf<'expression'>,
  prediction: ValueOf<'expression'>,
  comparison: Comparison,
): boolean {
  comparison.method = isNumeric(gold.node) && isNumeric(prediction.node) ? 'number' : 'expression';
  comparison.because = () => 'Both are the same expression.';
  if (gold.text === prediction.text) return true;
  let nodes: [Node, Node] | undefined;
  if (gold.node !== undefined && prediction.node !== undefined) {
    nodes = oneConstant(...oneImaginaryUnit(gold.node, prediction.node));
    const { likeness, because } = compareNodes(...nodes, comparison.policy.relativeTolerance);
    // The digits of a double can't decide whether two large irrational numbers are equal.
    if ((likeness === 'close' || likeness === 'undecided') && sameNodes(...nodes)) return true;
    comparison.because = because;
    if (likeness === 'equal') return true;
    if (comparison.policy.decimals === 'rounded' && roundedAlike(gold.node, prediction.node)) {
      comparison.because = () => 'One is a decimal to which the other rounds.';
      return true;
    }
    if (comparison.policy.decimals === 'gold' && roundsToGold(gold.node, prediction.node)) {
      comparison.because = () => 'The answer rounds to the gold at its own decimal places.';
      return true;
    }
    if (likeness === 'different') return false;
  }
  comparison.needsEngine ||= comparison.engine === undefined;
  const equal = comparison.engine?.equal(
    { text: gold.text, node: nodes?.[0] },
    { text: prediction.text, node: nodes?.[1] },
  );
  if (equal === undefined && isNoValue(prediction, comparison)) {
    comparison.because = () => 'The answer has no value that could be compared.';
    return false;
  }
  comparison.undecided ||= equal === undefined;
  comparison.because = () => {
    if (equal === undefined) return 'Could not decide whether they are equal.';
    return equal ? 'The compute engine finds them equal.' : 'The compute engine finds them different.';
  };
  return equal ?? false;
}

/** An unreadable text or a division by zero: never equal to the gold. */
function isNoValue({ text, node }: ValueOf<'expression'>, { engine }: Comparison): boolean {
  if (node === undefined) return engine?.reads(text) === false;
  return some(node, (part) => {
    const divisor = part.kind === 'apply' && part.op === 'divide' ? part.args[1] : undefined;
    const value = divisor && tryExact(divisor);
    return value !== undefined && isZero(value);
  });
}

/** The constant of an integral is `C`, `c` or `K`: one name for both if each side adds one. */
function oneConstant(a: Node, b: Node): [Node, Node] {
  const [left, right] = [addedConstant(a), addedConstant(b)];
  return left === undefined || right === undefined || left === right ? [a, b] : [a, renamed(b, right, left)];
}

/** A single C, c or K among the terms of a sum that has other letters, and nowhere else in it. */
function addedConstant(node: Node): string | undefined {
  if (node.kind !== 'apply' || node.op !== 'add') return undefined;
  const names = node.args.flatMap((arg) => (arg.kind === 'symbol' && /^[CcK]$/.test(arg.name) ? [arg.name] : []));
  const [name] = names;
  const others = node.args.filter((arg) => !(arg.kind === 'symbol' && arg.name === name));
  if (names.length !== 1 || name === undefined || others.some((arg) => hasSymbol(arg, name))) return undefined;
  return variablesOf(...others).length > 0 ? name : undefined;
}

/** Engineers write `3 + 4j`. Beside a real part, and compared with an i, the j is not a vector. */
function oneImaginaryUnit(a: Node, b: Node): [Node, Node] {
  if (isSumWith(a, 'i', []) && isSumWith(b, 'j', ['j'])) return [a, renamed(b, 'j', 'i')];
  if (isSumWith(b, 'i', []) && isSumWith(a, 'j', ['j'])) return [renamed(a, 'j', 'i'), b];
  return [a, b];
}

/** A sum of a number and multiples of the unit, without other letters. */
function isSumWith(node: Node, unit: string, variables: readonly string[]): boolean {
  if (node.kind !== 'apply' || node.op !== 'add' || variablesOf(node).join() !== variables.join()) return false;
  const real = node.args.filter((arg) => tryExact(arg) !== undefined).length;
  return real > 0 && real < node.args.length && (unit === 'j' || hasSymbol(node, unit));
}

function hasSymbol(node: Node, name: string): boolean {
  return some(node, (part) => part.kind === 'symbol' && part.name === name);
}
