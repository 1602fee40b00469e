/** Value and gradient of a function at a point. */
export type Objective = (at: Float64Array) => [value: number, gradient: Float64Array];

const MEMORY = 12;
const ENOUGH = 1e-6;

/** L-BFGS with a backtracking line search (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 3.1). Deterministic. */
export function minimise(objective: Objective, start: Float64Array, steps: number): Float64Array {
  let at = start;
  let [value, gradient] = objective(at);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let step = 0; step < steps; step += 1) {
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    if (slope > -ENOUGH) break;
    let size = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next = along(at, direction, size);
    let [nextValue, nextGradient] = objective(next);
    for (let tries = 0; nextValue > value + 1e-4 * size * slope && tries < 30; tries += 1) {
      size /= 2;
      next = along(at, direction, size);
      [nextValue, nextGradient] = objective(next);
    }
    if (nextValue >= value) break;
    const s = along(next, at, -1);
    const y = along(nextGradient, gradient, -1);
    const curvature = dot(s, y);
    if (curvature > 1e-10) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > MEMORY) pairs.shift();
    const gained = value - nextValue;
    [at, value, gradient] = [next, nextValue, nextGradient];
    if (gained < ENOUGH * Math.max(1, Math.abs(value))) break;
  }
  return at;
}

function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  let direction = scaled(gradient, -1);
  const alphas: number[] = [];
  for (const { s, y, rho } of [...pairs].reverse()) {
    const alpha = rho * dot(s, direction);
    alphas.push(alpha);
    direction = along(direction, y, -alpha);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = dot(last.s, last.y) / dot(last.y, last.y);
    direction = scaled(direction, scale);
  }
  for (const { s, y, rho } of pairs) {
    const beta = rho * dot(y, direction);
    direction = along(direction, s, (alphas.pop() ?? 0) - beta);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function scaled(a: Float64Array, size: number): Float64Array {
  return a.map((value) => value * size);
}

/** a + size · b */
function along(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i += 1) sum[i] = (a[i] ?? 0) + size * (b[i] ?? 0);
  return sum;
}
