import { type Rational, TooLargeError } from '../rational.ts';
import * as B from './ball.ts';
import { exactValue } from './exact.ts';
import type { Node } from './node.ts';
import { arctanOfBall, expOfBall, lnOfBall, piBall, sinCosOfBall } from './transcendental.ts';

/** Digits of the first attempt, and of the second, which is for values that the first can't tell from one another or from zero. */
const PRECISIONS = [320, 2_400];
/** Values that agree to this many binary digits, and whose difference is below 2^-this, are taken for equal. */
const AGREEING = 160;
/** What can't be told from zero is zero when it is smaller than 2^-this. */
const NOTHING = 1_800;

type Values = ReadonlyMap<string, Rational> | undefined;

/**
 * Real values of two expressions with bounds of their errors. `different` is proven; `equal`: they agree to some fifty digits, and in absolute
 * terms as well, so that a one more or less shows in large values. Undefined where neither can be told, or a part is not real.
 */
export function comparePrecisely(gold: Node, prediction: Node, values?: Values): 'equal' | 'different' | undefined {
  try {
    for (const bits of PRECISIONS) {
      const [a, b] = [ballOf(gold, bits, values), ballOf(prediction, bits, values)];
      const gap = B.addBalls(a, B.negateBall(b), bits);
      if (!B.containsZero(gap)) return 'different';
      const known = [a, b].filter((value) => !B.containsZero(value)).map(B.sizeOf);
      const radius = B.radiusOf(gap);
      if (known.length > 0 ? radius <= Math.min(0, ...known) - AGREEING : radius <= -NOTHING) return 'equal';
    }
    return undefined;
  } catch (error) {
    if (error instanceof B.NoBallError || error instanceof TooLargeError || error instanceof RangeError)
      return undefined;
    throw error;
  }
}

function none(what: string): never {
  throw new B.NoBallError(`No way to work out ${what}.`);
}

function ballOf(node: Node, bits: number, values: Values): B.Ball {
  if (node.kind === 'number') return B.rationalBall(node.value, bits);
  if (node.kind === 'symbol') return symbol(node.name, bits, values);
  const of = (arg: Node | undefined) => (arg === undefined ? none(node.kind) : ballOf(arg, bits, values));
  if (node.kind === 'call') return called(node.name, of(node.args[0]), bits);
  const [first, second] = node.args;
  switch (node.op) {
    case 'add':
      return node.args.map(of).reduce((sum, term) => B.addBalls(sum, term, bits));
    case 'negate':
      return B.negateBall(of(first));
    case 'multiply':
      return B.multiplyBalls(of(first), of(second), bits);
    case 'divide':
      return B.divideBalls(of(first), of(second), bits);
    case 'absolute': {
      const value = of(first);
      return value.mid < 0n ? B.negateBall(value) : value;
    }
    case 'floor':
      return B.floorOfBall(of(first));
    case 'ceiling':
      return B.negateBall(B.floorOfBall(B.negateBall(of(first))));
    case 'degrees':
      return B.divideBalls(B.multiplyBalls(of(first), piBall(bits), bits), B.wholeBall(180n), bits);
    case 'logarithm':
      return B.divideBalls(lnOfBall(of(first), bits), lnOfBall(of(second), bits), bits);
    case 'root':
      return root(of(first), exactly(second, values), bits);
    case 'power':
      return power(first, second, bits, values);
    default: {
      const value = exactly(node, values);
      return value === undefined ? none(node.op) : B.rationalBall(value, bits);
    }
  }
}

function exactly(node: Node | undefined, values: Values): Rational | undefined {
  return node && exactValue(node, values);
}

function symbol(name: string, bits: number, values: Values): B.Ball {
  if (name === 'pi') return piBall(bits);
  if (name === 'e') return expOfBall(B.wholeBall(1n), bits);
  const value = values?.get(name);
  return value === undefined ? none(name) : B.rationalBall(value, bits);
}

/** A real root; of odd degree also of a negative number. */
function root(a: B.Ball, degree: Rational | undefined, bits: number): B.Ball {
  if (degree?.den !== 1n || degree.num < 1n || degree.num > 64n) return none('the root');
  if (a.mid < 0n && degree.num % 2n === 1n)
    return B.negateBall(B.rootOfBall(B.negateBall(a), Number(degree.num), bits));
  return B.rootOfBall(a, Number(degree.num), bits);
}

function power(base: Node | undefined, exponent: Node | undefined, bits: number, values: Values): B.Ball {
  if (base === undefined || exponent === undefined) return none('a power');
  const exact = exactly(exponent, values);
  if (base.kind === 'symbol' && base.name === 'e') return expOfBall(ballOf(exponent, bits, values), bits);
  const a = ballOf(base, bits, values);
  if (exact !== undefined && exact.den <= 64n && !(a.mid === 0n && a.rad === 0n)) {
    const taken = exact.den === 1n ? a : B.rootOfBall(a, Number(exact.den), bits);
    return B.powerOfBall(taken, exact.num, bits);
  }
  return expOfBall(B.multiplyBalls(ballOf(exponent, bits, values), lnOfBall(a, bits), bits), bits);
}

const ONE = B.wholeBall(1n);
const TWO = B.wholeBall(2n);

/** `log` is not among them, for its base is a convention. */
function called(name: string, x: B.Ball, bits: number): B.Ball {
  const plus = (a: B.Ball, b: B.Ball) => B.addBalls(a, b, bits);
  const minus = (a: B.Ball, b: B.Ball) => plus(a, B.negateBall(b));
  const times = (a: B.Ball, b: B.Ball) => B.multiplyBalls(a, b, bits);
  const over = (a: B.Ball, b: B.Ball) => B.divideBalls(a, b, bits);
  const half = (a: B.Ball): B.Ball => ({ ...a, exp: a.exp - 1 });
  const root2 = (a: B.Ball) => B.rootOfBall(a, 2, bits);
  const { sin, cos } = /^(?:sin|cos|tan|cot|sec|csc)$/.test(name) ? sinCosOfBall(x, bits) : { sin: ONE, cos: ONE };
  switch (name) {
    case 'sin':
      return sin;
    case 'cos':
      return cos;
    case 'tan':
      return over(sin, cos);
    case 'cot':
      return over(cos, sin);
    case 'sec':
      return over(ONE, cos);
    case 'csc':
      return over(ONE, sin);
    case 'arcsin':
      return arcsin(x, bits);
    case 'arccos':
      return minus(half(piBall(bits)), arcsin(x, bits));
    case 'arctan':
      return arctanOfBall(x, bits);
    case 'arccot':
      return minus(half(piBall(bits)), arctanOfBall(x, bits));
    case 'exp':
      return expOfBall(x, bits);
    case 'ln':
      return lnOfBall(x, bits);
    case 'lg':
      return over(lnOfBall(x, bits), lnOfBall(B.wholeBall(10n), bits));
    case 'sinh':
      return half(minus(expOfBall(x, bits), expOfBall(B.negateBall(x), bits)));
    case 'cosh':
      return half(plus(expOfBall(x, bits), expOfBall(B.negateBall(x), bits)));
    case 'tanh': {
      const squared = expOfBall(times(TWO, x), bits);
      return over(minus(squared, ONE), plus(squared, ONE));
    }
    case 'arsinh':
      return lnOfBall(plus(x, root2(plus(times(x, x), ONE))), bits);
    case 'arcosh':
      return lnOfBall(plus(x, root2(minus(times(x, x), ONE))), bits);
    case 'artanh':
      return half(lnOfBall(over(plus(ONE, x), minus(ONE, x)), bits));
    default:
      return none(name);
  }
}

function arcsin(x: B.Ball, bits: number): B.Ball {
  const rest = B.addBalls(ONE, B.negateBall(B.multiplyBalls(x, x, bits)), bits);
  if (rest.mid !== 0n || rest.rad !== 0n)
    return arctanOfBall(B.divideBalls(x, B.rootOfBall(rest, 2, bits), bits), bits);
  const half = piBall(bits);
  return { ...half, mid: x.mid < 0n ? -half.mid : half.mid, exp: half.exp - 1 };
}
