import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChainOrder, SessionQueue } from '../../../src/editor/review/queue.ts';

const idsOf = (order: ChainOrder): string[] => Array.from({ length: order.length }, (_, at) => order.at(at) ?? '');

/** The new result, with each kept chain that it lacks behind the last chain before it that the result has. */
function merged(old: readonly string[], kept: ReadonlySet<string>, fresh: readonly string[]): string[] {
  const queue = [...fresh];
  for (const [at, id] of [...old.entries()].reverse()) {
    if (fresh.includes(id) || !kept.has(id)) continue;
    const anchor = old.slice(0, at).findLast((one) => fresh.includes(one));
    queue.splice(anchor === undefined ? 0 : queue.indexOf(anchor) + 1, 0, id);
  }
  return queue;
}

const ids = Array.from({ length: 12 }, (_, i) => `c${i}`);
const someIds = fc.shuffledSubarray(ids);

test('decided chains keep their places, however often the filters give another result', () => {
  fc.assert(
    fc.property(someIds, fc.array(fc.tuple(fc.subarray(ids), fc.oneof(fc.subarray(ids), someIds))), (first, steps) => {
      const queue = new SessionQueue();
      queue.reset(first);
      let expected = [...first];
      const kept = new Set<string>();
      for (const [decided, fresh] of steps) {
        for (const id of decided) {
          queue.keep(id);
          if (expected.includes(id)) kept.add(id);
        }
        queue.update(fresh);
        expected = merged(expected, kept, fresh);
        expect(idsOf(queue)).toEqual(expected);
        for (const id of ids) expect(queue.indexOf(id)).toBe(expected.indexOf(id));
        expect([queue.at(-1), queue.at(expected.length)]).toEqual([undefined, undefined]);
      }
      queue.reset(first);
      expect(idsOf(queue)).toEqual(first);
    }),
  );
});
