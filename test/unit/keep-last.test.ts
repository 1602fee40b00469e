import { expect, test } from 'vitest';
import { keepLast } from '../../src/core/keep-last.ts';

test('a function is called again only for other arguments than the last ones', () => {
  const calls: string[] = [];
  const joined = keepLast((a: string, b: object) => {
    calls.push(a);
    return { a, b };
  });
  const [one, other] = [{}, {}];
  const first = joined('x', one);
  expect(joined('x', one)).toBe(first);
  expect(joined('x', other)).toEqual({ a: 'x', b: other });
  expect(joined('y', other).a).toBe('y');
  expect(joined('x', one)).not.toBe(first);
  expect(calls).toEqual(['x', 'x', 'y', 'x']);
});
