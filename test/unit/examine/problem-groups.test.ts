import { expect, test } from 'vitest';
import { problemGroups } from '../../../src/core/examine/problem-groups.ts';

const market = (name: string, n: number): string =>
  `${name} buys ${n} apples at the market and pays ${2 * n} cents for each of them. How many cents does ${name} pay in all?`;
const OTHER = 'Find the number of lattice points inside the circle of radius five that lie on no axis of the plane.';

test('problems that differ in names and numbers are in the group of the first one', () => {
  const groups = problemGroups([OTHER, market('Anna', 3), 'What is 2 + 2?', market('Boris', 17), 'What is 2 + 3?']);
  // Short problems are alone, since without their numbers they are all alike.
  expect([...groups]).toEqual([0, 1, 2, 1, 4]);
});

test('no problem is in no group', () => {
  expect([...problemGroups([])]).toEqual([]);
});
