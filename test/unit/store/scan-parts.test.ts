import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHAINS } from '../../../src/store/chain-index/rows.ts';
import { readPart, splitFile } from '../../../src/store/chain-index/scan-part.ts';
import { joinParts, readTask, ScanThreads } from '../../../src/store/chain-index/scan-threads.ts';
import { encodeColumns, Segment } from '../../../src/store/chain-index/segment.ts';
import { parseJson } from '../../../src/store/lines/parse-json.ts';
import { chain, temporaryFolder } from './fixtures.ts';

const FILE = 'rounds/1-a/chains.jsonl';
const WORKER = join(import.meta.dirname, '../../../src/store/chain-index/scan-worker.ts');
const emptyRows = () => new Segment(FILE, CHAINS.shape);

/** Lines of a file of chains: also blank, damaged and foreign ones. */
const line = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 9 }).map((id) => JSON.stringify(chain(`c${id}`, { model: `m${id % 3}` }))) },
  fc.constantFrom('', ' ', '{}', '{"id":', '}', 'null', '"}\\n{"', '{"text":"😀}"}'),
);
const content = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n', '\n', '\r\n')), { maxLength: 30 })
  .chain((lines) => fc.tuple(fc.constant(lines.map(([text, end]) => text + end).join('')), line))
  .map(([lines, last]) => lines + last);

test('a line is refused for its nesting where parseJson refuses it', async () => {
  const path = join(await temporaryFolder(), 'chains.jsonl');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom(99, 100, 101, 499, 500)),
      async (levels) => {
        const text = JSON.stringify(chain('c1')).replace('{', `{"unknown":${'['.repeat(levels)}${']'.repeat(levels)},`);
        await writeFile(path, text);
        let expected: string | undefined;
        try {
          parseJson(text);
        } catch (error) {
          expected = `the line is not valid JSON: ${(error as Error).message}`;
        }
        const rows = emptyRows();
        const { bad } = await readPart(path, { from: 0 }, rows, CHAINS.row, 1);
        expect([rows.length, bad[0]?.reason]).toEqual(expected === undefined ? [1, undefined] : [0, expected]);
      },
    ),
  );
});

describe('a file that is read in parts', () => {
  test('has the rows, the bad lines and the end of one that is read as a whole', async () => {
    const path = join(await temporaryFolder(), 'chains.jsonl');
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 7 }), fc.nat({ max: 9 }), async (text, count, before) => {
        await writeFile(path, text);
        const expected = emptyRows();
        const read = await readPart(path, { from: 0 }, expected, CHAINS.row, 1 + before);
        const rows = emptyRows();
        const parts = await splitFile(path, 0, Buffer.byteLength(text), count);
        const found = await Promise.all(parts.map((part) => readTask({ path, file: FILE, kind: 'chains', part })));
        expect(joinParts(found, rows, CHAINS, 1 + before)).toEqual(read);
        const bytesOf = (segment: typeof rows) => Buffer.from(encodeColumns(segment, 1, {}, null)).toString('hex');
        expect(bytesOf(rows)).toBe(bytesOf(expected));
      }),
      { numRuns: 200 },
    );
  });

  test('is read by threads, and by this one where they fail', async () => {
    const path = join(await temporaryFolder(), 'chains.jsonl');
    await writeFile(path, Array.from({ length: 50 }, (_, i) => `${JSON.stringify(chain(`c${i}`))}\n`).join(''));
    const log: string[] = [];
    const read = async (worker: string, kind = CHAINS.kind): Promise<string[] | undefined> => {
      const threads = new ScanThreads(worker, (text) => log.push(text), { most: 3, least: 1000 });
      const rows = emptyRows();
      const found = await threads.read(path, { from: 0, size: 20_000, line: 1 }, rows, { ...CHAINS, kind });
      return found && [...rows].map(({ id }) => id);
    };
    expect(await read(WORKER)).toEqual(Array.from({ length: 50 }, (_, i) => `c${i}`));
    expect(log).toEqual([]);
    expect(await read(WORKER, 'unknown')).toBeUndefined();
    expect(await read(`${WORKER}.absent`)).toBeUndefined();
    expect(log).toEqual([expect.stringContaining('unknown can’t be read'), expect.stringContaining('absent')]);
  });
});
