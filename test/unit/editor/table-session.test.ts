import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QueryError } from '../../../src/core/query/parse.ts';
import { COLUMN_IDS } from '../../../src/core/review/table/columns.ts';
import { NAMED_ORDERS, type TableSort } from '../../../src/core/review/table/view.ts';
import { ToChainsPage } from '../../../src/protocol/chains.ts';
import { EXAMINATION_FOLDER, FINDINGS_FILE } from '../../../src/store/examination.ts';
import { Dataset, writeBatch } from '../../../src/store/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { l10n } from './l10n.ts';

vi.mock('vscode', () => ({ l10n, env: { language: 'en' }, ThemeIcon: class {}, ThemeColor: class {} }));

const { DatasetTable } = await import('../../../src/editor/review/table/dataset-table.ts');
const { TableActs } = await import('../../../src/editor/review/table/table-acts.ts');
const { TableSession } = await import('../../../src/editor/review/table/table-session.ts');

const SAMPLE = resolve(import.meta.dirname, '../../../media/sample');

let dataset: Dataset;
let table: InstanceType<typeof DatasetTable>;
let session: InstanceType<typeof TableSession>;
let acts: InstanceType<typeof TableActs>;
let written = 0;

beforeEach(async () => {
  const folder = await temporaryFolder();
  await cp(SAMPLE, folder, { recursive: true });
  dataset = await Dataset.open(folder);
  written = 0;
  table = new DatasetTable('sample', dataset, 'Ada', () => written++);
  session = new TableSession(table);
  acts = new TableActs(table, session);
  await session.find(0, [], null);
});
afterEach(() => dataset.close());

const listed = (): string[] => Array.from({ length: session.list.length }, (_, row) => session.list.at(row) ?? '');
const all = () => dataset.index.chains().map(({ id }) => id);
const reviews = async (): Promise<string[]> =>
  (await readFile(join(dataset.folder, 'reviews', 'Ada.jsonl'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

describe('the session of the chain table', () => {
  it('lists all chains as stored, with a row that the page accepts for each', async () => {
    const snapshot = await session.snapshot();
    expect(ToChainsPage.parse({ ...snapshot, canUndo: false, canRedo: false })).toMatchObject({ total: all().length });
    expect(snapshot.rows.map(({ id }) => id)).toEqual(all().slice(0, 80));
    const [row] = snapshot.rows;
    const chain = dataset.index.chain(row?.id ?? '');
    const problem = await dataset.problem(chain?.problemId ?? '');
    expect(row).toMatchObject({ tokens: chain?.tokens, class: chain?.class, first: chain?.first, decisions: [] });
    expect(problem.problem.replace(/\s+/g, ' ')).toContain(row?.problem.slice(0, 40));
  });

  it('takes two choices that are faster than a search, and answers both requests', async () => {
    const [first, second] = [session.choose(1, 'class', 'FT', 'toggle'), session.choose(2, 'level', '5', 'toggle')];
    expect(await Promise.all([first, second])).toEqual([false, true]);
    expect((await session.snapshot()).query).toBe('class = FT and level = 5');
    const [asked, elsewhere] = [session.findText(3, 'class = TT', null), session.find(0, [], null)];
    expect(await Promise.all([asked, elsewhere])).toEqual([false, true]);
    expect(await session.snapshot()).toMatchObject({ query: '', request: 3 });
  });

  it('excludes a value once, and includes it again', async () => {
    await session.choose(1, 'class', 'FT', 'exclude');
    await session.choose(2, 'class', 'FT', 'exclude');
    expect((await session.snapshot()).query).toBe('not class = FT');
    await session.choose(3, 'class', 'FT', 'toggle');
    expect((await session.snapshot()).query).toBe('class = FT');
  });

  it('lists what a query selects, and keeps the list when a later one is wrong', async () => {
    await session.findText(1, 'first = incorrect and verdict = correct', null);
    const found = listed();
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((id) => dataset.index.chain(id)?.class === 'FT')).toBe(true);
    expect(() => session.findText(2, 'first = ', null)).toThrow(QueryError);
    expect(listed()).toEqual(found);
    expect((await session.snapshot()).request).toBe(1);
  });

  it('adds, removes and excludes the values of facets', async () => {
    await session.choose(1, 'class', 'FT', 'toggle');
    await session.choose(2, 'class', 'TT', 'toggle');
    expect((await session.snapshot()).query).toBe('class = FT, TT');
    await session.choose(3, 'class', 'FT', 'toggle');
    await session.choose(4, 'verdict', 'correct', 'exclude');
    expect((await session.snapshot()).clauses.map(({ text }) => text)).toEqual(['class = TT', 'not verdict = correct']);
    expect(listed().every((id) => dataset.index.chain(id)?.outcome !== 'correct')).toBe(true);
    expect(await session.choose(5, '__proto__', 'x', 'toggle')).toBe(false);
  });

  it('sorts by every column, in both directions, with unknown values last', async () => {
    for (const column of COLUMN_IDS) {
      await session.find(1, [], { column, descending: false });
      expect([...listed()].sort()).toEqual(all().sort());
      await session.find(1, [], { column, descending: true });
      expect([...listed()].sort()).toEqual(all().sort());
    }
    await session.find(1, [], { column: 'tokens', descending: true });
    const tokens = listed().map((id) => dataset.index.chain(id)?.tokens ?? 0);
    expect(tokens).toEqual([...tokens].sort((a, b) => b - a));
  });

  it('orders by uncertainty, by length, and at random by a seed', async () => {
    const ids = async (sort: TableSort) => {
      await session.find(1, [], sort);
      return listed();
    };
    const shuffled = await ids({ by: 'random', seed: 1 });
    expect([...shuffled].sort()).toEqual(all().sort());
    expect(shuffled).not.toEqual(all());
    expect(await ids({ by: 'random', seed: 2 })).not.toEqual(shuffled);
    expect(await ids({ by: 'random', seed: 1 })).toEqual(shuffled);
    // A subset has the same order.
    await session.findText(2, 'class = FT', { by: 'random', seed: 1 });
    expect(listed()).toEqual(shuffled.filter((id) => dataset.index.chain(id)?.class === 'FT'));
    const tokens = (await ids(NAMED_ORDERS.shortest)).map((id) => dataset.index.chain(id)?.tokens ?? 0);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(await ids(NAMED_ORDERS.uncertain)).toEqual(all());
    const overruled = all()[5] ?? '';
    const acts = { id: 'a', at: '2026-01-01T00:00:00Z', reviewer: 'Ada', chainId: overruled } as const;
    await dataset.appendReview({ ...acts, act: 'override', outcome: 'unknown', reason: 'unclear' });
    await dataset.refresh();
    expect((await ids(NAMED_ORDERS.uncertain))[0]).toBe(overruled);
  });

  it('keeps the selection of chains that are listed still, and drops the others', async () => {
    const before = listed();
    session.select((await session.snapshot()).version, [[0, before.length - 1]]);
    await session.findText(1, 'class = FT', null);
    expect(session.selected).toEqual(listed());
    const { selected, version } = await session.snapshot();
    expect(selected).toEqual([[0, listed().length - 1]]);
    await session.findText(2, '', null);
    expect(session.selected.length).toBeLessThan(before.length);
    await session.findText(3, 'class = TT', null);
    // Rows of neither this list nor the one before it.
    expect(session.select(version, [[0, 0]])).toBe(false);
    expect(session.selected).toEqual([]);
  });

  it('holds no ids of the selection when the list changes', async () => {
    let held = 0;
    let most = 0;
    class Counted extends DatasetTable {
      override async find(...query: Parameters<InstanceType<typeof DatasetTable>['find']>) {
        const found = await super.find(...query);
        const at = (row: number) => {
          most = Math.max(most, ++held);
          return found.list.at(row);
        };
        const rowOf = (id: string) => {
          held--;
          return found.list.rowOf(id);
        };
        return { ...found, list: { length: found.list.length, isCurrent: true, at, rowOf, equals: () => false } };
      }
    }
    session = new TableSession(new Counted('sample', dataset, 'Ada', () => undefined));
    await session.find(0, [], null);
    session.select((await session.snapshot()).version, [[0, listed().length - 1]]);
    [held, most] = [0, 0];
    await session.findText(1, 'class = FT', null);
    expect(most).toBe(1);
    const { selected, total } = await session.snapshot();
    expect(selected).toEqual([[0, total - 1]]);
  });

  it('selects what was clicked while the files changed, where it is listed still', async () => {
    const clicked = [2, 3].map((row) => listed()[row]);
    const { version } = await session.snapshot();
    await dataset.appendReview({
      ...{ id: 'b', at: '2026-01-01T00:00:00Z', reviewer: 'Ada', chainId: listed()[0] ?? '' },
      act: 'accept',
    });
    await dataset.refresh();
    await session.findText(1, 'decision = pending', null);
    expect(session.select(version, [[2, 3]])).toBe(true);
    expect(session.selected).toEqual(clicked);
    expect((await session.snapshot()).selected).toEqual([[1, 2]]);
  });

  it('has findings and near duplicates only after an examination', async () => {
    expect((await session.snapshot()).columns).not.toContain('findings');
    expect((await session.snapshot()).columns).not.toContain('group');
    expect((await session.snapshot()).columns).not.toContain('replyGroup');
    const [first = '', second = '', third = ''] = all();
    const folder = join(dataset.folder, EXAMINATION_FOLDER);
    await mkdir(folder, { recursive: true });
    const found = [
      { finding: 'near-duplicate', id: second, reason: 'The problem is nearly the same.', group: first },
      { finding: 'near-duplicate-reply', id: third, reason: 'The reply is nearly the same.', group: second },
    ];
    await writeFile(join(folder, FINDINGS_FILE), found.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await dataset.refresh();
    table.changed();
    await session.refresh();
    const { columns, rows } = await session.snapshot();
    expect(columns).toEqual(expect.arrayContaining(['findings', 'group', 'replyGroup']));
    expect(rows[1]).toMatchObject({ id: second, group: first, replyGroup: second, findings: [expect.any(String)] });
    expect(rows[2]).toMatchObject({ id: third, replyGroup: second });
    expect(rows[2]?.group).toBeUndefined();
    await session.findText(1, `replyGroup = "${second}"`, null);
    expect([...listed()].sort()).toEqual([second, third].sort());
    await session.findText(1, `group = "${first}"`, null);
    expect(listed()).toContain(second);
  });

  it('gives rows of the present list only', async () => {
    const { version } = await session.snapshot();
    expect(await session.rows(version, 1, 2)).toHaveLength(2);
    await session.findText(1, 'class = FT', null);
    expect(await session.rows(version, 1, 2)).toBeUndefined();
  });
});

describe('acts on several chains of the table', () => {
  const selectAll = async () => session.select((await session.snapshot()).version, [[0, listed().length - 1]]);

  it('are planned, done, undone and redone', async () => {
    await session.findText(1, 'class = FT', null);
    await selectAll();
    const count = listed().length;
    const plan = await acts.plan('accept', '', undefined);
    expect(plan).toMatchObject({ count, ready: true });
    expect(plan.description).toMatch(new RegExp(`^Accept ${count} chains: ${count} pending`));
    expect(await reviews()).toEqual([]);
    expect(await acts.apply('accept', '', undefined)).toBe(`Accept ${count} chains.`);
    expect(await reviews()).toHaveLength(count);
    expect(acts.canUndo).toBe(true);
    expect(await acts.reverse('undo')).toBe(`Undone: Accept ${count} chains.`);
    expect(all().every((id) => dataset.index.decision(id, 'Ada') === 'pending')).toBe(true);
    expect(await acts.reverse('redo')).toBe(`Redone: Accept ${count} chains.`);
    expect(listed().every((id) => dataset.index.decision(id, 'Ada') === 'accepted')).toBe(true);
    expect(written).toBe(3);
  });

  it('are undone one after another by keys that are faster than the disk', async () => {
    const [one = '', other = ''] = listed();
    for (const id of [one, other]) {
      await acts.plan('accept', '', id);
      await acts.apply('accept', '', id);
    }
    await Promise.all([acts.reverse('undo'), acts.reverse('undo')]);
    await dataset.refresh();
    expect([one, other].map((id) => dataset.index.decision(id, 'Ada'))).toEqual(['pending', 'pending']);
    expect([acts.canUndo, acts.canRedo]).toEqual([false, true]);
  });

  it('never reach a chain that the query does not list', async () => {
    await session.findText(1, 'decision = pending', null);
    await selectAll();
    await acts.plan('reject', 'wrong', undefined);
    // Meanwhile the reader accepts a chain, so that the query no longer lists it.
    const [first = ''] = listed();
    await writeBatch(dataset, { act: 'accept' }, [first], 'Ada');
    await session.refresh();
    await acts.apply('reject', 'wrong', undefined);
    expect(dataset.index.decision(first, 'Ada')).toBe('accepted');
    expect(all().filter((id) => dataset.index.decision(id, 'Ada') === 'rejected')).toHaveLength(all().length - 1);
    // The chain at the cursor counts only while it is listed.
    session.select((await session.snapshot()).version, []);
    expect(acts.targets(first)).toEqual([]);
  });

  it('reach only what the shown plan had, even if more chains match now', async () => {
    const [first = '', second = ''] = listed();
    const { version } = await session.snapshot();
    session.select(version, [[0, 0]]);
    await acts.plan('tag', 'easy', undefined);
    session.select(version, [[0, 1]]);
    await acts.apply('tag', 'easy', undefined);
    expect(dataset.index.review(first).reviewers.get('Ada')?.tags).toEqual(['easy']);
    expect(dataset.index.review(second).reviewers.get('Ada')?.tags).toBeUndefined();
  });

  it('report what is wrong with a text before anything is written', async () => {
    const [first] = listed();
    expect(await acts.plan('tag', 'a,b', first)).toMatchObject({
      ready: false,
      problem: expect.stringContaining('up to 60'),
    });
    expect(await acts.plan('reject', '', first)).toMatchObject({ ready: false });
    await expect(acts.apply('reject', ' ', first)).rejects.toThrow();
    expect(await reviews()).toEqual([]);
    expect(await acts.reverse('undo')).toBe('There is nothing to undo.');
  });
});
