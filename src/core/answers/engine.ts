import { samplePoints } from './expression/compare.ts';
import type { SymbolicEngine } from './shapes/value.ts';

/** Significant digits of the engine's arithmetic, and how many of them must agree. */
const DIGITS = 50;
const AGREEING = 30;
const POINTS = 4;
/** Numerical quadrature, limits and endless sums come with about this relative error; nothing else does. */
const NUMERIC = 1e-8;
const APPROXIMATED = /\\(?:i*int|oint|lim|sum|prod)(?![a-zA-Z])/;

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
    return distance <= 10 ** -AGREEING * Math.max(size, 1) || distance <= error * size;
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

  return {
    equal(gold, prediction) {
      if (!hasBounds(gold) || !hasBounds(prediction)) return undefined;
      const [a, b] = [engine.parse(gold), engine.parse(prediction)];
      if (!a?.isValid || !b?.isValid) return undefined;
      if (a.isSame(b)) return true;
      const names = [...new Set([...a.unknowns, ...b.unknowns])].sort();
      const error = APPROXIMATED.test(gold) || APPROXIMATED.test(prediction) ? NUMERIC : 0;
      if (names.length === 0) return near(a, b, error);
      return a.isEqual(b) === true ? true : sampled(a, b, names, error);
    },
  };
}
