import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOfTrace } from '../../../../src/store/side-file.ts';
import { FileOrder, rowOfPlace } from '../../../../src/store/trace-table/file-order.ts';

test('the order of a file is that of a list of all chains, whichever rows are read', () => {
  const rows = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rows, fc.array(fc.nat(11), { maxLength: 20 }), (chains, reads) => {
      const order = new FileOrder();
      order.rows = chains.length;
      const known = chains.map(() => 1);
      for (const read of reads) {
        const row = read % chains.length;
        known[row] = chains[row] ?? 1;
        order.note(row, known[row]);
      }
      const list = known.flatMap((count, row) => Array.from({ length: count }, (_, at) => placeOfTrace(row + 1, at)));
      expect(order.length).toBe(list.length);
      expect(list.map((_, index) => order.at(index))).toEqual(list);
      expect(list.map((id) => order.indexOf(id))).toEqual(list.map((_, index) => index));
      expect(order.at(list.length)).toBeUndefined();
      expect(order.at(-1)).toBeUndefined();
      expect(order.indexOf(placeOfTrace(chains.length + 1, 0))).toBe(-1);
    }),
  );
});

test('a row that is read again with other columns has its new number of chains', () => {
  const order = new FileOrder();
  order.rows = 3;
  order.note(1, 3);
  expect(order.length).toBe(5);
  order.note(1, 1);
  expect([0, 1, 2].map((index) => order.at(index))).toEqual(['1', '2', '3']);
});

test.each(['', '0', '1.0', '-1', '1.2.3', 'x', '17@abc'])('%j is no place of a trace', (text) => {
  expect(rowOfPlace(text)).toBeUndefined();
});
