import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ReviewAct } from '../../../src/core/schemas/index.ts';
import { FileReviewSource } from '../../../src/editor/files/file-source.ts';
import type { TableSession as Session } from '../../../src/editor/review/table/table-session.ts';
import { sideFileOf } from '../../../src/store/side-file.ts';
import { l10n } from '../../unit/editor/l10n.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

vi.mock('vscode', () => ({ l10n, env: { language: 'en' }, ThemeIcon: class {}, ThemeColor: class {} }));

const { FileTable } = await import('../../../src/editor/files/file-table.ts');
const { TableActs } = await import('../../../src/editor/review/table/table-acts.ts');
const { TableSession } = await import('../../../src/editor/review/table/table-session.ts');

const DIST = resolve(import.meta.dirname, '../../../dist');
const rowOf = (n: number) => ({
  problem: `What is ${n} plus ${n}?`,
  answer: '4',
  level: n % 3,
  response: `Let me check. It is \\boxed{${2 * n}}.`,
});
const ROWS = [1, 2, 3, 4, 5].map(rowOf);
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const opened: FileReviewSource[] = [];
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

async function open(path: string) {
  const source = await FileReviewSource.open({
    path,
    reviewer: 'Ada',
    dist: DIST,
    kept: join(dirname(path), 'kept'),
    log: () => {},
  });
  opened.push(source);
  const table = new FileTable(source);
  const session = new TableSession(table);
  return { source, table, session, acts: new TableActs(table, session), path };
}

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

const listed = ({ list }: Session): (string | undefined)[] =>
  Array.from({ length: list.length }, (_, row) => list.at(row));

async function side(path: string): Promise<ReviewAct[]> {
  const text = await readFile(sideFileOf(path), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ReviewAct]));
}

const column = (name: keyof (typeof ROWS)[number]) => ({ name, data: ROWS.map((row) => row[name]) });
const parquet = (): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({ columnData: [column('problem'), column('answer'), column('level'), column('response')] }),
  );

describe('the chain table of a file', () => {
  test.each([
    ['a.jsonl', () => lines(ROWS)],
    ['a.json', () => JSON.stringify(ROWS)],
    ['a.parquet', parquet],
  ])('%s is searched, sorted and counted by its rows and their grades', async (name, content) => {
    const { table, session } = await open(await fileOf(name, content()));
    await session.find(0, [], null);
    expect(listed(session)).toEqual(['1', '2', '3', '4', '5']);
    await session.findText(1, 'verdict = incorrect and level > 0', { column: 'problem', descending: true });
    expect(listed(session)).toEqual(['5', '4', '1']);
    const snapshot = await session.snapshot();
    expect(snapshot).toMatchObject({ total: 3, all: 5 });
    expect(snapshot.rows[0]).toMatchObject({ id: '5', problem: 'What is 5 plus 5?', level: '2', verdict: 'incorrect' });
    const verdicts = snapshot.facets.find(({ field }) => field === 'verdict');
    expect(verdicts?.values.map(({ value, count, chosen }) => [value, count, chosen])).toEqual([
      ['correct', 1, false],
      ['incorrect', 3, true],
    ]);
    expect(table.unread()).toEqual([]);
    await session.findText(2, 'problem ~ "2 plus"', null);
    expect(listed(session)).toEqual(['2']);
    await expect(session.findText(3, 'class = FT', null)).rejects.toThrow('A file has no “class”');
  });

  test('acts on several go to the side file as one batch, with one undo', async () => {
    const { session, acts, path, source } = await open(await fileOf('a.jsonl', lines(ROWS)));
    await session.findText(1, 'verdict = incorrect', null);
    session.select((await session.snapshot()).version, [[1, 3]]);
    const plan = await acts.plan('accept', '', undefined);
    expect(plan.description).toMatch(/^Accept 3 chains: 3 pending, 3 graded incorrect/);
    await acts.apply('accept', '', undefined);
    const written = await side(path);
    expect(written.map(({ act, chainId }) => [act, chainId.split('@')[0]])).toEqual([
      ['accept', '3'],
      ['accept', '4'],
      ['accept', '5'],
    ]);
    expect(written.at(-1)?.batch?.last).toBe(true);
    await session.findText(2, 'decision = accepted', null);
    expect(listed(session)).toEqual(['3', '4', '5']);
    expect(await source.counts()).toMatchObject({ accepted: 3, pending: 2 });
    await acts.reverse('undo');
    await session.refresh();
    expect(listed(session)).toEqual([]);
    const again = await open(path);
    await again.source.counts();
    await again.session.findText(1, 'decision = pending', null);
    expect(again.session.list.length).toBe(5);
  });

  test('an act is refused, and nothing is written, when the file changed since its plan', async () => {
    const { session, acts, path } = await open(await fileOf('a.jsonl', lines(ROWS)));
    await session.find(0, [], null);
    await acts.plan('accept', '', '2');
    await writeFile(path, lines(ROWS.toReversed()));
    await expect(acts.apply('accept', '', '2')).rejects.toThrow('a.jsonl has changed since these chains were listed');
    expect(await side(path)).toEqual([]);
    await session.refresh();
    await acts.plan('accept', '', '2');
    expect(await acts.apply('accept', '', '2')).toBe('Accept 1 chain.');
    expect(await side(path)).toHaveLength(1);
  });

  test('decisions on a text that the file no longer has are not counted', async () => {
    const { session, acts, path, source } = await open(await fileOf('a.jsonl', lines(ROWS)));
    await session.find(0, [], null);
    session.select((await session.snapshot()).version, [[0, 4]]);
    await acts.plan('accept', '', undefined);
    await acts.apply('accept', '', undefined);
    await writeFile(path, lines([...ROWS.slice(0, 2), rowOf(9), ...ROWS.slice(3)]));
    await source.reopen();
    expect(await source.counts()).toEqual({ accepted: 4, rejected: 0, skipped: 0, pending: 1 });
    await session.refresh();
    await session.findText(1, 'decision = pending', null);
    expect(listed(session)).toEqual(['3']);
    expect((await side(path)).length).toBe(5);
  });

  test('rows that are appended are listed, and what was read stays read', async () => {
    const { session, acts, path, source } = await open(await fileOf('a.jsonl', lines(ROWS)));
    await session.findText(1, 'verdict = incorrect', null);
    const { generation } = source;
    await acts.plan('accept', '', '1');
    await appendFile(path, lines([rowOf(6), rowOf(2)]));
    expect(await acts.apply('accept', '', '1')).toBe('Accept 1 chain.');
    expect(source.generation).toBe(generation);
    await session.refresh();
    expect(listed(session)).toEqual(['1', '3', '4', '5', '6']);
    expect((await source.item('7'))?.problem.problem).toBe('What is 2 plus 2?');
  });

  test('reading can be cancelled, and resumes later', async () => {
    const many = lines(Array.from({ length: 4000 }, (_, n) => rowOf(n)));
    const { table, session } = await open(await fileOf('a.jsonl', many));
    const stopped = new Promise<void>((done) => {
      const watching = table.onDidRead((reading) => {
        if (reading === undefined) return;
        watching.dispose();
        table.cancel();
        done();
      });
    });
    const finding = session.findText(1, 'verdict = correct', null);
    await stopped;
    await expect(finding).rejects.toThrow('Reading was cancelled');
    await session.findText(2, 'verdict = correct', null);
    expect(listed(session)).toEqual(['3']);
  });
});
