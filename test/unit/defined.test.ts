import { expect, test } from 'vitest';
import { defined } from '../../src/core/defined.ts';

test('keeps every value but undefined', () => {
  const note: string | undefined = undefined;
  const made: { id: string; note?: string; seed?: number | null } = { id: 'a', ...defined({ note, seed: null }) };
  expect(Object.keys(made)).toEqual(['id', 'seed']);
  expect(defined({ zero: 0, empty: '', no: false })).toEqual({ zero: 0, empty: '', no: false });
});
