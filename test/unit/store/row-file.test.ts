import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { readLines } from '../../../src/store/lines/files.ts';
import { openSource } from '../../../src/store/source/index.ts';
import { LineIndex, rowsIn } from '../../../src/store/source/line-index.ts';
import { openRowFile, type RowFile, type RowRead } from '../../../src/store/source/row-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

/** All rows of a file, in a given order of access. */
async function all(file: RowFile, order: (count: number) => number[]): Promise<(RowRead | undefined)[]> {
  while (file.searched < file.size) await file.search();
  const found: (RowRead | undefined)[] = [];
  for (const index of order(file.rows)) found[index] = await file.row(index);
  return found;
}

const backwards = (count: number): number[] => Array.from({ length: count }, (_, i) => count - 1 - i);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.constantFrom(0x0a, 0x0d, 0x20, 0x7b, 0xef, 0xbb, 0xbf), { maxLength: 60 })
    .map((list) => Buffer.from(list)),
);

describe('the index of lines', () => {
  test('finds the rows of a full split, whatever the bytes and however they arrive', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (content, size, every, span) => {
          const whole = Buffer.from(content);
          const index = new LineIndex({ every, span });
          for (let at = 0; at < whole.length; at += size) index.push(whole.subarray(at, at + size));
          const expected = rowsIn(whole, 0);
          expect(index.rows).toBe(expected.length);
          expect(index.read).toBe(whole.length);
          for (const [row, place] of expected.entries()) {
            const { before, after } = index.around(row);
            const block = whole.subarray(before.offset, after?.offset);
            const found = rowsIn(block, before.offset)[row - before.row];
            const lines = (found?.lines ?? 0) + before.line - 1;
            expect(found && { start: found.start + before.offset, end: found.end + before.offset, lines }).toEqual(
              place,
            );
            expect(index.aroundLine(place.lines + 1).before).toEqual(before);
          }
        },
      ),
    );
  });

  test('a row is a line that is not blank', () => {
    const rows = rowsIn(Buffer.from('\u{feff}\n{"a":1}\r\n \t\r\n\n{"a":2}'), 0);
    expect(rows.length).toBe(2);
  });

  test('has the rows that all other readers of lines find, also with spaces of Unicode and other odd bytes', async () => {
    const parts = ['\n', '\r\n', ' ', '\t', '\v', '\0', '\u00a0', '\u2028', '\u3000', '\ufeff', '{}', 'x'];
    const path = await fileOf('a.jsonl', '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), async (content) => {
        await writeFile(path, content.join(''));
        const lines = rowsIn(await readFile(path), 0).map((row) => row.lines + 1);
        const read: number[] = [];
        for await (const { line } of readLines(path)) read.push(line);
        expect(lines).toEqual(read);
      }),
    );
  });
});

describe('rows at random', () => {
  test('of JSONL are those of a split, in any order', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => ({ i, text: 'x'.repeat((i * 7919) % 3000) }));
    const path = await fileOf('a.jsonl', values.map((value) => `${JSON.stringify(value)}\n`).join('\n'));
    const file = await openRowFile(path);
    expect(await file.row(0)).toEqual({ row: values[0] });
    expect(await file.row(999)).toEqual({ row: values[999] });
    expect(await file.row(1000)).toBeUndefined();
    expect(await all(file, backwards)).toEqual(values.map((row) => ({ row })));
    await file.close();
  });

  test('are found by the line that an examination names, also behind blank lines', async () => {
    const content = `\n\n${'{"a":1}\n\n \t\r\n'.repeat(300)}{"a":2}`;
    const path = await fileOf('a.jsonl', content);
    const lines = [];
    for await (const { line } of (await openSource(path)).rows()) lines.push(line);
    expect(lines[1]).toBe(6);
    const file = await openRowFile(path);
    // Not all of it was searched.
    expect(await file.rowOfLine(lines[200] ?? 0)).toBe(200);
    for (const [row, line] of lines.entries()) expect(await file.rowOfLine(line)).toBe(row);
    for (const line of [1, 2, 4, 5, lines.length * 3 + 9]) expect(await file.rowOfLine(line)).toBeUndefined();
    await file.close();
    const list = await openRowFile(await fileOf('a.json', '[{"a": 1},\n\n{"a": 2}]'));
    expect([await list.rowOfLine(2), await list.rowOfLine(3)]).toEqual([1, undefined]);
    await list.close();
  });

  test('torn, invalid and huge rows have a reason, and the others are read', async () => {
    const path = await fileOf('a.jsonl', '{"a":1}\nnot JSON\n{"a":"');
    await appendFile(path, 'x'.repeat(11_000_000));
    await appendFile(path, `"}\n${'['.repeat(600)}${']'.repeat(600)}\n{"a":2}\n`);
    await appendFile(path, Buffer.from([0x7b, 0xff, 0x7d, 0x0a]));
    await appendFile(path, '{"a":3');
    const file = await openRowFile(path);
    const found = await all(file, backwards);
    expect(found).toMatchObject([
      { row: { a: 1 } },
      { reason: expect.stringContaining('not valid JSON') },
      { reason: expect.stringContaining('at most 10') },
      { reason: expect.stringContaining('nested') },
      { row: { a: 2 } },
      { reason: expect.stringContaining('not valid UTF-8') },
      { reason: expect.stringContaining('not valid JSON') },
    ]);
    await file.close();
  });

  test('of a JSON list, also in an object; a torn end is a row with a reason', async () => {
    const list = await openRowFile(await fileOf('a.json', '{"samples": [ {"a": "]"} ,\n {"a": 2}, [3], '));
    expect(await all(list, backwards)).toEqual([
      { row: { a: ']' } },
      { row: { a: 2 } },
      { row: [3] },
      { reason: 'the file ends inside the list' },
    ]);
    await list.close();
  });

  test('of Parquet, from the row groups that hold them', async () => {
    const i = Array.from({ length: 500 }, (_, at) => at);
    const data = [{ name: 'i', data: i, type: 'INT32' as const }];
    const buffer = parquetWriteBuffer({ columnData: data, rowGroupSize: 100 });
    const file = await openRowFile(await fileOf('a.parquet', new Uint8Array(buffer)));
    expect(file.rows).toBe(500);
    expect(await file.row(499)).toEqual({ row: { i: 499 } });
    expect(await all(file, backwards)).toEqual(i.map((at) => ({ row: { i: at } })));
    await file.close();
  });

  test('of a log of Inspect, without its events', async () => {
    const sample = { id: 1, epoch: 1, input: 'q', target: '4', messages: [], events: [{ big: true }] };
    const content = zip([
      ['header.json', '{}', 0],
      ['samples/1_epoch_1.json', JSON.stringify(sample), 8],
      ['samples/2_epoch_1.json', '{"id": 2', 8],
      ['samples/3_epoch_1.json', '{"id": 3}', 99],
    ]);
    const file = await openRowFile(await fileOf('a.eval', content));
    const { events: _, ...rest } = sample;
    expect(await all(file, backwards)).toMatchObject([
      { row: rest },
      { reason: expect.stringContaining('samples/2_epoch_1.json is not valid JSON') },
      { reason: expect.stringContaining('method 99') },
    ]);
    expect((await file.row(0)) as { row: object }).not.toHaveProperty('row.events');
    await file.close();
  });

  test.each([
    ['a.jsonl', new Uint8Array([0x7b, 0, 1, 2]), 'binary'],
    ['a.eval', zip([['samples/1.json', '{}', 8]]).subarray(0, 40), 'not a complete ZIP'],
    ['a.zip', zip([['notes.txt', 'hello', 8]]), 'ZIP archive'],
    ['a.parquet', Buffer.from('PAR1 torn'), 'not a complete Parquet'],
    ['a.csv', 'a,b\n1,2\n', 'can’t be opened as traces'],
    ['a.jsonl', '', 'empty'],
  ])('%s is refused with advice: %#', async (name, content, reason) => {
    const opening = openRowFile(await fileOf(name, content));
    await expect(opening).rejects.toThrow(reason);
    await expect(opening).rejects.toHaveProperty('advice');
  });
});

/** A ZIP archive. Method 8 packs; others are stored and only claim to be packed. */
function zip(files: [name: string, content: string, method: number][]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content, method] of files) {
    const plain = Buffer.from(content);
    const packed = method === 8 ? deflateRawSync(plain) : plain;
    const title = Buffer.from(name);
    const fields = (header: Buffer, at: number): void => {
      header.writeUInt16LE(method, at + 4);
      header.writeUInt32LE(packed.length, at + 14);
      header.writeUInt32LE(plain.length, at + 18);
      header.writeUInt16LE(title.length, at + 22);
    };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    fields(local, 4);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    fields(central, 6);
    central.writeUInt32LE(offset, 42);
    directory.push(central, title);
    parts.push(local, title, packed);
    offset += local.length + title.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

describe('a file that changes while it is open', () => {
  const grown = fc.tuple(bytes, fc.array(bytes, { minLength: 1, maxLength: 3 }), fc.boolean());

  test('is read on from its end: the rows are those of the whole file', async () => {
    await fc.assert(
      fc.asyncProperty(grown, async ([start, pieces, searched]) => {
        const path = await fileOf('a.jsonl', Buffer.concat([Buffer.from('{"first": 1}\n'), start]));
        const file = await openRowFile(path).catch(() => undefined);
        // A file with such bytes is no file of rows.
        if (file === undefined) return;
        for (const piece of pieces) {
          const before = searched ? await all(file, backwards) : [await file.row(0)];
          await appendFile(path, piece);
          const from = await file.grow();
          if (piece.length === 0) expect(from).toBeUndefined();
          else if (from !== undefined) expect(await file.row(0)).toEqual(from === 0 ? await file.row(0) : before[0]);
        }
        const again = await openRowFile(path).catch(() => undefined);
        if (again === undefined) return file.close();
        expect(await all(file, backwards)).toEqual(await all(again, backwards));
        await again.close();
        await file.close();
      }),
    );
  });

  test('must be opened again when it changed otherwise', async () => {
    const content = '{"a": 1}\n{"a": 2}\n';
    for (const after of ['{"a": 1}\n{"a": 3}\n{"a": 4}\n', '{"a": 1}\n', content]) {
      const path = await fileOf('a.jsonl', content);
      const file = await openRowFile(path);
      await all(file, backwards);
      await writeFile(path, after);
      expect(await file.grow()).toBeUndefined();
      await file.close();
    }
    const path = await fileOf('a.jsonl', content);
    const file = await openRowFile(path);
    await file.row(0);
    await writeFile(`${path}.new`, `${content}{"a": 3}\n`);
    await rename(`${path}.new`, path);
    expect(await file.grow()).toBeUndefined();
    await file.close();
  });
});
