import { existsSync, readdirSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { asBatch } from '../../../src/core/review/batch.ts';
import { FileReviewSource } from '../../../src/editor/files/file-source.ts';
import { ReviewSession } from '../../../src/editor/review/session.ts';
import { ReviewItem } from '../../../src/protocol/review.ts';
import { sideFileOf } from '../../../src/store/side-file.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { type Heard, newDataset, open as openDataset, run, SHARED } from '../../unit/verbs/run.ts';

const DIST = resolve(import.meta.dirname, '../../../dist');
const Q = 'What is 6 times 7?';
const RIGHT =
  'Six sevens are $36+6$, which is 42. Wait, let me check that again. $42/7=6$, which is correct. So the answer is $\\boxed{42}$.';
const WRONG = 'Six sevens are nearly fifty, so the answer is $\\boxed{48}$.';
const chat = (text: string) => ({
  conversations: [
    { from: 'human', value: Q },
    { from: 'gpt', value: text },
  ],
  answer: '42',
});

const opened: FileReviewSource[] = [];
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

async function open(path: string, reviewer = 'Ada'): Promise<FileReviewSource> {
  const source = await FileReviewSource.open({
    path,
    reviewer,
    dist: DIST,
    kept: join(dirname(path), 'kept'),
    log: () => {},
  });
  opened.push(source);
  return source;
}

async function fileOf(name: string, rows: readonly unknown[]): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

/** The item once it is graded. */
async function graded(source: FileReviewSource, id: string): Promise<ReviewItem> {
  for (;;) {
    const changed = new Promise<void>((done) => {
      const listening = source.onDidChange(() => {
        listening.dispose();
        done();
      });
    });
    const item = ReviewItem.parse(await source.item(id));
    if (item.isGrading !== true) return item;
    await changed;
  }
}

let acts = 0;
const session = (source: FileReviewSource): ReviewSession =>
  new ReviewSession(source, { id: () => `act-${acts++}`, at: () => new Date(acts).toISOString() });

const shownKey = (item: ReviewItem | undefined) => (item?.textKey === undefined ? {} : { textKey: item.textKey });

describe('a file in the reader', () => {
  test('its rows are graded and marked chains', async () => {
    const source = await open(await fileOf('a.jsonl', [chat(RIGHT), chat(WRONG)]));
    const right = await graded(source, '1');
    expect(right).toMatchObject({
      problem: { id: 'row 1', problem: Q, answer: '42' },
      chain: { round: 'a.jsonl', verdict: { outcome: 'correct', extracted: '42' } },
      state: { text: RIGHT, decision: 'pending' },
    });
    expect(right.state.spans.some(({ kind }) => kind === 'verification')).toBe(true);
    expect((await graded(source, '2')).chain.verdict.outcome).toBe('incorrect');
    expect(source.facts).toMatchObject({ name: 'a.jsonl', rows: 2, searched: 1 });
    expect(source.facts.columns).toContain('conversations');
  });

  test('decisions, labels and edits go to the side file and are there again', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT), chat(WRONG), chat('Forty-two.')]);
    const before = await readFile(path);
    const review = session(await open(path));
    await review.open();
    await review.act('1', { act: 'label', kind: 'backward', start: 0, end: 10 });
    await review.act('1', { act: 'accept' });
    expect((await review.view()).item?.chain.id).toBe('2');
    await review.act('2', { act: 'edit', changes: [{ start: 0, end: 3, insert: '6' }] });
    await review.act('2', { act: 'reject', reason: 'wrong' });
    await review.undo();
    const again = await open(path);
    expect((await again.item('1'))?.state).toMatchObject({ decision: 'accepted' });
    expect((await again.item('1'))?.state.spans.some(({ source }) => source === 'human')).toBe(true);
    expect((await again.item('2'))?.state).toMatchObject({ decision: 'pending', text: `6${WRONG.slice(3)}` });
    expect(await again.counts()).toEqual({ accepted: 1, rejected: 0, skipped: 0, pending: 2 });
    expect(await readFile(path)).toEqual(before);
    const other = await open(path, 'Ben');
    expect(await other.item('1')).toMatchObject({
      state: { decision: 'pending' },
      others: [{ reviewer: 'Ada', decision: 'accepted' }],
    });
  });

  test('a place is found far into the file, by row or by line, and a place that the file lacks is reported', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    const row = `${JSON.stringify(chat(RIGHT))}\n`;
    await writeFile(path, `${row.repeat(3000)}\n\n${row}`);
    const source = await open(path);
    expect(await source.chainAt({ line: 3003 })).toBe('3001');
    expect(await source.chainAt('3001')).toBe('3001');
    expect(await source.chainAt('3002')).toBeUndefined();
    expect(await source.chainAt({ line: 3002 })).toBeUndefined();
    expect(await source.chainAt('no place')).toBeUndefined();
    const ended = AbortSignal.abort(new Error('ended'));
    await expect(source.chainAt({ line: 3003 }, ended)).rejects.toThrow('ended');
  });

  test('an act does not apply to another text, when the file changes', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT)]);
    const source = await open(path);
    await session(source).act('1', { act: 'accept' });
    await writeFile(path, `${JSON.stringify(chat(WRONG))}\n${JSON.stringify(chat(RIGHT))}\n`);
    await source.reopen();
    expect((await source.item('1'))?.state).toMatchObject({ text: WRONG, decision: 'pending' });
  });

  test('an act on a text that changed since it was shown is refused', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT), chat(WRONG)]);
    const source = await open(path);
    const review = session(source);
    const shown = await source.item('1');
    await writeFile(path, `${JSON.stringify(chat(WRONG))}\n`);
    await source.reopen();
    expect(await review.act('1', { act: 'accept' }, shown?.textKey)).toMatch(
      /^The text has changed since it was shown/,
    );
    const decisions = [{ chainId: '1', act: { act: 'accept' as const }, ...shownKey(shown) }];
    expect(await review.decide(decisions)).toMatch(/^The text has changed/);
    expect(existsSync(sideFileOf(path))).toBe(false);
    expect(await review.act('1', { act: 'accept' }, (await source.item('1'))?.textKey)).toBeDefined();
    expect(existsSync(sideFileOf(path))).toBe(true);
  });

  test('each trace of a row is a chain, and the neighbours follow', async () => {
    const rows = [
      { problem: Q, answer: '42', generations: ['a', 'b'] },
      { problem: Q, answer: '42', generations: ['c', 'd', 'e'] },
      { problem: Q, answer: '42', generations: ['f'] },
    ];
    const review = session(await open(await fileOf('g.jsonl', rows)));
    await review.open();
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const { item, next, previous } = await review.view();
      seen.push(item?.state.text);
      await review.go('next');
      expect((await review.view()).item).toEqual(i === 5 ? item : next);
      expect(i === 0 || previous?.state.text === seen[i - 1]).toBe(true);
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    for (let i = 4; i >= 0; i--) {
      await review.go('previous');
      expect((await review.view()).item?.state.text).toBe(seen[i]);
    }
    expect((await review.compared(['2.2'], 3))?.items.map(({ chain }) => chain.id)).toEqual(['2.2', '2.3', '2']);
  });

  test('columns can be corrected, and are remembered', async () => {
    const path = await fileOf('a.jsonl', [{ aufgabe: Q, verlauf: RIGHT, loesung: '42' }]);
    const source = await open(path);
    await source.setColumns({ problem: 'aufgabe', trace: 'verlauf', answer: 'loesung', answerFrom: 'plain' });
    expect(await graded(source, '1')).toMatchObject({
      problem: { problem: Q },
      chain: { verdict: { outcome: 'correct' } },
    });
    expect((await open(path)).columns).toMatchObject({ trace: 'verlauf' });
  });

  test('a row without a gold answer or a problem is shown and not graded', async () => {
    const source = await open(await fileOf('a.jsonl', [{ text: RIGHT }]));
    expect(await graded(source, '1')).toMatchObject({
      problem: { problem: '', answer: '' },
      chain: { verdict: { outcome: 'unknown', detail: 'The row has no gold answer.' } },
    });
  });

  test('rows that can’t be read have a reason, and the others are shown', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT)]);
    await appendFile(path, `not JSON\n${JSON.stringify({ conversations: [] })}\n${JSON.stringify(chat(WRONG))}`);
    const source = await open(path);
    await expect(source.item('2')).rejects.toThrow('Can’t read row 2 of a.jsonl: the line is not valid JSON');
    await expect(source.item('3')).rejects.toThrow('holds no chat');
    expect((await source.item('4'))?.state.text).toBe(WRONG);
    expect(await source.item('5')).toBeUndefined();
    expect(await source.item('x')).toBeUndefined();
  });

  test.each([
    ['a.jsonl', Buffer.from([0x7b, 0, 1, 2]), 'binary'],
    ['a.eval', Buffer.from('PK\u0003\u0004 torn'), 'not a complete ZIP'],
    ['a.parquet', Buffer.from('PAR1 torn'), 'not a complete Parquet'],
    ['a.json', Buffer.from('{"a": 1,'), 'no list of rows'],
  ])('%s that can’t be read has no chains and a reason: %#', async (name, content, reason) => {
    const path = join(await temporaryFolder(), name);
    await writeFile(path, content);
    const source = await open(path);
    expect(source.facts.trouble).toContain(reason);
    expect((await source.queue()).length).toBe(0);
  });

  test('a file without columns names the reason', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    await writeFile(path, Buffer.from('{"problem": "caf\xe9"}\n', 'latin1'));
    expect((await open(path)).facts.trouble).toBe(
      'Can’t read row 1: the line is not valid UTF-8. Correct or remove the row.',
    );
    await writeFile(path, '1\n2\n');
    expect((await open(path)).facts.trouble).toMatch(/no rows with named columns\. Each row must be an object/);
  });

  test('a side file that is a link is refused, so that nothing else is written', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT)]);
    await symlink(join(await temporaryFolder(), 'other.txt'), sideFileOf(path));
    await expect(open(path)).rejects.toThrow('symbolic link');
  });

  test('where nothing can be written, an act is refused, and the file is still read', async () => {
    // A folder in the place of the side file can't be appended to by any user, also by root.
    const path = await fileOf('a.jsonl', [chat(RIGHT)]);
    const source = await open(path);
    await mkdir(sideFileOf(path));
    await expect(session(source).act('1', { act: 'accept' })).rejects.toThrow();
    expect((await source.item('1'))?.state.decision).toBe('pending');
  });

  test('a dataset made of it has its decisions, labels and edits', async () => {
    const path = await fileOf('a.jsonl', [chat(RIGHT), chat(WRONG)]);
    const review = session(await open(path));
    await review.open();
    await review.act('1', { act: 'accept' });
    await review.act('2', { act: 'edit', changes: [{ start: 0, end: 3, insert: '6' }] });
    const dataset = await newDataset();
    expect(await run('import-traces', { dataset, file: path, reviews: true })).toMatchObject({ traces: 2, reviews: 2 });
    const made = await openDataset(dataset);
    const states = await Promise.all(
      made.index
        .chains()
        .map(async ({ id }) => ({ text: (await made.chain(id)).text, acts: await made.reviewActs(id) })),
    );
    expect(states).toMatchObject([
      { text: RIGHT, acts: [{ act: 'accept', reviewer: 'Ada' }] },
      { text: WRONG, acts: [{ act: 'edit' }] },
    ]);
    // A second import takes what is new, and nothing twice.
    await review.act('2', { act: 'reject' });
    expect(await run('import-traces', { dataset, file: path, reviews: true })).toMatchObject({ traces: 0, reviews: 1 });
  });

  test('acts and columns of another window are taken in', async () => {
    const path = await fileOf('shared.jsonl', [{ problem: Q, answer: '42', output: RIGHT, text: WRONG }]);
    const [one, other] = [await open(path), await open(path)];
    const [mine, theirs] = [session(one), session(other)];
    await Promise.all([mine.open(), theirs.open()]);
    await mine.act('1', { act: 'accept' });
    const decision = async () => (await other.item('1'))?.state.decision;
    expect(await decision()).toBe('pending');
    await other.refreshReviews();
    expect(await decision()).toBe('accepted');
    await theirs.act('1', { act: 'reject' });
    await one.refreshReviews();
    expect((await one.item('1'))?.state.decision).toBe('rejected');
    await one.setColumns({ problem: 'problem', trace: 'text', answer: 'answer' });
    await other.refreshReviews();
    expect((await other.item('1'))?.state.text).toBe(WRONG);
  });

  test('a dataset made at a terminal has the columns that were corrected', async () => {
    const path = await fileOf('columns.jsonl', [{ problem: Q, answer: '42', output: RIGHT, text: WRONG }]);
    const source = await open(path);
    expect(source.columns?.trace).toBe('output');
    await source.setColumns({ problem: 'problem', trace: 'text', answer: 'answer' });
    const review = session(source);
    await review.open();
    await review.act('1', { act: 'reject' });
    const dataset = await newDataset();
    expect(await run('import-traces', { dataset, file: path, reviews: true })).toMatchObject({ traces: 1, reviews: 1 });
    const made = await openDataset(dataset);
    const [{ id } = { id: '' }] = made.index.chains();
    expect((await made.chain(id)).text).toBe(WRONG);
    const heard: Heard = { progress: [], log: [] };
    const named = { dataset, file: path, reviews: true, mapping: { trace: 'output' } };
    expect(await run('import-traces', named, { heard })).toMatchObject({ reviews: 0 });
    expect(heard.log.join()).toContain('No review act was imported');
  });

  test('a dataset made of a part of it has the decisions of that part', async () => {
    const path = await fileOf('part.jsonl', [chat(RIGHT), chat(WRONG)]);
    const source = await open(path);
    const stamp = { at: '2026-01-01T00:00:00Z', reviewer: 'Ada' };
    const acts = ['1', '2'].map((chainId, i) => ({ ...stamp, id: `b-${i}`, chainId, act: 'accept' as const }));
    await source.append(asBatch(acts, 'batch'));
    // The trace of the last act, which ends the batch, is another one now.
    await writeFile(path, `${JSON.stringify(chat(RIGHT))}\n${JSON.stringify(chat(`${WRONG} Yes.`))}\n`);
    const dataset = await newDataset();
    expect(await run('import-traces', { dataset, file: path, reviews: true })).toMatchObject({ traces: 2, reviews: 1 });
    const made = await openDataset(dataset);
    expect(made.index.chains().map(({ id }) => made.index.decision(id, 'Ada'))).toEqual(['accepted', 'pending']);
  });
});

const UGLY = join(SHARED, 'ugly');

describe.skipIf(!existsSync(UGLY))('ugly inputs (skipped where ../shared/data is absent)', () => {
  test('every row of every file is a chain or has a reason', { timeout: 120_000 }, async () => {
    for (const name of readdirSync(UGLY)) {
      const path = join(await temporaryFolder(), name);
      await copyFile(join(UGLY, name), path);
      const source = await open(path);
      expect(source.facts.trouble).toBeUndefined();
      const order = await source.queue();
      expect(order.length).toBeGreaterThan(0);
      for (let index = 0; index < order.length; index++) {
        const read = source.item(order.at(index) ?? '').then(
          (item) => ReviewItem.parse(item).state.text.length > 0,
          (error: unknown) => String(error).includes('Can’t read row'),
        );
        expect(await read).toBe(true);
      }
      await source.close();
    }
  });
});
