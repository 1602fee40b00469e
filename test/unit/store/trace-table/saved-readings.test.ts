import { appendFile, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../../src/core/query/parse.ts';
import { count } from '../../../../src/store/chain-index/columns.ts';
import { openRowFile, type RowFile } from '../../../../src/store/source/row-file.ts';
import { SavedReadings } from '../../../../src/store/trace-table/saved-readings.ts';
import { type TraceGrader, TraceTable } from '../../../../src/store/trace-table/trace-table.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { graderInThread } from './grader-in-thread.ts';

const COLUMNS = { problem: 'problem', trace: 'trace', answer: 'answer' };

/** A file with its folder of saved readings. Its rows have one or two chains, and some lines are blank. */
async function place(): Promise<{ path: string; kept: string; dist: string }> {
  const home = await temporaryFolder();
  const [path, kept] = [join(home, 'a.jsonl'), join(home, 'kept')];
  const rows = Array.from({ length: 200 }, (_, n) => ({
    problem: `${n} + 1`,
    answer: String(n + 1),
    level: n % 5,
    trace: n % 3 === 0 ? [`\\boxed{${n + 1}}`, 'so wait'] : `\\boxed{${n}}`,
  }));
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n\n`).join(''));
  await writeFile(join(home, 'grading-worker.mjs'), '');
  return { path, kept, dist: home };
}

/** Opens the file as the thread does. `reads` counts the rows that were read, `grades` the chains that were graded. */
async function opened(
  { path, kept, dist }: Awaited<ReturnType<typeof place>>,
  columns = COLUMNS,
  onGrade?: (grades: number) => void,
) {
  const counts = { reads: 0, grades: 0 };
  const saved = await SavedReadings.of(path, kept, dist, 0);
  const file = await openRowFile(path, saved?.places);
  const known = file.searched;
  const counted: RowFile = Object.create(file, {
    row: {
      value: (index: number) => {
        counts.reads++;
        return file.row(index);
      },
    },
    ...Object.fromEntries((['rows', 'searched', 'size'] as const).map((name) => [name, { get: () => file[name] }])),
  });
  const grader = async (): Promise<TraceGrader> => {
    const { grade, flush } = await graderInThread();
    return {
      grade: (task) => {
        counts.grades++;
        onGrade?.(counts.grades);
        return grade(task);
      },
      flush,
    };
  };
  const table = new TraceTable(counted, 'a.jsonl', columns, grader, saved);
  await table.restore();
  const find = async (text: string, signal = new AbortController().signal, progress = () => {}) => {
    while (file.searched < file.size) await file.search();
    const scope = { query: parseQuery(text), sort: undefined, reviewer: 'Ada', reviews: new Map(), facets: [] };
    const { positions } = await table.find(scope, { signal, progress });
    return [...(positions ?? [])].map((position) => table.order.at(position));
  };
  return { file, known, find, count: counts, close: () => file.close() };
}

const QUERIES = ['level = 2', 'tokens > 3', 'verdict = correct', 'chain = 4.2', 'failed = answer'];

test('what was read and graded of a file is known when it is opened again', async () => {
  const at = await place();
  const first = await opened(at);
  expect(first.known).toBe(0);
  const found = await Promise.all(QUERIES.map((query) => first.find(query)));
  expect(found[2]?.length).toBeGreaterThan(50);
  expect(first.count.grades).toBe(267);
  await first.close();
  const again = await opened(at);
  expect(again.known).toBe(again.file.size);
  expect(again.file.rows).toBe(200);
  expect(await Promise.all(QUERIES.map((query) => again.find(query)))).toEqual(found);
  // A query asks the file whether there are more rows, once each for rows and grades.
  expect(again.count.grades).toBe(0);
  expect(again.count.reads).toBeLessThanOrEqual(QUERIES.length * 2);
  expect(await again.file.rowOfLine(299)).toBe(149);
  await again.close();
});

test('a reading that was cancelled is resumed', async () => {
  const at = await place();
  const controller = new AbortController();
  const first = await opened(at, COLUMNS, (grades) => {
    if (grades === 250) controller.abort(new Error('enough'));
  });
  await expect(first.find('verdict = correct', controller.signal)).rejects.toThrow('enough');
  await first.close();
  const again = await opened(at);
  const found = await again.find('verdict = correct');
  expect(again.count.grades).toBeGreaterThan(0);
  expect(again.count.grades).toBeLessThan(267);
  await again.close();
  const other = await opened(await place());
  expect(await other.find('verdict = correct')).toEqual(found);
  await other.close();
});

test('rows of another reading than the places of their chains are not used', async () => {
  const at = await place();
  const find = async () => {
    const table = await opened(at);
    const found = await table.find('tokens > 3');
    await table.close();
    return { found, reads: table.count.reads };
  };
  const whole = await find();
  const saved = await SavedReadings.of(at.path, at.kept, at.dist, 0);
  const none = { length: 0, columns: [['row', count.create()] as const, ['chains', count.create()] as const] };
  await saved?.save('several', COLUMNS, none, { next: 0 });
  expect(await find()).toEqual(whole);
});

test('nothing is used of a changed file, of other columns, of another build or of a damaged copy', async () => {
  const at = await place();
  const read = async (columns = COLUMNS): Promise<number> => {
    const table = await opened(at, columns);
    await table.find('tokens > 3');
    await table.close();
    return table.count.reads;
  };
  const all = await read();
  expect(all).toBeGreaterThanOrEqual(200);
  expect(await read()).toBeLessThan(3);
  expect(await read({ ...COLUMNS, answer: 'level' })).toBe(all);
  await appendFile(at.path, `${JSON.stringify({ problem: '1', answer: '1', trace: '1' })}\n`);
  expect(await read()).toBe(all + 1);
  await writeFile(join(at.dist, 'grading-worker.mjs'), 'new');
  expect(await read()).toBe(all + 1);
  expect(await read()).toBeLessThan(3);
  await utimes(at.path, new Date(), new Date(0));
  expect(await read()).toBe(all + 1);
  for (const name of await readdir(at.kept)) {
    const bytes = await readFile(join(at.kept, name));
    await writeFile(join(at.kept, name), bytes.fill(7, bytes.length - 9, bytes.length - 1));
  }
  expect(await read()).toBe(all + 1);
  // No text of the file is kept.
  for (const name of await readdir(at.kept))
    expect((await readFile(join(at.kept, name))).includes('boxed')).toBe(false);
});
