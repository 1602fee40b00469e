import { expect, it } from 'vitest';
import { DisposableStore } from '../../../src/editor/dispose.ts';

it('disposes all items once, last first, and later items immediately', () => {
  const gone: number[] = [];
  const store = new DisposableStore();
  const item = (n: number) => ({ dispose: () => void gone.push(n) });
  store.add(item(1));
  const removed = store.add(item(2));
  store.add(item(3));
  store.delete(removed);
  store.dispose();
  store.dispose();
  store.add(item(4));
  expect(gone).toEqual([3, 1, 4]);
});

it('disposes the others when one throws, and throws its error', () => {
  const gone: number[] = [];
  const store = new DisposableStore();
  store.add({ dispose: () => void gone.push(1) });
  store.add({
    dispose: () => {
      throw new Error('stuck');
    },
  });
  expect(() => store.dispose()).toThrow('stuck');
  expect(gone).toEqual([1]);
});
