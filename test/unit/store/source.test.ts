import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstRows, openSource, type SourceRow } from '../../../src/store/source/index.ts';
import { type ListElement, ListSplitter, parseElement } from '../../../src/store/source/json-list.ts';
import { temporaryFolder } from './fixtures.ts';

async function source(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

async function read(
  name: string,
  content: string | Uint8Array,
): Promise<{ format: string; rows: unknown[]; bad: string[] }> {
  const file = await openSource(await source(name, content));
  const all: SourceRow[] = [];
  for await (const row of file.rows()) all.push(row);
  return {
    format: file.format,
    rows: all.flatMap((row) => ('row' in row ? [row.row] : [])),
    bad: all.flatMap((row) => ('reason' in row ? [`${row.line}: ${row.reason}`] : [])),
  };
}

const ROWS = [
  { q: 'a, "b"', a: '1' },
  { q: 'x\ny', a: 'é' },
];

test('of a file without a readable row, the first rows are refused with the reason of the first one', async () => {
  const rows = await openSource(await source('rows.jsonl', 'not json\n{"q":\n'));
  await expect(firstRows(rows, 5)).rejects.toThrow(/^No row can be read\. Row 1: the line is not valid JSON/);
  expect(await firstRows(await openSource(await source('rows.jsonl', 'not json\n{"q":1}\n')), 5)).toEqual([{ q: 1 }]);
});

test.each(['jsonl', 'json'])(
  'a row that is nested too deep is a bad row of %s, and the others are read',
  async (form) => {
    const deep = `{"q":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const rows = [JSON.stringify(ROWS[0]), deep, JSON.stringify(ROWS[1])];
    const text = form === 'json' ? `[${rows.join(',')}]` : `${rows.join('\n')}\n`;
    const { format, rows: good, bad } = await read(`rows.${form}`, text);
    expect({ format, good }).toEqual({ format: form, good: ROWS });
    expect(bad).toEqual([expect.stringMatching(/^2: .*nested more than 500 levels deep$/)]);
  },
);

describe('every format gives the same rows', () => {
  test.each([
    ['rows.jsonl', `${ROWS.map((row) => JSON.stringify(row)).join('\n')}\n`, 'jsonl'],
    ['rows.jsonl', `\uFEFF${ROWS.map((row) => JSON.stringify(row)).join('\r\n')}`, 'jsonl'],
    ['rows.json', JSON.stringify(ROWS), 'json'],
    ['rows.json', JSON.stringify(ROWS, null, 2), 'json'],
    ['rows.json', `\uFEFF${JSON.stringify({ version: '1', tags: ['z'], data: ROWS }, null, 2)}`, 'json'],
    ['rows.json', JSON.stringify({ data: ROWS }), 'json'],
    ['named-wrongly.json', ROWS.map((row) => JSON.stringify(row)).join('\n'), 'jsonl'],
    ['named-wrongly.jsonl', JSON.stringify(ROWS), 'json'],
    ['rows.csv', 'q,a\n"a, ""b""",1\n"x\ny",é\n', 'csv'],
    ['rows.csv', '\uFEFFq;a\r\n"a, ""b""";1\r\n\r\n"x\ny";é\r\n', 'csv'],
    ['rows.tsv', 'q\ta\n"a, ""b"""\t1\n"x\ny"\té', 'csv'],
  ])('%s %j', async (name, content, format) => {
    expect(await read(name, content)).toEqual({ format, rows: ROWS, bad: [] });
  });

  test('one object on one line of a JSON file is one row', async () => {
    expect(await read('one.json', '{"q":"a","tags":["x"]}')).toEqual({
      format: 'jsonl',
      rows: [{ q: 'a', tags: ['x'] }],
      bad: [],
    });
  });
});

describe('an unreadable row is reported with its line, and the others are read', () => {
  test('in JSONL', async () => {
    const text = `{"a":1}\n{"a":\n${JSON.stringify('x'.repeat(10_000_001))}\n{"a":2}\n{"a"`;
    const { rows, bad } = await read('x.jsonl', text);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
    expect(bad).toEqual([
      expect.stringMatching(/^2: .*not valid JSON/),
      expect.stringMatching(/^3: .*10 MB/),
      expect.stringMatching(/^5: the file ends inside the line/),
    ]);
  });

  test('in a JSON list', async () => {
    const { rows, bad } = await read('x.json', `[{"a":1}, {"a":nonsense}, "${'x'.repeat(10_000_001)}", {"a":2}, {"a`);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
    expect(bad).toEqual([
      expect.stringMatching(/^2: .*not valid JSON/),
      expect.stringMatching(/^3: it is 10 MB large/),
      '5: the file ends inside the list',
    ]);
  });

  test('in CSV', async () => {
    const { rows, bad } = await read('x.csv', 'q,a\nx,1\nonly one\ny,"2\n2"\nz,3,4\nlast,5\n"open,6');
    expect(rows).toEqual([
      { q: 'x', a: '1' },
      { q: 'y', a: '2\n2' },
      { q: 'last', a: '5' },
    ]);
    expect(bad).toEqual([
      '3: it has a different number of columns than the header',
      '6: it has a different number of columns than the header',
      expect.stringMatching(/^8: a quotation mark is not closed/),
    ]);
  });
});

describe('a file without rows is refused with advice', () => {
  test.each([
    ['a.jsonl.gz', new Uint8Array([0x1f, 0x8b, 8, 0]), 'gzip'],
    ['a.xlsx', 'PK\u0003\u0004', 'spreadsheet'],
    ['a.csv', new Uint8Array([0xff, 0xfe, 0x71, 0]), 'UTF-16'],
    ['a.jsonl', '  \n', 'empty'],
    ['a.csv', new Uint8Array([0x71, 0x2c, 0x61, 0x0a, 0xe9, 0x2c, 0x31]), 'not valid UTF-8'],
    ['a.json', '{\n "a": {"data": [1]},\n "b": [2]\n}', 'no list of rows'],
  ])('%s: %j', async (name, content, reason) => {
    await expect(read(name, content)).rejects.toThrow(reason);
    await expect(read(name, content)).rejects.toHaveProperty('advice');
  });

  test('an absent file, and a folder', async () => {
    await expect(openSource(join(await temporaryFolder(), 'no.jsonl'))).rejects.toThrow('There is no file');
    await expect(openSource(await temporaryFolder())).rejects.toThrow('is a folder');
  });
});

test('a JSON list is split into its elements for any chunk size', () => {
  const value = fc.jsonValue({ maxDepth: 3 }).filter((each) => JSON.stringify(each) !== undefined);
  const wrap = fc.constantFrom(
    (list: string) => list,
    (list: string) => ` {"note": "[\\"{", "tags": ["a", {"data": []}], "data" :${list}, "more": [1]} `,
  );
  fc.assert(
    fc.property(
      fc.array(value),
      fc.constantFrom(0, 1, 2),
      wrap,
      fc.integer({ min: 1, max: 40 }),
      (list, indent, wrapped, size) => {
        const bytes = Buffer.from(wrapped(JSON.stringify(list, null, indent)), 'utf8');
        const splitter = new ListSplitter(parseElement);
        const found: ListElement[] = [];
        for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)));
        expect(splitter.end()).toBeUndefined();
        expect(found.map((element) => 'row' in element && element.row)).toEqual(JSON.parse(JSON.stringify(list)));
        expect(found.map(({ line }) => line)).toEqual(list.map((_, i) => i + 1));
      },
    ),
  );
});

test('a file is closed when reading ends after the first row', async () => {
  const path = await source('x.json', `[${Array.from({ length: 100_000 }, (_, i) => `{"i":${i}}`).join(',')}]`);
  const file = await openSource(path);
  for await (const row of file.rows()) {
    expect(row).toMatchObject({ line: 1, row: { i: 0 } });
    break;
  }
});
