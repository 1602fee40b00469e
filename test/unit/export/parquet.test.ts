import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EXPORT_FORMS, featuresOf } from '../../../src/core/export/index.ts';
import { openSource } from '../../../src/store/source/index.ts';
import { fileHash } from '../../../src/system/regular-file.ts';
import { ParquetFile } from '../../../src/verbs/export/parquet.ts';
import { RowEncoder } from '../../../src/verbs/export/parquet-pages.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const Row = z.object({
  text: z.string(),
  maybe: z.string().nullable(),
  absent: z.number().int().optional(),
  share: z.number(),
  yes: z.boolean(),
  turns: z.array(z.object({ role: z.string(), thought: z.string().optional() })),
  spans: z.array(z.object({ start: z.number().int(), acts: z.array(z.object({ end: z.number().int() })).optional() })),
});
const int = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const row = fc.record(
  {
    text,
    maybe: fc.option(text),
    absent: int,
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    yes: fc.boolean(),
    turns: fc.array(fc.record({ role: text, thought: text }, { requiredKeys: ['role'] }), { maxLength: 3 }),
    spans: fc.array(
      fc.record({ start: int, acts: fc.array(fc.record({ end: int }), { maxLength: 3 }) }, { requiredKeys: ['start'] }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['text', 'maybe', 'share', 'yes', 'turns', 'spans'] },
);

/** What is absent in JSON is null in Parquet. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

async function written(rows: readonly Record<string, unknown>[]): Promise<{ path: string; file: ParquetFile }> {
  const folder = await temporaryFolder();
  const file = new ParquetFile(folder, 'rows.parquet', featuresOf(Row));
  for (const one of rows) await file.row(one, JSON.stringify(one).length);
  await file.close();
  return { path: join(folder, 'rows.parquet'), file };
}

describe('rows as Parquet', () => {
  test('are read back as they are, whatever is absent or empty', async () => {
    const check = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      const { path, file } = await written(rows);
      const read: unknown[] = [];
      for await (const one of (await openSource(path)).rows()) read.push('row' in one ? one.row : one);
      expect(read.map(withoutNulls)).toEqual(rows.map(withoutNulls));
      expect(file.entry).toMatchObject({ rows: rows.length, sha256: await fileHash(path) });
    });
    await fc.assert(check, { numRuns: 60 });
  });

  test('are in groups of about 16 MB', async () => {
    const one = { text: 'abc '.repeat(50_000), maybe: null, share: 0, yes: true, turns: [], spans: [] };
    const { path } = await written(Array.from({ length: 200 }, () => one));
    const bytes = await readFile(path);
    const { row_groups } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([84, 84, 32]);
    // The pages of each column begin where those before them end.
    let end = 4n;
    for (const { meta_data } of row_groups.flatMap(({ columns }) => columns)) {
      expect(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset).toBe(end);
      end += meta_data?.total_compressed_size ?? 0n;
    }
  });

  test('are the same whether they are encoded together or elsewhere', async () => {
    const rows = fc.sample(row, { numRuns: 20, seed: 1 });
    const [folder, features] = [await temporaryFolder(), featuresOf(Row)];
    const [one, two, encoder] = [
      new ParquetFile(folder, 'one', features),
      new ParquetFile(folder, 'two', features),
      new RowEncoder(features),
    ];
    for (const [at, each] of rows.entries()) {
      await one.row(each, 1);
      encoder.add(each);
      if (at % 7 !== 6) continue;
      await one.endPages();
      await two.add(structuredClone(encoder.encoded()));
    }
    await two.add(encoder.encoded());
    await one.close();
    await two.close();
    expect(two.entry).toEqual(one.entry);
    expect(await fileHash(join(folder, 'two'))).toBe(one.entry.sha256);
  });

  test.each(Object.values(EXPORT_FORMS).flatMap(({ files }) => files))('$name has columns', ({ row: schema }) => {
    expect(featuresOf(schema).length).toBeGreaterThan(0);
  });

  test('a schema without columns of one type is refused', () => {
    expect(() => featuresOf(z.object({ a: z.record(z.string(), z.string()) }))).toThrow('The type of a');
    expect(() => featuresOf(z.object({ a: z.union([z.string(), z.number()]) }))).toThrow('different types');
  });
});
