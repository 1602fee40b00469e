import { type Check, near, range } from './gold.ts';

export const WORD_CHECKS: Readonly<Record<string, Check>> = {
  'word-01': ({ value }) => value === range(1, 4).reduce((books) => books + 17, 9),
  'word-02': ({ value }) => value === range(1, 23).reduce((sum, pupil) => sum + 5 + (pupil <= 8 ? 2 : 0), 0),
  'word-03': ({ value }) => 46 + value * 8 - value * 3 === 131,
  'word-04': ({ value }) => value === 3 * (84 - value),
  'word-05': ({ value: oak }) => range(1, 100).filter((b) => oak === 4 * b && oak + 6 === 2 * (b + 6)).length === 1,
  'word-06': ({ value }) => near(value * (27 / 9 + 27 / 18), 2 * 27),
  'word-07': ({ value }) => near(100 - value + 6, 80 - (80 * 25) / 100),
  'word-08': ({ value }) => near(12 * 0.3, (12 + value) * 0.2),
  'word-09': ({ value }) => near(value / 10 + value / 15, 1),
  'word-10': ({ value }) => value === range(0, 120).filter((metre) => metre % 8 === 0).length,
  'word-11': ({ value }) => value === [1, -1].reduce((goats, sign) => goats + (sign * goats * 20) / 100, 250),
  'word-12': ({ value }) =>
    range(0, 25)
      .filter((large) => 4 * (25 - large) + 7 * large === 130)
      .join() === `${value}`,
  'word-13': ({ value }) => near(24 - (value / 20) * 1.5, 9),
  'word-14': ({ value }) => range(1, value).reduce((pages, minute) => pages + 12 + (minute <= 5 ? 18 : 0), 0) === 450,
};
