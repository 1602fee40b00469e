import { type Check, near, range, strings, subsets } from './gold.ts';

/** Where a function that changes its sign once on [low, high] is zero. */
function zero(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2;
    if (f(a) < 0 === f(middle) < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** Expected flips, from the distribution of the token after 1, 2, … flips. */
function expectedFlips(): number {
  let squares = [1, 0, 0];
  let expected = 0;
  // After 2,000 flips the chance to be still on the way is below 1e-200.
  for (let flip = 0; flip < 2000; flip++) {
    const [zeroth = 0, first = 0, second = 0] = squares;
    const onTheWay = zeroth + first + second;
    expected += onTheWay;
    squares = [onTheWay / 3, (zeroth * 2) / 3, (first * 2) / 3];
  }
  return expected;
}

/** The polynomial of degree 4 through (k, 3^k), k = 0 … 4, by Lagrange's formula. */
function interpolated(x: number): number {
  const nodes = range(0, 4);
  return nodes.reduce((sum, k) => {
    const others = nodes.filter((j) => j !== k);
    return sum + others.reduce((product, j) => (product * (x - j)) / (k - j), 3 ** k);
  }, 0);
}

/** The largest c on the circle in which plane and sphere meet, by walking around it. */
function largestC(): number {
  const radius = Math.sqrt(21 - 49 / 3);
  const steps = 200_000;
  return range(0, steps).reduce((most, k) => {
    const angle = (2 * Math.PI * k) / steps;
    // Unit vectors of the plane a + b + c = 0: (1, −1, 0)/√2 has no c, (1, 1, −2)/√6 has −2/√6.
    return Math.max(most, 7 / 3 + (radius * Math.sin(angle) * -2) / Math.sqrt(6));
  }, Number.NEGATIVE_INFINITY);
}

export const CONTEST_CHECKS: Readonly<Record<string, Check>> = {
  'contest-01': ({ value }) => value === range(1, 2000).filter((n) => (n * n + n + 1) % 21 === 0).length,
  'contest-02': ({ value }) => value === subsets(12).filter((set) => ![...set].some((k) => set.has(k + 2))).length,
  'contest-03': ({ value }) => {
    // B = (0, 0), C = (21, 0), A = (6, 8); the distances from (t, 0) to AB and AC.
    const toAB = (t: number): number => (8 * t) / Math.hypot(6, 8);
    const toAC = (t: number): number => (8 * (21 - t)) / Math.hypot(15, 8);
    const t = zero((x) => toAB(x) - toAC(x), 0, 21);
    return Math.hypot(6, 8) === 10 && Math.hypot(15, 8) === 17 && near(value, toAB(t));
  },
  'contest-04': ({ value }) => near(value, expectedFlips()),
  'contest-05': ({ value }) => near(value, largestC(), 1e-8),
  'contest-06': ({ value }) => near(value, interpolated(6), 1e-6),
  'contest-07': ({ value }) =>
    value ===
    strings([1, 2, 3], 6).filter(
      (digits) => digits.every((d, k) => d !== digits[k + 1]) && digits.reduce((sum, d) => sum + d, 0) % 3 === 0,
    ).length,
  'contest-08': ({ value }) => {
    let power = 7;
    let n = 1;
    for (; power !== 1; n++) power = (power * 7) % 10_000;
    return value === n;
  },
  'contest-09': ({ value }) => {
    // The crease holds the points as far from (0, 0) as from (24, 10); it meets the long sides y = 0 and y = 10.
    const onSide = (y: number): number => zero((x) => Math.hypot(x, y) - Math.hypot(24 - x, 10 - y), 0, 24);
    return near(value, Math.hypot(onSide(10) - onSide(0), 10));
  },
  'contest-10': ({ values }) => {
    // From a ≤ b, 1/4 ≤ 2/a + 1/a², so a ≤ 8; and a ≥ 5, so b = 4(a + 1)/(a − 4) ≤ 24.
    const pairs = range(1, 12).flatMap((a) => range(a, 200).map((b) => [a, b] as const));
    const found = pairs.filter(([a, b]) => 4 * (a + b + 1) === a * b);
    return found.flat().join() === values().join();
  },
};
