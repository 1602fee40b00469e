import { samplePoints } from './expression/compare.ts';
import * as C from './expression/complex.ts';
import { mathJson } from './expression/math-json.ts';
import { type Node, some, variablesOf } from './expression/node.ts';
import { evaluate } from './expression/numeric.ts';
import type { SymbolicEngine } from './shapes/value.ts';

/** Significant digits of the engine's arithmetic, how many of them must agree, and the largest rounding error of a zero difference. */
const DIGITS = 60;
const AGREEING = 1e-30;
const NOISE = 1e-50;
/** Complex logarithms and powers have only the digits of a double: a smaller difference decides nothing. */
const COMPLEX = 1e-9;
const POINTS = 4;
/** The largest tree, and the largest value in it, for which exact arithmetic ends soon. */
const MAX_NODES = 60;
const MAX_SIZE = 1e15;
/** The engine raises complex numbers to whole powers by repeated multiplication. */
const MAX_COMPLEX_POWER = 1e4;
/** Numerical quadrature, limits and infinite sums have about this relative error; nothing else does. */
const NUMERIC = 1e-8;
const APPROXIMATED = /\\(?:i*int|oint|lim)(?![a-zA-Z])|\\(?:sum|prod)_\{[^{}]*\}\^\{?\\infty/;
/** Above this size a relative error may hide a whole number. */
const MAX_APPROXIMATED = 1e4;

/** The engine reads a sum or product without its index as an empty one, which equals 0 or 1. */
function hasBounds(text: string): boolean {
  const operators = text.match(/\\(?:sum|prod)(?![a-zA-Z])/g)?.length ?? 0;
  const bounded = text.match(/\\(?:sum|prod)_\{[a-zA-Z]=[^{}=]+\}\^/g)?.length ?? 0;
  return operators === bounded;
}

type Values = ReadonlyMap<string, number>;

/** Small whole numbers for the letters of both sides; one empty point where there are none. */
function wholePoints(names: readonly string[]): Values[] {
  const whole = (value: number) => Math.round(Math.abs(value) * 4) + 2;
  const points = samplePoints(names, names.length === 0 ? 1 : POINTS);
  return points.map((point) => new Map([...point].map(([name, value]) => [name, whole(value)])));
}

/** In doubles, with the engine's base of logarithms. */
const evaluated = (node: Node, values: Values) => evaluate(node, { values, logBase: 'ten' });

/** Whether the tree and its values are small enough for the engine. */
function isSmall(node: Node, values: Values): boolean {
  let left = MAX_NODES;
  return !some(node, (part) => {
    left -= 1;
    return left < 0 || !(C.modulus(evaluated(part, values).value) <= MAX_SIZE) || isLongPower(part, values);
  });
}

function isLongPower(node: Node, values: Values): boolean {
  if (node.kind !== 'apply' || node.op !== 'power') return false;
  const [base, exponent] = node.args.map((arg) => evaluated(arg, values).value);
  return base !== undefined && exponent !== undefined && base.im !== 0 && C.modulus(exponent) > MAX_COMPLEX_POWER;
}

/** Loads the compute engine (3.4 MB of code, about 0.3 s): for sums, integrals, limits, and constants that doubles can't distinguish. */
export async function loadEngine(): Promise<SymbolicEngine> {
  const { ComputeEngine } = await import('@cortex-js/compute-engine');
  const engine = new ComputeEngine();
  engine.precision = DIGITS;
  type Expression = NonNullable<ReturnType<typeof engine.parse>>;

  /** `error` is relative; `scale` is the largest magnitude that was rounded. */
  const near = (a: Expression, b: Expression, error: number, scale: number): boolean | undefined => {
    const [x, y] = [a.N(), b.N()];
    if (Number.isNaN(x.re) || Number.isNaN(y.re)) return undefined;
    const finite = [x, y].map((value) => Number.isFinite(value.re) && Number.isFinite(value.im));
    if (!finite[0] || !finite[1]) return finite[0] === finite[1] ? undefined : false;
    const gap = a.sub(b).N();
    const size = Math.max(Math.hypot(x.re, x.im), Math.hypot(y.re, y.im));
    const distance = Math.hypot(gap.re, gap.im);
    // Both are below the range of doubles, which is not zero.
    if (size === 0 && gap.is(0) !== true) return x.is(0) || y.is(0) ? false : undefined;
    if (distance <= Math.max(NOISE * scale, AGREEING * size, error * size))
      return size <= (error > 0 ? MAX_APPROXIMATED : MAX_SIZE) ? true : undefined;
    return (x.im !== 0 || y.im !== 0) && distance <= COMPLEX * size ? undefined : false;
  };

  const agree = (points: readonly Values[], sameAt: (values: Values) => boolean | undefined): boolean | undefined => {
    let agreed = 0;
    for (const values of points) {
      const same = sameAt(values);
      if (same === false) return false;
      if (same) agreed += 1;
    }
    return agreed >= (points[0]?.size === 0 ? 1 : 2) ? true : undefined;
  };

  const equalNodes = (gold: Node, prediction: Node): boolean | undefined => {
    const names = variablesOf(gold, prediction);
    const points = wholePoints(names).filter((values) => isSmall(gold, values) && isSmall(prediction, values));
    const [left, right] = [mathJson(gold, names), mathJson(prediction, names)];
    if (points.length === 0 || left === undefined || right === undefined) return undefined;
    const [a, b] = [engine.box(left), engine.box(right)];
    return agree(points, (values) => {
      const at = Object.fromEntries(names.map((name, i) => [`v${i}`, values.get(name) ?? 0]));
      const scale = Math.max(evaluated(gold, values).scale, evaluated(prediction, values).scale);
      return Number.isFinite(scale) ? near(a.subs(at), b.subs(at), 0, scale) : undefined;
    });
  };

  const equalTexts = (gold: string, prediction: string): boolean | undefined => {
    if (!hasBounds(gold) || !hasBounds(prediction)) return undefined;
    const [a, b] = [engine.parse(gold), engine.parse(prediction)];
    if (!a?.isValid || !b?.isValid) return undefined;
    const names = [...new Set([...a.unknowns, ...b.unknowns])].sort();
    const error = APPROXIMATED.test(gold) || APPROXIMATED.test(prediction) ? NUMERIC : 0;
    if (names.length > 0 && a.isSame(b)) return true;
    const found = agree(wholePoints(names), (values) => {
      const at = Object.fromEntries(values);
      return near(a.subs(at), b.subs(at), error, 1);
    });
    return found ?? (names.length > 0 && a.isEqual(b) === true ? true : undefined);
  };

  return {
    reads: (text) => hasBounds(text) && engine.parse(text)?.isValid === true,
    equal(gold, prediction) {
      try {
        if (gold.node === undefined || prediction.node === undefined) return equalTexts(gold.text, prediction.text);
        return equalNodes(gold.node, prediction.node);
      } catch (error) {
        // Numbers too long for JavaScript, or recursion too deep: no decision.
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    },
  };
}
