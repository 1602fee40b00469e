import { toNumber } from '../rational.ts';
import * as C from './complex.ts';
import type { Node } from './node.ts';

/** Where an expression is evaluated. */
export interface Point {
  readonly values: ReadonlyMap<string, number>;
  /** `\log` without a base: both conventions are in use, so the caller tries both. */
  readonly logBase: 'ten' | 'natural';
}

/**
 * Result of an evaluation. `scale` is the largest magnitude that was rounded, through all operations: a value is accurate to a few
 * 1e-16 of it. It exceeds the value itself if terms cancelled.
 */
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

/**
 * Evaluates in complex doubles with principal branches; roots of odd degree of a negative real number are real. First arguments are followed in a
 * loop, since a product of thousands of factors nests in them and would exceed the stack.
 */
export function evaluate(node: Node, point: Point): Evaluated {
  const parents: Extract<Node, { args: unknown }>[] = [];
  let first = node;
  while ('args' in first && first.args[0] !== undefined) {
    parents.push(first);
    first = first.args[0];
  }
  let result = leaf(first, point);
  for (const parent of parents.reverse()) {
    const args = [result];
    for (const arg of parent.args.slice(1)) args.push(evaluate(arg, point));
    result = applied(parent, result, args, point);
  }
  return result;
}

function leaf(node: Node, point: Point): Evaluated {
  if (node.kind === 'number') return exactly(C.complex(toNumber(node.value)));
  const symbol = node.kind === 'symbol' ? (CONSTANT[node.name] ?? point.values.get(node.name)) : undefined;
  return exactly(typeof symbol === 'object' ? symbol : C.complex(symbol ?? Number.NaN));
}

function applied(
  node: Extract<Node, { args: unknown }>,
  a: Evaluated,
  args: readonly Evaluated[],
  point: Point,
): Evaluated {
  if (node.kind === 'call') return called(node.name, a, args, point);
  if (node.op === 'add') return sum(args);
  const b = args[1];
  return b === undefined ? unary(node.op, a) : binary(node.op, a, b, args);
}

function exactly(value: C.Complex): Evaluated {
  return { value, scale: C.modulus(value) };
}

/** A value with the scales of its arguments; never below the value itself. */
function scaled(value: C.Complex, ...scales: number[]): Evaluated {
  return { value, scale: Math.max(C.modulus(value), ...scales) };
}

function sum(terms: readonly Evaluated[]): Evaluated {
  let total = C.complex(0);
  let scale = 0;
  for (const term of terms) {
    scale = Math.max(scale, term.scale);
    total = C.add(total, term.value);
  }
  return scaled(total, scale);
}

function called(name: string, a: Evaluated, args: readonly Evaluated[], point: Point): Evaluated {
  const known = ELEMENTARY[name];
  if (known !== undefined) return through(known, a);
  if (name === 'log') {
    return through((x) => (point.logBase === 'ten' ? C.divide(C.ln(x), C.complex(Math.LN10)) : C.ln(x)), a);
  }
  const scale = Math.max(...args.map((arg) => arg.scale));
  return scaled(
    opaque(
      name,
      args.map((arg) => arg.value),
    ),
    scale,
  );
}

/** Step of the finite difference that approximates a derivative. */
const STEP = 1e-6;

/** f(a). The rounding error of a reaches the result through the derivative. */
function through(f: (a: C.Complex) => C.Complex, a: Evaluated): Evaluated {
  const value = f(a.value);
  const size = C.modulus(a.value);
  if (a.scale <= size * 4 && size < 8 && C.modulus(value) < 1e6) return scaled(value);
  const step = STEP * Math.max(1, size);
  const slope = C.modulus(C.add(f(C.add(a.value, C.complex(step))), C.negate(value))) / step;
  return scaled(value, Number.isFinite(slope) ? slope * a.scale : 0);
}

function binary(op: string, a: Evaluated, b: Evaluated, args: readonly Evaluated[]): Evaluated {
  const [x, y] = [C.modulus(a.value), C.modulus(b.value)];
  switch (op) {
    case 'multiply':
      return scaled(C.multiply(a.value, b.value), x * b.scale, y * a.scale);
    case 'divide':
      return scaled(C.divide(a.value, b.value), a.scale / y, (x * b.scale) / (y * y));
    case 'power':
      return power(C.power(a.value, b.value), a, b);
    case 'root':
      return power(root(a.value, b.value), a, exactly(C.divide(C.complex(1), b.value)));
    case 'logarithm':
      return scaled(C.divide(C.ln(a.value), C.ln(b.value)), a.scale / x);
    case 'binomial':
      return exactly(
        C.complex(C.gamma(a.value.re + 1) / (C.gamma(b.value.re + 1) * C.gamma(a.value.re - b.value.re + 1))),
      );
    case 'modulo':
      return scaled(C.complex(a.value.re - b.value.re * Math.floor(a.value.re / b.value.re)), a.scale);
    case 'maximum':
      return exactly(C.complex(Math.max(...args.map((arg) => arg.value.re))));
    case 'minimum':
      return exactly(C.complex(Math.min(...args.map((arg) => arg.value.re))));
    case 'gcd':
      return exactly(C.complex(args.reduce((left, right) => gcd(left, right.value.re), 0)));
    case 'lcm':
      return exactly(C.complex(args.reduce((left, { value }) => Math.abs(left * value.re) / gcd(left, value.re), 1)));
    default:
      return exactly(C.complex(Number.NaN));
  }
}

/** The relative error of a base is multiplied by the exponent; that of an exponent by the logarithm of the base. */
function power(value: C.Complex, base: Evaluated, exponent: Evaluated): Evaluated {
  const size = C.modulus(value);
  const [x, y] = [C.modulus(base.value), C.modulus(exponent.value)];
  if (size === 0 || x === 0) return exactly(value);
  const ofExponent = y === 0 ? 1 : exponent.scale / y;
  return scaled(value, size * y * (base.scale / x), size * y * Math.abs(Math.log(x)) * ofExponent);
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

function unary(op: string, { value, scale }: Evaluated): Evaluated {
  const kept = op === 'negate' || op === 'absolute' ? scale : op === 'degrees' ? (scale * Math.PI) / 180 : 0;
  return scaled(unaryValue(op, value), kept);
}

function unaryValue(op: string, a: C.Complex): C.Complex {
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
  coth: (a) => C.divide(C.add(C.exp(a), C.exp(C.negate(a))), C.add(C.exp(a), C.negate(C.exp(C.negate(a))))),
  sech: (a) => C.divide(C.complex(2), C.add(C.exp(a), C.exp(C.negate(a)))),
  csch: (a) => C.divide(C.complex(2), C.add(C.exp(a), C.negate(C.exp(C.negate(a))))),
  arcsec: (a) => C.add(C.complex(Math.PI / 2), C.negate(C.arcsin(C.divide(ONE, a)))),
  arccsc: (a) => C.arcsin(C.divide(ONE, a)),
  arcsinh: (a) => areaSine(a),
  arccosh: (a) => C.ln(C.add(a, C.multiply(C.sqrt(C.add(a, C.negate(ONE))), C.sqrt(C.add(a, ONE))))),
  arctanh: (a) => C.divide(C.add(C.ln(C.add(ONE, a)), C.negate(C.ln(C.add(ONE, C.negate(a))))), C.complex(2)),
  ln: C.ln,
  lg: (a) => C.divide(C.ln(a), C.complex(Math.LN10)),
  exp: C.exp,
  cis: (a) => C.exp(C.multiply(C.complex(0, 1), a)),
  Gamma: (a) => C.complex(C.gamma(a.re), a.im === 0 ? 0 : Number.NaN),
  Re: (a) => C.complex(a.re),
  Im: (a) => C.complex(a.im),
};

/** ln(a + √(a² + 1)), odd, so that no digits cancel for negative numbers. */
function areaSine(a: C.Complex): C.Complex {
  if (a.re < 0) return C.negate(areaSine(C.negate(a)));
  return C.ln(C.add(a, C.sqrt(C.add(C.multiply(a, a), ONE))));
}

/** A function that only the problem defines: any fixed smooth function works, since f(a) equals f(b) wherever a equals b. */
function opaque(name: string, args: C.Complex[]): C.Complex {
  let seed = 7;
  for (const char of name) seed = (seed * 31 + (char.codePointAt(0) ?? 0)) % 1009;
  let total = C.complex(1 + seed / 1009);
  args.forEach((arg, i) => {
    total = C.add(total, C.sin(C.multiply(arg, C.complex(0.37 + i * 0.21 + seed / 5003))));
  });
  return total;
}
