import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  coded,
  count,
  digest,
  largeCount,
  optionalWord,
  rankedText,
  word,
} from '../../../src/store/chain-index/columns.ts';
import { decodeSegment, encodeColumns, type RowIn, Segment } from '../../../src/store/chain-index/segment.ts';
import { Table } from '../../../src/store/chain-index/table.ts';
import { compareTexts } from '../../../src/store/chain-index/text-ranks.ts';

const SHAPE = {
  id: rankedText,
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

  test('gives rows with the same values of some members one kind', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row)), fc.subarray(['word', 'kinds', 'level'] as const), (files, members) => {
        const table = new Table(
          files.map((rows) => filled(rows)),
          'id',
        );
        expectKinds(table, members, files.length === 1);
      }),
    );
    const many = Array.from({ length: 2_100 }, (_, i) => ({ ...plain(`${i}`), word: `w${i}`, note: `n${i}` }));
    const [, one = plain('')] = many;
    expectKinds(new Table([filled([...many, { ...one, id: 'x' }])], 'id'), ['word', 'note'], true);
  });

  test('ranks its keys, whether files were stored, changed since or have keys in between', () => {
    const fileOf = (ends: readonly string[]) => {
      const id = fc.tuple(fc.nat({ max: 30 }), fc.constantFrom(...ends)).map(([n, end]) => `${n}${end}`);
      return fc.record({
        prefix: fc.constantFrom('', 'a/', 'b/', 'c/'),
        before: fc.array(id, { maxLength: 8 }),
        after: fc.array(id, { maxLength: 2 }),
      });
    };
    // A text beyond ASCII has no key.
    const files = fc.constantFrom(['', 'x', 'X'], ['', 'é']).chain((ends) => fc.array(fileOf(ends), { maxLength: 4 }));
    fc.assert(
      fc.property(files, (files) => {
        const segments = files.map(({ prefix, before, after }) => {
          const segment = filled(before.map((end) => plain(prefix + end)));
          segment.prepare();
          return filled(
            after.map((end) => plain(prefix + end)),
            stored(segment),
          );
        });
        const table = new Table(segments, 'id');
        const ids = [...table].map((one) => one.id);
        const ranks = table.keyRanks();
        const sign = (a: number, b: number): number => Math.sign((ranks[a] ?? 0) - (ranks[b] ?? 0));
        for (const [i, a] of ids.entries())
          expect(ids.map((_, j) => sign(i, j))).toEqual(ids.map((b) => Math.sign(compareTexts(a, b))));
      }),
    );
  });

  test('reads stored ranks, and refuses those that are out of range', () => {
    const segment = filled(['b', 'c', 'a'].map(plain));
    expect(segment.column('id').parts()[2]?.byteLength).toBe(0);
    segment.prepare();
    const ranks = segment.column('id').parts()[2] as Uint32Array;
    expect([...ranks]).toEqual([1, 2, 0]);
    expect(stored(segment).column('id').parts()[2]).toEqual(ranks);
    ranks[1] = 3;
    expect(() => stored(segment)).toThrow('a rank is out of range');
  });
});

const plain = (id: string): Row => ({
  ...{ file: 'a.jsonl', offset: 0, length: 0, id, word: '', kinds: [], size: 0, tokens: 0, hash: '0'.repeat(16) },
});

/** Kinds are numbered from 0 by their first positions, and rows of a kind have the same values; `isOneFile`: also the other way round. */
function expectKinds(
  table: Table<Row>,
  members: readonly ('word' | 'note' | 'kinds' | 'level')[],
  isOneFile: boolean,
): void {
  const { kinds, first } = table.kinds(members);
  expect(kinds.length).toBe(table.size);
  expect([...first]).toEqual([...first].map((_, kind) => kinds.indexOf(kind)));
  expect(first.every((position, kind) => kind === 0 || position > (first[kind - 1] ?? 0))).toBe(true);
  const valuesAt = (position: number): unknown[] => members.map((member) => table.value(position, member));
  const values = [...kinds].map((_, at) => valuesAt(at));
  expect([...kinds].map((kind) => valuesAt(first[kind] ?? -1))).toEqual(values);
  if (isOneFile) expect(first.length).toBe(new Set(values.map((own) => JSON.stringify(own))).size);
}
