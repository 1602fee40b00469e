import { expect, test } from 'vitest';
import { KeptPlace } from '../../../src/editor/files/kept-place.ts';

/** A stored place, and what is stored after the reader has shown these chains. */
function storedAfter(start: (place: KeptPlace) => void, ...shown: string[]): unknown {
  const stored = new Map<string, unknown>([['place', '200000']]);
  const state = {
    get: <T>(key: string): T | undefined => stored.get(key) as T | undefined,
    update: async (key: string, value: unknown) => void stored.set(key, value),
  };
  const place = new KeptPlace(state, 'place');
  expect(place.before).toBe('200000');
  start(place);
  for (const id of shown) place.shown(id);
  return stored.get('place');
}

test('the chain that is shown is the place of the next time', () => {
  expect(storedAfter(() => {}, '1', '2')).toBe('2');
});

test('a place that was not found soon stays until the reviewer goes elsewhere', () => {
  const start = (place: KeptPlace): void => place.keep();
  expect(storedAfter(start, '1', '1')).toBe('200000');
  expect(storedAfter(start, '1', '2', '1')).toBe('1');
});
