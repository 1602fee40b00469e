import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Dataset } from '../../../src/store/dataset.ts';
import { repairDataset } from '../../../src/store/repair.ts';
import { chain, newDataset, plan, problem } from './fixtures.ts';

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** A dataset with one round, whose files the test writes. */
async function withRound(): Promise<{ dataset: Dataset; round: string }> {
  const dataset = await newDataset();
  await dataset.createRound(plan('0-first'));
  return { dataset, round: dataset.roundFolder('0-first') };
}

describe('damaged lines', () => {
  test('are listed with their numbers and reasons', async () => {
    const { dataset, round } = await withRound();
    const lines = [
      Buffer.from(json(chain('c1'))),
      Buffer.from(`${json(chain('c2')).slice(0, 60)}\n`),
      Buffer.from('\n'),
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]),
      Buffer.from(json({ id: 'c3' })),
      Buffer.from(json(chain('c4'))),
    ];
    await writeFile(join(round, 'chains.jsonl'), Buffer.concat(lines));
    await dataset.refresh();
    expect(dataset.index.chains().map(({ id }) => id)).toEqual(['c1', 'c4']);
    expect(dataset.index.damaged()).toEqual([
      {
        file: 'rounds/0-first/chains.jsonl',
        count: 3,
        lines: [
          { line: 2, reason: expect.stringContaining('JSON') },
          { line: 4, reason: expect.stringContaining('UTF-8') },
          { line: 5, reason: expect.stringContaining('round') },
        ],
      },
    ]);
  });

  test('keep their numbers when the file grows, and in the saved index', async () => {
    const { dataset, round } = await withRound();
    const path = join(round, 'chains.jsonl');
    await writeFile(path, `${json(chain('c1'))}garbage\r\n${json(chain('c2'))}`);
    await dataset.refresh();
    await appendFile(path, `${json(chain('c3'))}\n{"torn\n`);
    await dataset.refresh();
    const found = dataset.index.damaged();
    expect(found[0]?.lines.map(({ line }) => line)).toEqual([2, 6]);
    await dataset.close();
    const again = await Dataset.open(dataset.folder);
    expect(again.index.damaged()).toEqual(found);
    await appendFile(path, 'more garbage\n');
    await again.refresh();
    expect(again.index.damaged()[0]?.lines.map(({ line }) => line)).toEqual([2, 6, 7]);
    await again.close();
  });

  test('are found in journals, reviews, problems, grades, labels, runs and exports too', async () => {
    const { dataset, round } = await withRound();
    for (const folder of [
      'judge',
      'problems',
      'workbench',
      'calibrations/0-ada',
      'gradings/0-strict',
      'evaluations/0-base',
      'exports/passed',
      'reviews',
      'runs/1-train',
      'benchmarks',
    ])
      await mkdir(join(dataset.folder, folder), { recursive: true });
    const files = [
      'benchmarks/b.jsonl',
      'calibrations/0-ada/labels.jsonl',
      'evaluations/0-base/journal.jsonl',
      'evaluations/0-base/samples.jsonl',
      'exports/passed/left-out.jsonl',
      'exports/passed/train.messages.jsonl',
      'gradings/0-strict/rows.jsonl',
      'judge/journal.jsonl',
      'problems/p.jsonl',
      'reviews/ada.jsonl',
      'rounds/0-first/grades.jsonl',
      'rounds/0-first/journal.jsonl',
      'rounds/0-first/judgements.jsonl',
      'runs/1-train/attempts.jsonl',
      'runs/1-train/hosted.jsonl',
      'runs/1-train/progress.jsonl',
      'workbench/journal.jsonl',
    ];
    for (const file of files) await writeFile(join(dataset.folder, file), '{"key": "x", "te\n');
    expect(round).toContain('0-first');
    const found = await dataset.index.findDamage();
    expect(found.map(({ file, count }) => [file, count])).toEqual(files.map((file) => [file, 1]));
  });

  test('of an export are found by the hash of its manifest, and by reading where it differs', async () => {
    const dataset = await newDataset();
    const folder = join(dataset.exportsFolder, 'passed');
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'train.messages.jsonl');
    // Its hash is right, so that nothing of it is read.
    const text = `${json({ id: 'a' })}garbage\n`;
    const entry = { sha256: createHash('sha256').update(text).digest('hex'), bytes: text.length, rows: 2 };
    await writeFile(path, text);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ files: { 'train.messages.jsonl': entry } }));
    expect(await dataset.index.findDamage()).toEqual([]);
    await appendFile(path, 'more garbage\n');
    expect(await dataset.index.findDamage()).toMatchObject([{ count: 1, lines: [{ line: 3 }] }]);
    await writeFile(path, text.replace('a', 'b'));
    expect(await dataset.index.findDamage()).toMatchObject([{ count: 1, lines: [{ line: 2 }] }]);
  });

  test('in a journal are found on request only: opening and refreshing a dataset read no journal', async () => {
    const { dataset, round } = await withRound();
    await writeFile(join(round, 'journal.jsonl'), 'garbage\n');
    await dataset.refresh();
    expect(dataset.index.damaged()).toEqual([]);
    expect(await dataset.index.findDamage()).toMatchObject([{ file: 'rounds/0-first/journal.jsonl', count: 1 }]);
    expect(dataset.index.damaged()).toHaveLength(1);
  });

  test('include the incomplete last line of a writer that ended, not of a running one', async () => {
    const { dataset, round } = await withRound();
    const path = join(round, 'chains.jsonl');
    await writeFile(path, `${json(chain('c1'))}{"id": "c2", "te`);
    await dataset.refresh();
    expect(dataset.index.damaged()).toEqual([]);
    await utimes(path, LONG_AGO, LONG_AGO);
    await dataset.refresh();
    expect(dataset.index.damaged()).toMatchObject([{ count: 1, lines: [{ line: 2 }] }]);
  });

  test.each(['utf16le', 'utf16be', 'utf16le without BOM'])(
    'in a file of %s are one problem that names the encoding',
    async (encoding) => {
      const dataset = await newDataset();
      const text = `${encoding.endsWith('BOM') ? '' : '\uFEFF'}${json(problem('p1'))}${json(problem('p2'))}`;
      const bytes = Buffer.from(text, 'utf16le');
      await mkdir(dataset.problemsFolder, { recursive: true });
      await writeFile(join(dataset.problemsFolder, 'a.jsonl'), encoding === 'utf16be' ? bytes.swap16() : bytes);
      await dataset.refresh();
      expect(dataset.index.damaged()).toEqual([
        { file: 'problems/a.jsonl', count: 0, lines: [], whole: expect.stringContaining('UTF-16'), utf16: true },
      ]);
      expect(await repairDataset(dataset)).toEqual({
        repaired: [{ file: 'problems/a.jsonl', lines: 0, side: 'problems/a.jsonl.utf-16', converted: true }],
        skipped: [],
      });
      expect(dataset.index.problems().map(({ id }) => id)).toEqual(['p1', 'p2']);
      expect(dataset.index.damaged()).toEqual([]);
    },
  );
});

describe('repairing', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from('{"id": "x", "te')),
    fc.constant(Buffer.from(JSON.stringify({ id: 'x' }))),
  );
  // Neither a line end within the line nor a blank line, which is not damage.
  const bad = garbage
    .map((bytes) => Buffer.concat([Buffer.from('#'), bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d) as Buffer]))
    .map((bytes) => Buffer.from(bytes));

  test('moves the bytes of unreadable lines to a side file and leaves every other byte as it is', async () => {
    const { dataset, round } = await withRound();
    const path = join(round, 'chains.jsonl');
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(bad, fc.constant(undefined)), { maxLength: 12 }),
        fc.boolean(),
        async (parts, torn) => {
          await Promise.all([path, `${path}.damaged`].map((one) => writeFile(one, '')));
          const lines = parts.map((part) => part ?? Buffer.from(JSON.stringify(chain(`c${n++}`))));
          const ended = lines.map((line, i) =>
            Buffer.concat([line, Buffer.from(torn && i === lines.length - 1 ? '' : '\n')]),
          );
          await writeFile(path, Buffer.concat(ended));
          // Its writer ended long ago: an incomplete last line is damage too.
          const at = new Date(LONG_AGO.getTime() + n++ * 1000);
          await utimes(path, at, at);
          await dataset.refresh();
          await repairDataset(dataset);
          const of = (isBad: boolean): Buffer =>
            Buffer.concat(ended.filter((_, i) => (parts[i] !== undefined) === isBad));
          expect(await readFile(path)).toEqual(of(false));
          expect(await readFile(`${path}.damaged`)).toEqual(of(true));
          expect(dataset.index.damaged()).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('appends to an existing side file, and does nothing without damage', async () => {
    const { dataset, round } = await withRound();
    const path = join(round, 'chains.jsonl');
    await writeFile(path, `one\n${json(chain('c1'))}`);
    await dataset.refresh();
    const repaired = { file: 'rounds/0-first/chains.jsonl', lines: 1, side: 'rounds/0-first/chains.jsonl.damaged' };
    expect(await repairDataset(dataset)).toEqual({ repaired: [repaired], skipped: [] });
    await appendFile(path, 'two\n');
    await dataset.refresh();
    await repairDataset(dataset);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('one\ntwo\n');
    expect(await repairDataset(dataset)).toEqual({ repaired: [], skipped: [] });
    expect(await readFile(path, 'utf8')).toBe(json(chain('c1')));
  });

  test('removes the draft of a killed repair, and leaves none when it fails', async () => {
    const { dataset, round } = await withRound();
    await writeFile(join(round, 'chains.jsonl'), `one\n${json(chain('c1'))}`);
    // No process has this id: the limit on Linux is 4,194,304.
    await writeFile(join(round, '.chains.jsonl.4194305.0.tmp'), 'half');
    await mkdir(join(round, 'chains.jsonl.damaged'));
    await dataset.refresh();
    expect((await repairDataset(dataset)).skipped).toHaveLength(1);
    expect((await readdir(round)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('changes no export', async () => {
    const { dataset } = await withRound();
    const path = join(dataset.exportsFolder, 'passed', 'train.messages.jsonl');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'garbage\n');
    const { repaired, skipped } = await repairDataset(dataset);
    expect(repaired).toEqual([]);
    expect(skipped).toEqual([
      { file: 'exports/passed/train.messages.jsonl', reason: expect.stringMatching(/Export again\.$/) },
    ]);
    expect(await readFile(path, 'utf8')).toBe('garbage\n');
  });

  test('skips a running round, and repairs the other files', async () => {
    const { dataset, round } = await withRound();
    await writeFile(join(round, 'chains.jsonl'), 'garbage\n');
    await mkdir(dataset.problemsFolder, { recursive: true });
    await writeFile(join(dataset.problemsFolder, 'a.jsonl'), 'garbage\n');
    await dataset.refresh();
    const lock = await dataset.lockRound('0-first');
    const { repaired, skipped } = await repairDataset(dataset);
    expect(repaired.map(({ file }) => file)).toEqual(['problems/a.jsonl']);
    expect(skipped).toEqual([{ file: 'rounds/0-first/chains.jsonl', reason: expect.stringMatching(/process \d+/) }]);
    expect(await readFile(join(round, 'chains.jsonl'), 'utf8')).toBe('garbage\n');
    await lock.release();
  });
});
