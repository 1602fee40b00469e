import { toNumber } from '../rational.ts';
import * as C from './complex.ts';
import type { Node } from './node.ts';

/** Where an expression is evaluated. */
export interface Point {
  readonly values: ReadonlyMap<string, number>;
  /** `\log` without a base: both conventions are in use, so the caller tries both. */
  readonly logBase: 'ten' | 'natural';
}

/** Result of an evaluation, with the largest term of any sum in it: what cancellation took away is lost to rounding. */
export interface Evaluated {
  readonly value: C.Complex;
  readonly scale: number;
}

const CONSTANT: Readonly<Record<string, C.Complex>> = {
  pi: C.complex(Math.PI),
  e: C.complex(Math.E),
  i: C.complex(0, 1),
  infty: C.complex(Number.POSITIVE_INFINITY),
};

/** Evaluates in complex doubles with principal branches; roots of odd degree of a negative real number are real. */
export function evaluate(node: Node, point: Point): Evaluated {
  const run = new Evaluation(point);
  const value = run.at(node);
  return { value, scale: run.scale };
}

class Evaluation {
  scale = 0;
  private point: Point;

  constructor(point: Point) {
    this.point = point;
  }

  at(node: Node): C.Complex {
    if (node.kind === 'number') return C.complex(toNumber(node.value));
    if (node.kind === 'symbol') return CONSTANT[node.name] ?? C.complex(this.point.values.get(node.name) ?? Number.NaN);
    const args = node.args.map((arg) => this.at(arg));
    const [a, b] = args;
    if (a === undefined) return C.complex(Number.NaN);
    if (node.kind === 'call') return this.call(node.name, a, args);
    if (node.op === 'add') return this.sum(args);
    return b === undefined ? unary(node.op, a) : this.binary(node.op, a, b, args);
  }

  private sum(terms: C.Complex[]): C.Complex {
    let total = C.complex(0);
    for (const term of terms) {
      this.scale = Math.max(this.scale, C.modulus(term));
      total = C.add(total, term);
    }
    return total;
  }

  private call(name: string, a: C.Complex, args: C.Complex[]): C.Complex {
    const known = ELEMENTARY[name];
    if (known !== undefined) return known(a);
    if (name === 'log') return this.point.logBase === 'ten' ? C.divide(C.ln(a), C.complex(Math.LN10)) : C.ln(a);
    return opaque(name, args);
  }

  private binary(op: string, a: C.Complex, b: C.Complex, args: C.Complex[]): C.Complex {
    switch (op) {
      case 'multiply':
        return C.multiply(a, b);
      case 'divide':
        return C.divide(a, b);
      case 'power':
        return C.power(a, b);
      case 'root':
        return root(a, b);
      case 'logarithm':
        return C.divide(C.ln(a), C.ln(b));
      case 'binomial':
        return C.complex(C.gamma(a.re + 1) / (C.gamma(b.re + 1) * C.gamma(a.re - b.re + 1)));
      case 'maximum':
        return C.complex(Math.max(...args.map((arg) => arg.re)));
      case 'minimum':
        return C.complex(Math.min(...args.map((arg) => arg.re)));
      case 'gcd':
        return C.complex(args.reduce((left, right) => gcd(left, right.re), 0));
      case 'lcm':
        return C.complex(args.reduce((left, right) => Math.abs(left * right.re) / gcd(left, right.re), 1));
      default:
        return C.complex(Number.NaN);
    }
  }
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  if (!Number.isSafeInteger(x) || !Number.isSafeInteger(y)) return Number.NaN;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function root(a: C.Complex, degree: C.Complex): C.Complex {
  if (degree.re === 2 && degree.im === 0) return C.sqrt(a);
  if (degree.re === 3 && degree.im === 0 && a.im === 0) return C.complex(Math.cbrt(a.re));
  const odd = degree.im === 0 && Math.abs(degree.re % 2) === 1;
  if (odd && a.im === 0 && a.re < 0) return C.negate(C.power(C.negate(a), C.divide(C.complex(1), degree)));
  return C.power(a, C.divide(C.complex(1), degree));
}

function unary(op: string, a: C.Complex): C.Complex {
  switch (op) {
    case 'negate':
      return C.negate(a);
    case 'absolute':
      return C.complex(C.modulus(a));
    case 'factorial':
      return Number.isInteger(a.re) && a.re < 0
        ? C.complex(Number.NaN)
        : C.complex(C.gamma(a.re + 1), a.im === 0 ? 0 : Number.NaN);
    case 'floor':
      return C.complex(Math.floor(a.re + 1e-11));
    case 'ceiling':
      return C.complex(Math.ceil(a.re - 1e-11));
    case 'degrees':
      return C.multiply(a, C.complex(Math.PI / 180));
    case 'maximum':
    case 'minimum':
    case 'gcd':
    case 'lcm':
      return a;
    default:
      return C.complex(Number.NaN);
  }
}

const ONE = C.complex(1);
const ELEMENTARY: Readonly<Record<string, (a: C.Complex) => C.Complex>> = {
  sin: C.sin,
  cos: C.cos,
  tan: (a) => C.divide(C.sin(a), C.cos(a)),
  cot: (a) => C.divide(C.cos(a), C.sin(a)),
  sec: (a) => C.divide(ONE, C.cos(a)),
  csc: (a) => C.divide(ONE, C.sin(a)),
  arcsin: C.arcsin,
  arccos: (a) => C.add(C.complex(Math.PI / 2), C.negate(C.arcsin(a))),
  arctan: C.arctan,
  arccot: (a) => C.add(C.complex(Math.PI / 2), C.negate(C.arctan(a))),
  sinh: (a) => C.divide(C.add(C.exp(a), C.negate(C.exp(C.negate(a)))), C.complex(2)),
  cosh: (a) => C.divide(C.add(C.exp(a), C.exp(C.negate(a))), C.complex(2)),
  tanh: (a) => C.divide(C.add(C.exp(a), C.negate(C.exp(C.negate(a)))), C.add(C.exp(a), C.exp(C.negate(a)))),
  ln: C.ln,
  lg: (a) => C.divide(C.ln(a), C.complex(Math.LN10)),
  exp: C.exp,
  cis: (a) => C.exp(C.multiply(C.complex(0, 1), a)),
  Gamma: (a) => C.complex(C.gamma(a.re), a.im === 0 ? 0 : Number.NaN),
  Re: (a) => C.complex(a.re),
  Im: (a) => C.complex(a.im),
};

/** A function that only the problem knows: any fixed smooth function will do, for f(a) equals f(b) wherever a equals b. */
function opaque(name: string, args: C.Complex[]): C.Complex {
  let seed = 7;
  for (const char of name) seed = (seed * 31 + (char.codePointAt(0) ?? 0)) % 1009;
  let total = C.complex(1 + seed / 1009);
  args.forEach((arg, i) => {
    total = C.add(total, C.sin(C.multiply(arg, C.complex(0.37 + i * 0.21 + seed / 5003))));
  });
  return total;
}
