import { type Check, near, range, strings, subsets } from './gold.ts';

/** A fine grid that hits the ends of both intervals. */
const GRID = range(-100, 100).map((k) => k / 10);

const root = (values: number[], f: (x: number) => number, count: number): boolean =>
  new Set(values).size === count && values.every((x) => near(f(x), 0));

const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;

export const ALGEBRA_CHECKS: Readonly<Record<string, Check>> = {
  'alg-01': ({ value: x }) => near(x / 3 + (x - 1) / 4, 5 / 2),
  'alg-02': ({ value }) => near(value * (Math.sqrt(5) - Math.sqrt(2)), 6),
  'alg-03': ({ text, values }) =>
    /^\[.*\]$/.test(text) &&
    GRID.every((x) => Math.abs(2 * x - 3) <= 7 === (at(values(), 0) <= x && x <= at(values(), 1))),
  'alg-04': ({ text, values }) => {
    const [from = 0, low = 0, high = 0, to = 0] = values();
    const open = /^\([^)]*\)\\cup\([^)]*\)$/.test(text) && from === -to && to === Number.POSITIVE_INFINITY;
    return open && GRID.every((x) => x * x - x - 12 > 0 === (x < low || x > high));
  },
  'alg-05': ({ values }) => {
    const [x = 0, y = 0] = values();
    return near(3 * x + 2 * y, 4) && near(5 * x - 4 * y, 25);
  },
  'alg-06': ({ values }) => root(values(), (x) => x ** 4 - 13 * x ** 2 + 36, 4),
  'alg-07': ({ values }) => {
    const a = [1, 2, 0, 3];
    const times = (m: number[], n: number[]): number[] =>
      range(0, 3).map((k) => {
        const row = 2 * Math.floor(k / 2);
        return at(m, row) * at(n, k % 2) + at(m, row + 1) * at(n, 2 + (k % 2));
      });
    return times(times(a, a), a).join() === values().join();
  },
  'alg-08': ({ values }) => [1, 3, 5, 10].every((x) => near(at(values({ x }), 0), (x ** 3 - 8) / (x ** 2 - 4))),
  'alg-09': ({ text, value }) => text.endsWith('\\%') && near(1.3 ** 2, 1 + value / 100),
  'alg-10': ({ values }) => near(at(values({ x: 2 }), 0), -1) && near(at(values({ x: 6 }), 0), 5),
  'alg-11': ({ value }) =>
    near(
      value,
      [1, 2].reduce((dollars) => dollars + (dollars * 5) / 100, 200),
    ),
  'alg-12': ({ value }) =>
    // Altos are 1 to 6, tenors 7 to 11.
    value === subsets(11).filter((group) => group.size === 5 && [...group].filter((s) => s <= 6).length >= 3).length,
  'alg-13': ({ value }) => {
    const rolls = strings(range(1, 6), 3);
    return near(value, rolls.filter((roll) => Math.max(...roll) === 4).length / rolls.length);
  },
  'alg-14': ({ values }) => {
    const re = at(values({ i: 0 }), 0);
    const im = at(values({ i: 1 }), 0) - re;
    // (1 + i)(re + im·i) against (2 − 3i)².
    return near(re - im, 4 - 9) && near(re + im, -12);
  },
  'alg-15': ({ values }) => {
    const [r = 0, angle = 0] = values();
    const inRange = r > 0 && angle >= 0 && angle < 2 * Math.PI;
    return inRange && near(r * Math.cos(angle), -3) && near(r * Math.sin(angle), 3 * Math.sqrt(3));
  },
  // The left side grows with x, so one solution is all.
  'alg-16': ({ value: x }) => x > 6 && near(Math.log2(x + 1) + Math.log2(x - 6), 3),
  'alg-17': ({ value }) =>
    value ===
    strings(range(0, 12), 3).filter(([ones = 0, twos = 0, fives = 0]) => ones + 2 * twos + 5 * fives === 12).length,
  'alg-18': ({ values }) => root(values(), (x) => x * x - 6 * x + 4, 2),
  'alg-19': ({ values }) =>
    [-3, 0, 1, 5].every((x) => {
      const y = at(values({ x }), 0);
      return near((2 * y + 1) / (y - 3), x);
    }),
  'alg-20': ({ value }) =>
    near(
      value,
      range(1, 60).reduce((sum, n) => sum + (2 ** n + 1) / 5 ** n, 0),
    ),
};
