import { samplePoints } from './expression/compare.ts';
import type { SymbolicEngine } from './shapes/value.ts';

/** Significant digits of the engine's arithmetic, and how many of them must agree. */
const DIGITS = 50;
const AGREEING = 30;
const POINTS = 4;
/** Numerical quadrature, limits and endless sums come with about this relative error; nothing else does. */
const NUMERIC = 1e-8;
const APPROXIMATED = /\\(?:i*int|oint|lim)(?![a-zA-Z])|\\(?:sum|prod)_\{[^{}]*\}\^\{?\\infty/;
/** Above this size a relative error may hide a whole number; with all digits, above the second. */
const MAX_APPROXIMATED = 1e4;
const MAX_SIZE = 1e15;

/** The engine reads a sum or product without its index as an empty one, which equals 0 or 1. */
function hasBounds(text: string): boolean {
  const operators = text.match(/\\(?:sum|prod)(?![a-zA-Z])/g)?.length ?? 0;
  const bounded = text.match(/\\(?:sum|prod)_\{[a-zA-Z]=[^{}=]+\}\^/g)?.length ?? 0;
  return operators === bounded;
}

/** Loads the compute engine (3.4 MB of code, about 0.3 s), so only where an answer needs it. */
export async function loadEngine(): Promise<SymbolicEngine> {
  const { ComputeEngine } = await import('@cortex-js/compute-engine');
  const engine = new ComputeEngine();
  engine.precision = DIGITS;
  type Expression = NonNullable<ReturnType<typeof engine.parse>>;

  const near = (a: Expression, b: Expression, error: number): boolean | undefined => {
    const [x, y] = [a.N(), b.N()];
    if (Number.isNaN(x.re) || Number.isNaN(y.re)) return undefined;
    const finite = [x, y].map((value) => Number.isFinite(value.re) && Number.isFinite(value.im));
    if (!finite[0] || !finite[1]) return finite[0] === finite[1] ? undefined : false;
    const gap = a.sub(b).N();
    const size = Math.max(Math.hypot(x.re, x.im), Math.hypot(y.re, y.im));
    const distance = Math.hypot(gap.re, gap.im);
    if (distance > Math.max(10 ** -AGREEING * Math.max(size, 1), error * size)) return false;
    return size <= (error > 0 ? MAX_APPROXIMATED : MAX_SIZE) ? true : undefined;
  };

  const sampled = (a: Expression, b: Expression, names: readonly string[], error: number): boolean | undefined => {
    let agreed = 0;
    for (const values of samplePoints(names, POINTS)) {
      const at = Object.fromEntries([...values].map(([name, value]) => [name, Math.round(Math.abs(value) * 4) + 2]));
      const same = near(a.subs(at), b.subs(at), error);
      if (same === false) return false;
      if (same) agreed += 1;
    }
    return agreed >= 2 ? true : undefined;
  };

  const equal = (gold: string, prediction: string): boolean | undefined => {
    if (!hasBounds(gold) || !hasBounds(prediction)) return undefined;
    const [a, b] = [engine.parse(gold), engine.parse(prediction)];
    if (!a?.isValid || !b?.isValid) return undefined;
    const names = [...new Set([...a.unknowns, ...b.unknowns])].sort();
    const error = APPROXIMATED.test(gold) || APPROXIMATED.test(prediction) ? NUMERIC : 0;
    if (names.length === 0) return near(a, b, error);
    if (a.isSame(b)) return true;
    const found = sampled(a, b, names, error);
    return found ?? (a.isEqual(b) === true ? true : undefined);
  };

  return {
    reads: (text) => hasBounds(text) && engine.parse(text)?.isValid === true,
    equal(gold, prediction) {
      try {
        return equal(gold, prediction);
      } catch (error) {
        // Numbers too long for the language, and recursion too deep: it cannot tell.
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    },
  };
}
