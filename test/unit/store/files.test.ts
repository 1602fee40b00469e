import { appendFile, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { appendLines, type LineRead, readLineAt, readLines } from '../../../src/store/lines/files.ts';
import { AtomicWriter, writeAtomic } from '../../../src/system/atomic-write.ts';
import { temporaryFolder } from './fixtures.ts';

async function collect(path: string, options?: Parameters<typeof readLines>[1]): Promise<LineRead[]> {
  const lines: LineRead[] = [];
  for await (const line of readLines(path, options)) lines.push(line);
  return lines;
}

const values = (lines: LineRead[]): unknown[] => lines.flatMap((line) => ('value' in line ? [line.value] : []));

describe('reading lines', () => {
  test('appended objects are read in order, each at its own offset', async () => {
    const folder = await temporaryFolder();
    let file = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), { maxLength: 5 }),
        async (batches) => {
          const path = join(folder, `${file++}.jsonl`);
          await writeFile(path, '');
          for (const batch of batches) await appendLines(path, batch);
          const written = batches.flat().map((value) => JSON.parse(JSON.stringify(value)));
          const lines = await collect(path);
          expect(values(lines)).toEqual(written);
          for (const [i, line] of lines.entries()) {
            expect(await readLineAt(path, line.offset, line.length)).toEqual(written[i]);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('reading from the offset of a line returns it and the lines after it', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await appendLines(
      path,
      ['é', '𝑥', { a: 1 }, [2]].map((value) => ({ value })),
    );
    const all = await collect(path);
    for (const [i, line] of all.entries()) {
      expect(values(await collect(path, { from: line.offset }))).toEqual(values(all.slice(i)));
    }
  });

  test('BOM, CRLF and blank lines are skipped', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '\uFEFF{"a":1}\r\n\r\n  \n{"a":2}\r\n{"a":3}');
    const lines = await collect(path);
    expect(values(lines)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(lines.map((line) => line.line)).toEqual([1, 4, 5]);
    for (const line of lines)
      expect(await readLineAt(path, line.offset, line.length)).toEqual('value' in line && line.value);
  });

  test('a line that is not JSON, not UTF-8 or too long is reported, and the others are read', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{broken\n');
    await appendFile(path, Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]));
    await appendFile(path, `"${'x'.repeat(600_000)}"\n{"a":2}\n`);
    expect(await collect(path, { maxLine: 1000 })).toMatchObject([
      { line: 1, value: { a: 1 } },
      { line: 2, error: expect.stringContaining('not valid JSON'), torn: false },
      { line: 3, error: expect.stringContaining('not valid UTF-8') },
      { line: 4, error: expect.stringContaining('600 kB long'), length: 600_002 },
      { line: 5, value: { a: 2 } },
    ]);
  });

  test('an incomplete last line is reported as torn', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{"a":');
    expect(await collect(path)).toMatchObject([{ value: { a: 1 } }, { torn: true, offset: 8, length: 5 }]);
  });
});

describe('writing', () => {
  test('an append after a torn line starts on a new line', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{"a":');
    await appendLines(path, [{ a: 2 }]);
    await appendLines(path, [{ a: 3 }]);
    expect(values(await collect(path))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test('an append to a file that is replaced meanwhile is in the new file', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await appendLines(path, [{ a: 1 }]);
    const handle = await open(path);
    const files = Object.getPrototypeOf(handle);
    await handle.close();
    const sync = vi.spyOn(files, 'datasync').mockImplementationOnce(async () => {
      await writeFile(`${path}.new`, '{"a":0}\n');
      await rename(`${path}.new`, path);
    });
    expect(await appendLines(path, [{ a: 2 }], { sync: true })).toEqual([{ offset: 8, length: 7 }]);
    expect(sync).toHaveBeenCalledTimes(2);
    expect(values(await collect(path))).toEqual([{ a: 0 }, { a: 2 }]);
    sync.mockRestore();
  });

  test('large batches appended concurrently are not interleaved', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    const batches = Array.from({ length: 6 }, (_, i) => [{ text: String(i).repeat(3_000_000) }, { i }]);
    await Promise.all(batches.map((batch) => appendLines(path, batch)));
    const found = values(await collect(path));
    expect(found).toHaveLength(12);
    expect(new Set(found.map((value) => JSON.stringify(value)))).toEqual(
      new Set(batches.flat().map((value) => JSON.stringify(value))),
    );
  });

  test('appending nothing creates no file', async () => {
    const folder = await temporaryFolder();
    await appendLines(join(folder, 'a.jsonl'), []);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a file is replaced atomically, and no other file is left in the folder', async () => {
    const folder = await temporaryFolder();
    await writeAtomic(join(folder, 'deep', 'a.json'), 'one');
    await writeAtomic(join(folder, 'deep', 'a.json'), 'two');
    expect(await readFile(join(folder, 'deep', 'a.json'), 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'deep'))).toEqual(['a.json']);
  });

  test('a file is unchanged until the writer commits, and an abort leaves no other file', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.jsonl'), 'old');
    const writer = await AtomicWriter.create(join(folder, 'a.jsonl'));
    await writer.write('half');
    expect(await readFile(join(folder, 'a.jsonl'), 'utf8')).toBe('old');
    await writer.abort();
    expect(await readdir(folder)).toEqual(['a.jsonl']);
    expect(await readFile(join(folder, 'a.jsonl'), 'utf8')).toBe('old');
  });
});

describe('an append on a full disk (scripted)', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['leaves no part of its line', '', '{"first":1}\n'],
    ['keeps a line that another window appended meanwhile', '{"other":1}\n', '{"first":1}\n{"other":1}\n{"se'],
  ])('%s', async (_, other, left) => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    await appendLines(path, [{ first: 1 }]);
    const handle = await open(path);
    const files = Object.getPrototypeOf(handle);
    await handle.close();
    vi.spyOn(files, 'write').mockImplementationOnce(async function (this: typeof handle, bytes: unknown) {
      await appendFile(path, other);
      if (bytes instanceof Buffer) await this.write(bytes.subarray(0, 4));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    await expect(appendLines(path, [{ second: 2 }])).rejects.toMatchObject({
      message: expect.stringContaining('The disk is full'),
      advice: expect.stringMatching(/then try again\.$/),
    });
    expect(await readFile(path, 'utf8')).toBe(left);
  });
});
