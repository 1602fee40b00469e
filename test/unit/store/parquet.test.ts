import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { firstRows, joinedSource, openSource, type SourceRow } from '../../../src/store/source/index.ts';
import { temporaryFolder } from './fixtures.ts';

type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>;

async function parquet(
  columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'],
  options: Options = {},
): Promise<string> {
  const path = join(await temporaryFolder(), 'rows.parquet');
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData, ...options })));
  return path;
}

async function all(path: string): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of (await openSource(path)).rows()) rows.push(row);
  return rows;
}

const values = (rows: readonly SourceRow[]): unknown[] => rows.map((row) => ('row' in row ? row.row : row.reason));

describe('a Parquet file', () => {
  test('is detected by its bytes, and its row groups are read in order', async () => {
    const path = await parquet([{ name: 'n', data: [1, 2, 3, 4, 5], type: 'INT32' }], { rowGroupSize: 2 });
    const other = `${path}.jsonl`;
    await writeFile(other, await readFile(path));
    expect((await openSource(other)).format).toBe('parquet');
    const rows = await all(other);
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
    expect(values(rows)).toEqual([1, 2, 3, 4, 5].map((n) => ({ n })));
    const reads = rows.map(({ read }) => read);
    expect(reads).toEqual([...reads].sort((a, b) => a - b));
    expect(reads.at(-1)).toBeLessThanOrEqual((await readFile(path)).length);
  });

  test('gives JSON values: integers beyond a double, dates and UUIDs are text', async () => {
    const path = await parquet([
      { name: 'small', data: [7n], type: 'INT64' },
      { name: 'large', data: [2n ** 53n + 1n], type: 'INT64' },
      { name: 'at', data: [new Date('2024-02-29T12:00:00Z')], type: 'TIMESTAMP' },
      { name: 'nothing', data: [null], type: 'STRING' },
      { name: 'uuid', data: ['00000000-0000-0000-0000-000000000001'], type: 'UUID' },
      { name: 'messages', data: [[{ role: 'user', content: 'é' }]], type: 'JSON' },
    ]);
    expect(values(await all(path))).toEqual([
      {
        ...{ small: 7, large: '9007199254740993', at: '2024-02-29T12:00:00.000Z', nothing: null },
        ...{ uuid: expect.any(String), messages: [{ role: 'user', content: 'é' }] },
      },
    ]);
  });

  test('a row that is too large is reported, and the others are read', async () => {
    const path = await parquet([{ name: 'a', data: ['x', 'y'.repeat(10_000_001), 'z'], type: 'STRING' }]);
    expect(values(await all(path))).toEqual([{ a: 'x' }, 'it is larger than 10 MB', { a: 'z' }]);
  });

  test('the rows are equal for any text, codec and row group size', async () => {
    const compressors = { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ q: fc.string({ unit: 'binary' }), n: fc.maxSafeInteger() }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const, 'GZIP' as const),
        fc.integer({ min: 1, max: 50 }),
        async (rows, codec, rowGroupSize) => {
          const columns = [
            { name: 'q', data: rows.map(({ q }) => q), type: 'STRING' as const },
            { name: 'n', data: rows.map(({ n }) => BigInt(n)), type: 'INT64' as const },
          ];
          const path = await parquet(columns, { codec, compressors, rowGroupSize });
          // Parquet's integers have no minus zero.
          expect(values(await all(path))).toEqual(rows.map(({ q, n }) => ({ q, n: n + 0 })));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the first rows are read without the others', async () => {
    const path = await parquet([{ name: 'n', data: Array.from({ length: 5000 }, (_, i) => i), type: 'INT32' }]);
    expect(await firstRows(await openSource(path), 3)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  test('the parts of a set are one source with continuous line numbers', async () => {
    const parts = await Promise.all([[1, 2], [3]].map((data) => parquet([{ name: 'n', data, type: 'INT32' }])));
    const source = joinedSource(await Promise.all(parts.map((path) => openSource(path))));
    const rows: SourceRow[] = [];
    for await (const row of source.rows()) rows.push(row);
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(rows.every(({ read }) => read <= source.size)).toBe(true);
  });
});

describe('a damaged or malicious Parquet file', () => {
  const refused = async (path: string): Promise<string> => {
    const error: unknown = await all(path).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toHaveProperty('kind', 'source');
    expect(error).toHaveProperty('advice');
    return String(error);
  };

  test('is reported as incomplete when it is truncated at any byte', async () => {
    const path = await parquet([{ name: 'q', data: ['What is 1+1?', 'What is 2+2?', 'x'], type: 'STRING' }]);
    const whole = await readFile(path);
    for (let cut = 8; cut < whole.length; cut += 7) {
      await writeFile(path, whole.subarray(0, cut));
      expect(await refused(path)).toMatch(/not a complete Parquet file/);
    }
  });

  test('is reported when it claims more rows than it has', async () => {
    const path = await parquet([{ name: 'n', data: [1, 2], type: 'INT32' }]);
    const whole = await readFile(path);
    const { parquetMetadata } = await import('hyparquet');
    expect(Number(parquetMetadata(new Uint8Array(whole).buffer).num_rows)).toBe(2);
    // Thrift writes the number of rows as 0x16 0x04 (a 64-bit field, zigzag); the first match is that of the file.
    const at = whole.indexOf(Buffer.from([0x16, 0x04]), whole.length - 8 - whole.readUInt32LE(whole.length - 8));
    whole[at + 1] = 0x7e;
    await writeFile(path, whole);
    expect(await refused(path)).toMatch(/claims 63 rows and has 2/);
  });

  test('is reported when a page unpacks to more than its declared size', async () => {
    const text = 'a'.repeat(1_000_000);
    const compressors = { GZIP: () => new Uint8Array(gzipSync(Buffer.alloc(50_000_000))) };
    const path = await parquet([{ name: 'q', data: [text, `${text}b`], type: 'STRING' }], {
      codec: 'GZIP',
      compressors,
    });
    expect(await refused(path)).toMatch(/not a complete Parquet file/);
  });
});
