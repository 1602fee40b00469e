import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AtomicWriter,
  appendLines,
  type LineRead,
  readLineAt,
  readLines,
  writeAtomic,
} from '../../../src/store/files.ts';
import { temporaryFolder } from './fixtures.ts';

async function collect(path: string, options?: Parameters<typeof readLines>[1]): Promise<LineRead[]> {
  const lines: LineRead[] = [];
  for await (const line of readLines(path, options)) lines.push(line);
  return lines;
}

const values = (lines: LineRead[]): unknown[] => lines.flatMap((line) => ('value' in line ? [line.value] : []));

describe('reading lines', () => {
  test('any objects that were appended come back in order, each at its own place', async () => {
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

  test('reading from any known place gives the rest of the lines', async () => {
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

  test('BOM, CRLF and blank lines are passed over', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '\uFEFF{"a":1}\r\n\r\n  \n{"a":2}\r\n{"a":3}');
    const lines = await collect(path);
    expect(values(lines)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(lines.map((line) => line.line)).toEqual([1, 4, 5]);
    for (const line of lines)
      expect(await readLineAt(path, line.offset, line.length)).toEqual('value' in line && line.value);
  });

  test('a line that is no JSON, no UTF-8 or too long is told and costs only itself', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{broken\n');
    await appendFile(path, Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]));
    await appendFile(path, `"${'x'.repeat(600_000)}"\n{"a":2}\n`);
    expect(await collect(path, { maxLine: 1000 })).toMatchObject([
      { line: 1, value: { a: 1 } },
      { line: 2, error: expect.stringContaining('not valid JSON'), torn: false },
      { line: 3, error: expect.stringContaining('not valid UTF-8') },
      { line: 4, error: expect.stringContaining('0.6 MB long'), length: 600_002 },
      { line: 5, value: { a: 2 } },
    ]);
  });

  test('a torn last line is told as torn', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{"a":');
    expect(await collect(path)).toMatchObject([{ value: { a: 1 } }, { torn: true, offset: 8, length: 5 }]);
  });
});

describe('writing', () => {
  test('an append after a torn line keeps the new line whole', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, '{"a":1}\n{"a":');
    await appendLines(path, [{ a: 2 }]);
    await appendLines(path, [{ a: 3 }]);
    expect(values(await collect(path))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test('appending nothing makes no file', async () => {
    const folder = await temporaryFolder();
    await appendLines(join(folder, 'a.jsonl'), []);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a file is replaced whole, and nothing else is left in the folder', async () => {
    const folder = await temporaryFolder();
    await writeAtomic(join(folder, 'deep', 'a.json'), 'one');
    await writeAtomic(join(folder, 'deep', 'a.json'), 'two');
    expect(await readFile(join(folder, 'deep', 'a.json'), 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'deep'))).toEqual(['a.json']);
  });

  test('until its commit nothing is seen of a growing file, and after abort nothing is left', async () => {
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
