import { expect, test } from 'vitest';
import { DoubleClicks } from '../../../src/editor/ui/double-click.ts';

/** Whether each click, of an item after some milliseconds, is the second one of a double click. */
function clicks(...all: [item: string | undefined, after: number][]): boolean[] {
  const found = new DoubleClicks();
  let now = 0;
  return all.map(([item, after]) => {
    now += after;
    return found.isSecond(item === undefined ? { ref: {} } : { clicked: item }, now);
  });
}

test('two quick clicks on an item are a double click, and a third one is the first of another', () => {
  expect(clicks(['a', 0], ['a', 200], ['a', 200], ['a', 200])).toEqual([false, true, false, true]);
});

test('slow clicks, clicks on two items and commands without an item are none', () => {
  expect(clicks(['a', 0], ['a', 600])).toEqual([false, false]);
  expect(clicks(['a', 0], ['b', 100], ['a', 100])).toEqual([false, false, false]);
  expect(clicks([undefined, 0], [undefined, 10])).toEqual([false, false]);
  expect(clicks(['a', 0], [undefined, 10], ['a', 10])).toEqual([false, false, false]);
});
