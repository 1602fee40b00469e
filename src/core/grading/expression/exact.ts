import {
  addRational,
  binomialRational,
  divideRational,
  factorialRational,
  gcdRational,
  isZero,
  multiplyRational,
  negateRational,
  powerRational,
  type Rational,
  ratio,
  TooLargeError,
  whole,
} from '../rational.ts';
import type { Node } from './node.ts';

/** The exact value of an expression whose letters have the given values; undefined if it has none. Throws TooLargeError. */
export function exactValue(node: Node, values?: ReadonlyMap<string, Rational>): Rational | undefined {
  if (node.kind === 'number') return node.value;
  if (node.kind === 'symbol') return values?.get(node.name);
  if (node.kind !== 'apply') return undefined;
  const args: Rational[] = [];
  for (const arg of node.args) {
    const value = exactValue(arg, values);
    if (value === undefined) return undefined;
    args.push(value);
  }
  const [a, b] = args;
  if (a === undefined) return undefined;
  switch (node.op) {
    case 'add':
      return args.slice(1).reduce<Rational | undefined>((sum, term) => sum && addRational(sum, term), a);
    case 'negate':
      return negateRational(a);
    case 'absolute':
      return a.num < 0n ? negateRational(a) : a;
    case 'factorial':
      return factorialRational(a);
    case 'floor':
      return whole(floor(a));
    case 'gcd':
      return args.reduce<Rational | undefined>((common, value) => common && gcdRational(common, value), whole(0n));
    case 'ceiling':
      return whole(-floor(negateRational(a)));
    default:
      return b === undefined ? undefined : binary(node.op, a, b);
  }
}

function binary(op: string, a: Rational, b: Rational): Rational | undefined {
  switch (op) {
    case 'multiply':
      return multiplyRational(a, b);
    case 'divide':
      return divideRational(a, b);
    case 'power':
      return isZero(a) && b.num <= 0n ? undefined : powerRational(a, b);
    case 'root':
      return isZero(b) ? undefined : realRoot(a, b);
    case 'binomial':
      return binomialRational(a, b);
    case 'modulo':
      return remainder(a, b);
    default:
      return undefined;
  }
}

function remainder(a: Rational, b: Rational): Rational | undefined {
  const quotient = divideRational(a, b);
  const whole_ = quotient && multiplyRational(b, whole(floor(quotient)));
  return whole_ && addRational(a, negateRational(whole_));
}

function realRoot(a: Rational, degree: Rational): Rational | undefined {
  const inverse = divideRational(whole(1n), degree);
  if (inverse === undefined) return undefined;
  if (a.num >= 0n) return powerRational(a, inverse);
  if (degree.den !== 1n || degree.num % 2n === 0n) return undefined;
  const root = powerRational(negateRational(a), inverse);
  return root && negateRational(root);
}

function floor(a: Rational): bigint {
  const quotient = a.num / a.den;
  return a.num < 0n && a.num % a.den !== 0n ? quotient - 1n : quotient;
}

const TOPS = [7n, -5n, 11n, -13n, 17n, -19n, 23n];
const BOTTOMS = [3n, 2n, 4n, 6n, 5n];

/** Fractions for the names, different ones for each number of a point; the same in every run. */
export function exactPoint(names: readonly string[], number: number): Map<string, Rational> {
  const at = (list: readonly bigint[], i: number) => list[i % list.length] ?? 1n;
  return new Map(
    names.map((name, i) => [name, ratio(at(TOPS, number * 3 + i), at(BOTTOMS, number + i * 2)) ?? whole(1n)]),
  );
}

/** The exact value; undefined if there is none, or only one with too many digits. */
export function tryExact(node: Node, values?: ReadonlyMap<string, Rational>): Rational | undefined {
  try {
    return exactValue(node, values);
  } catch (error) {
    if (error instanceof TooLargeError) return undefined;
    throw error;
  }
}
