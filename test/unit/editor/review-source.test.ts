import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { formatQuery, type Query } from '../../../src/core/query/query.ts';
import type { GradingInfo } from '../../../src/core/schemas/index.ts';
import type { Grader } from '../../../src/editor/review/late-grades.ts';
import { DatasetReviewSource } from '../../../src/editor/review/review-source.ts';
import { ReviewItem } from '../../../src/protocol/review.ts';
import { createGrading } from '../../../src/store/gradings.ts';
import { Dataset } from '../../../src/store/index.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../media/sample');

let folder = '';
let dataset: Dataset;
let source: DatasetReviewSource;
let acts = 0;
const act = (kind: 'accept' | 'reject' | 'skip', chainId: string, reviewer = 'Ada') => ({
  act: kind,
  id: `act-${acts++}`,
  at: '2026-01-01T00:00:00Z',
  reviewer,
  chainId,
});

let query: Query;
const sourceOf = (reviewer: string, grader?: Grader): DatasetReviewSource => {
  const holder = {
    query: () => query,
    order: () => null,
    set: (next: Query) => {
      query = next;
    },
  };
  return new DatasetReviewSource(dataset, reviewer, holder, grader);
};
const queued = async (from: DatasetReviewSource): Promise<string[]> => {
  const order = await from.queue();
  return Array.from({ length: order.length }, (_, index) => order.at(index) ?? '');
};
const begin = (text: string): void => {
  query = parseQuery(text);
  source.begin();
};

beforeEach(async () => {
  query = [];
  folder = mkdtempSync(join(tmpdir(), 'longhand-source-'));
  cpSync(SAMPLE, folder, { recursive: true });
  dataset = await Dataset.open(folder);
  source = sourceOf('Ada');
});
afterEach(async () => {
  await dataset.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the review source of a dataset', () => {
  it('gives every chain of the sample as an item that the reader accepts', async () => {
    const ids = await queued(source);
    expect(ids.length).toBe(dataset.index.chains().length);
    for (const id of ids) {
      const item = ReviewItem.parse(await source.item(id));
      for (const { start, end, answer } of item.candidates) expect(item.state.text.slice(start, end)).toBe(answer);
    }
    expect(await source.item('no such chain')).toBeUndefined();
  });

  it('omits chains whose problem is missing, in the queue and as items', async () => {
    const ids = await queued(source);
    const [first = ''] = ids;
    const problemId = dataset.index.chain(first)?.problemId ?? '';
    const file = join(folder, 'problems', 'sample.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const kept = lines.filter((line) => JSON.parse(line).id !== problemId);
    expect(kept).toHaveLength(lines.length - 1);
    writeFileSync(file, `${kept.join('\n')}\n`);
    await dataset.refresh();
    const left = await queued(source);
    expect(left).toEqual(ids.filter((id) => dataset.index.chain(id)?.problemId !== problemId));
    expect((await source.counts()).pending).toBe(left.length);
    expect(await source.item(first)).toBeUndefined();
  });

  it('marks candidate answers that are written as the gold is', async () => {
    const items = await Promise.all((await queued(source)).map((id) => source.item(id)));
    const right = items.filter(
      (item) => item?.chain.verdict.outcome === 'correct' && item.chain.verdict.method === 'text',
    );
    expect(right.length).toBeGreaterThan(0);
    for (const item of right) expect(item?.candidates.some(({ outcome }) => outcome === 'correct')).toBe(true);
  });

  it('shows the stored outcomes of candidate answers', async () => {
    const file = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const chain = JSON.parse(lines[0] ?? '') as { id: string };
    const [candidate] = (await source.item(chain.id))?.candidates ?? [];
    expect(candidate).toMatchObject({ answer: '13.5', outcome: 'incorrect' });
    // A later line replaces the chain.
    const graded = JSON.stringify({ ...chain, candidates: { '13.5': 'correct' } });
    writeFileSync(file, `${lines.join('\n')}\n${graded}\n`);
    await dataset.refresh();
    expect((await source.item(chain.id))?.candidates[0]).toMatchObject({ answer: '13.5', outcome: 'correct' });
  });

  it('grades candidate answers of a chain that has no grades, and notifies its listeners when it has them', async () => {
    const file = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const bare = lines.map((line) => JSON.stringify({ ...JSON.parse(line), candidates: undefined }));
    writeFileSync(file, `${bare.join('\n')}\n`);
    await dataset.refresh();
    const own = sourceOf('Ada', {
      grade: async () => ({ '(-3,4)': 'incorrect' }),
      mayGrade: () => true,
      isAbort: () => false,
      log: () => undefined,
    });
    const id = '0-handwritten/alg-04/1';
    const outcome = async () => (await own.item(id))?.candidates.find(({ answer }) => answer === '(-3,4)')?.outcome;
    const changed = new Promise<void>((heard) => own.onDidChange(heard));
    expect(await outcome()).toBeUndefined();
    await changed;
    expect(await outcome()).toBe('incorrect');
  });

  it('has the policy of the round, and that of a regrade if it is another', async () => {
    const [first = ''] = await queued(source);
    const before = await source.item(first);
    expect(before?.policy).toMatchObject({ percent: 'ignore' });
    expect(before?.policyNow).toBeUndefined();
    await dataset.saveSettings({ grading: { percent: 'convert' } });
    const after = await source.item(first);
    expect(after?.policy).toEqual(before?.policy);
    expect(after?.policyNow).toMatchObject({ percent: 'convert' });
  });

  it('has the policy of the last regrade of a chain, alone or with its round', async () => {
    const [first = '', second = ''] = await queued(source);
    const round = dataset.index.chain(first)?.round ?? '';
    const { createdAt } = await dataset.roundPlan(round);
    const made = async (name: 'lenient' | 'strict', more: Partial<GradingInfo>) => {
      const { lock } = await createGrading(folder, {
        version: 1,
        createdAt,
        policy: resolvePolicy(name),
        grader: { longhand: '0', worker: '0' },
        rounds: [round],
        applied: true,
        finishedAt: createdAt,
        ...more,
      });
      await lock.release();
    };
    const names = async () => [(await source.item(first))?.policy.name, (await source.item(second))?.policy.name];
    const [plain] = await names();
    await made('strict', { applied: false });
    await made('strict', { rounds: ['another'] });
    expect(await names()).toEqual([plain, plain]);
    await made('lenient', { chains: [first] });
    expect(await names()).toEqual(['lenient', plain]);
    await made('strict', {});
    expect(await names()).toEqual(['strict', 'strict']);
  });

  it('shows another reviewer’s word on the answer with its reason', async () => {
    const [first = ''] = await queued(source);
    const other = sourceOf('Emmy');
    await other.append([
      { ...act('skip', first, 'Emmy'), act: 'override', outcome: 'unknown', reason: 'two readings' },
    ]);
    expect((await source.item(first))?.others).toEqual([
      { reviewer: 'Emmy', decision: 'pending', override: { outcome: 'unknown', reason: 'two readings' } },
    ]);
  });

  it('keeps the same list of the queue while acts can’t change it', async () => {
    const order = await source.queue();
    const [first = '', second = ''] = [order.at(0), order.at(1)];
    await source.append([act('accept', first)]);
    source.changed();
    expect(await source.queue()).toBe(order);
    expect(order.indexOf(second)).toBe(1);
    expect(order.indexOf('no such chain')).toBe(-1);
    expect(order.at(order.length)).toBeUndefined();
    // Decided chains come last in the next session.
    source.begin();
    expect((await queued(source)).at(-1)).toBe(first);
    begin('decision = pending');
    const pending = await queued(source);
    await source.append([act('skip', second)]);
    expect(await queued(source)).toEqual(pending.filter((id) => id !== second));
  });

  it('narrows the queue to a facet, and counts what only the decision keeps out of it', async () => {
    begin('decision = pending');
    const [first = ''] = await queued(source);
    const before = await source.counts();
    await source.append([act('accept', first)]);
    expect(await queued(source)).not.toContain(first);
    expect(await source.counts()).toEqual({ ...before, accepted: 1, pending: before.pending - 1 });
  });

  it('combines filters: values of one facet are alternatives, facets restrict each other', async () => {
    const class_ = (id: string) => dataset.index.chain(id)?.class;
    begin('class = TT, FF and verdict = correct');
    const ofClasses = dataset.index.chains().filter(({ id }) => ['TT', 'FF'].includes(class_(id) ?? ''));
    const correct = ofClasses.filter(({ outcome }) => outcome === 'correct');
    expect(correct.length).toBeLessThan(ofClasses.length);
    expect(await queued(source)).toEqual(correct.map(({ id }) => id));
    source.removeClause({ field: 'verdict', op: '=', values: ['correct'] });
    expect(await queued(source)).toEqual(ofClasses.map(({ id }) => id));
    expect(formatQuery(source.query)).toBe('class = TT, FF');
    expect(source.all()).toHaveLength(dataset.index.chains().length);
  });

  it('puts decided chains last when a session starts, and moves none during it', async () => {
    const [first = '', second = '', ...rest] = await queued(source);
    await source.append([act('accept', first)]);
    expect(await queued(source)).toEqual([first, second, ...rest]);
    begin('');
    expect(await queued(source)).toEqual([second, ...rest, first]);
  });

  it('appends only to the file of its reviewer, and shows the reviews of others', async () => {
    const [first = ''] = await queued(source);
    const other = sourceOf('Emmy');
    await other.append([{ ...act('reject', first, 'Emmy'), reason: 'a slip in step 2' }]);
    await source.append([act('skip', first)]);
    const item = await source.item(first);
    expect(item?.state.decision).toBe('skipped');
    expect(item?.others).toEqual([{ reviewer: 'Emmy', decision: 'rejected', reason: 'a slip in step 2' }]);
    expect(
      readFileSync(join(folder, 'reviews', 'Ada.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });

  it('carries the places of a filter through the reviewer’s own edits, and leaves out one that an edit took away', async () => {
    const id = '0-handwritten/alg-04/1';
    const leak = async (from = source) => {
      const item = await from.item(id);
      const at = item?.chain.filters.find((filter) => filter.id === 'no-leak')?.at ?? [];
      return at.map(({ start, end }) => item?.state.text.slice(start, end));
    };
    const before = await source.item(id);
    const place = before?.chain.filters.find((filter) => filter.id === 'no-leak')?.at?.[0];
    if (place === undefined) throw new Error('this chain of the sample gives itself away');
    const [words = ''] = await leak();
    expect(words.length).toBeGreaterThan(4);
    const edit = (changes: { start: number; end: number; insert: string }[]) =>
      source.append([{ ...act('skip', id), act: 'edit', changes }]);
    await edit([{ start: 0, end: 0, insert: 'Well, let us begin. ' }]);
    expect(await leak()).toEqual([words]);
    expect((await source.item(id))?.chain.filters.find((filter) => filter.id === 'no-leak')?.at).toEqual([
      { start: place.start + 20, end: place.end + 20 },
    ]);
    await edit([{ start: place.start + 20, end: place.end + 20, insert: '' }]);
    expect(await leak()).toEqual([]);
    // An edit of one reviewer is not an edit of another.
    expect(await leak(sourceOf('Emmy'))).toEqual([words]);
  });

  it('shows a place of a piece that assembly has changed as the whole piece, where the edits have put it', async () => {
    const id = '0-handwritten/word-10/1';
    const shown = async () => {
      const item = await source.item(id);
      const check = item?.state.segments.find(({ piece }) => piece === 'check[1]');
      const at = item?.chain.filters.find((filter) => filter.id === 'verdict-consistent')?.at;
      return { at, check: check && [{ start: check.start, end: check.end }] };
    };
    const before = await shown();
    expect(before.at).toEqual(before.check);
    await source.append([{ ...act('skip', id), act: 'edit', changes: [{ start: 0, end: 0, insert: 'So. ' }] }]);
    const after = await shown();
    expect(after.at).toEqual(after.check);
    expect(after.at).not.toEqual(before.at);
  });

  it('filters the queue by what the quota filtered out, and marks the chain', async () => {
    const left = '0-handwritten/alg-03/1';
    const path = join(folder, 'rounds', '0-handwritten', 'summary.json');
    const summary = JSON.parse(readFileSync(path, 'utf8'));
    const passed = dataset.index.chains().filter((chain) => chain.passed);
    const [dropped] = passed;
    writeFileSync(path, JSON.stringify({ ...summary, quotaDropped: [dropped?.id] }));
    await dataset.refresh();
    begin('failed = quota');
    expect(await queued(source)).toEqual([dropped?.id]);
    expect((await source.item(dropped?.id ?? ''))?.quotaDropped).toBe(true);
    expect((await source.counts()).pending).toBe(1);
    expect((await source.item(left))?.quotaDropped).toBeUndefined();
    begin('filters = passed');
    expect(await queued(source)).toHaveLength(passed.length - 1);
  });

  it('lists the other samples of a problem, and notifies listeners until they are disposed', async () => {
    const [first = ''] = await queued(source);
    const problemId = dataset.index.chain(first)?.problemId ?? '';
    expect(await source.samplesOf(problemId)).toContain(first);
    let heard = 0;
    const listening = source.onDidChange(() => heard++);
    source.changed();
    listening.dispose();
    source.changed();
    expect(heard).toBe(1);
  });
});
