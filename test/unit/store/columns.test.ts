import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { coded, count, digest, largeCount, optionalWord, text, word } from '../../../src/store/chain-index/columns.ts';
import { decodeSegment, encodeColumns, type RowIn, Segment } from '../../../src/store/chain-index/segment.ts';
import { Table } from '../../../src/store/chain-index/table.ts';

const SHAPE = {
  id: text,
  word,
  note: optionalWord,
  kinds: coded(z.array(z.string())),
  level: coded(z.union([z.number(), z.string()]).optional()),
  size: count,
  tokens: largeCount,
  hash: digest,
};
type Row = RowIn<typeof SHAPE>;

/** Any UTF-16, also what UTF-8 can't express. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.constantFrom('a', '\ud800', '\udc00', '=', '\u00ff', '😀', '\0')).map((units) => units.join('')),
);
const row: fc.Arbitrary<Row> = fc.record(
  {
    file: fc.constant('a.jsonl'),
    offset: fc.nat(),
    length: fc.nat(),
    id: fc.oneof(anyText, fc.constantFrom('a', 'b', 'c')),
    word: anyText,
    note: anyText,
    kinds: fc.array(fc.constantFrom('x', 'y', ''), { maxLength: 3 }),
    level: fc.oneof(fc.constantFrom(1, 2.5, '1', '', '[]'), anyText),
    size: fc.nat({ max: 2 ** 32 - 1 }),
    tokens: fc.maxSafeNat(),
    hash: fc.stringMatching(/^[0-9a-f]{16}$/),
  },
  { requiredKeys: ['file', 'offset', 'length', 'id', 'word', 'kinds', 'size', 'tokens', 'hash'] },
);
const OF = { dataset: 'd', kind: 'k', file: 'a.jsonl' };

function filled(rows: readonly Row[], segment = new Segment<Row>('a.jsonl', SHAPE)): Segment<Row> {
  for (const one of rows) segment.push(one);
  return segment;
}

function stored(segment: Segment<Row>): Segment<Row> {
  const bytes = encodeColumns(segment, 1, OF, { more: true });
  return decodeSegment<Row>(Buffer.from(Uint8Array.from(bytes).buffer), 1, OF, SHAPE).segment;
}

describe('a segment', () => {
  test('gives back every row, also when it was stored and added to', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (first, second) => {
        const segment = stored(filled(first));
        expect([...segment]).toEqual(first);
        filled(second, segment);
        expect([...segment]).toEqual([...first, ...second]);
        expect([...stored(segment)]).toEqual([...first, ...second]);
      }),
    );
  });

  test('holds more values of a member than two bytes can count', () => {
    const rows = Array.from({ length: 70_000 }, (_, i): Row => {
      const one = { file: 'a.jsonl', offset: i, length: 1, id: `id ${i}`, word: `word ${i % 66_000}`, kinds: [] };
      return { ...one, size: i, tokens: i, hash: i.toString(16).padStart(16, '0') };
    });
    const segment = stored(filled(rows));
    for (const at of [0, 254, 255, 256, 65_535, 65_536, 69_999]) expect(segment.row(at)).toEqual(rows[at]);
  });
});

describe('a table', () => {
  test('has the last row of each id at the position of the first, as a Map has', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row)), anyText, (files, absent) => {
        const table = new Table(
          files.map((rows) => filled(rows)),
          'id',
        );
        const expected = new Map(files.flat().map((one) => [one.id, one]));
        expect([...table]).toEqual([...expected.values()]);
        for (const [position, id] of [...expected.keys()].entries()) expect(table.find(id)).toBe(position);
        if (!expected.has(absent)) expect(table.find(absent)).toBe(-1);
        for (const none of [-1, expected.size]) expect(() => table.place(none)).toThrow(RangeError);
      }),
    );
  });

  test('gives a member of all rows as codes', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row)), (files) => {
        const table = new Table(
          files.map((rows) => filled(rows)),
          'id',
        );
        for (const member of ['word', 'note', 'kinds', 'level'] as const) {
          const { codes, values } = table.codes(member);
          expect([...codes].map((code) => values[code])).toEqual([...table].map((one) => one[member]));
        }
      }),
    );
  });
});
