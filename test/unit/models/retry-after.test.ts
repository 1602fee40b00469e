import { expect, it } from 'vitest';
import { retryAfter } from '../../../src/core/models/retry-after.ts';

const NOW = Date.parse('Mon, 01 Jan 2029 00:00:00 GMT');

it.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': ' 1.5 ' }, 1500],
  [{ 'retry-after': '-1' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '9'.repeat(400) }, Number.POSITIVE_INFINITY],
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ 'retry-after-ms': 'x', 'retry-after': '7' }, 7000],
  [{ 'retry-after': 'Mon, 01 Jan 2029 00:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 31 Dec 2028 23:59:00 GMT' }, 0],
])('reads %j as %s ms', (headers, expected) => {
  expect(retryAfter((name) => headers[name], NOW)).toBe(expected);
});
