import {
  addRational,
  binomialRational,
  divideRational,
  factorialRational,
  isZero,
  multiplyRational,
  negateRational,
  powerRational,
  type Rational,
  whole,
} from '../rational.ts';
import type { Node } from './node.ts';

/** The exact value of an expression of numbers, or undefined where it has none. Throws TooLargeError. */
export function exactValue(node: Node): Rational | undefined {
  if (node.kind === 'number') return node.value;
  if (node.kind !== 'apply') return undefined;
  const args: Rational[] = [];
  for (const arg of node.args) {
    const value = exactValue(arg);
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
    default:
      return undefined;
  }
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
