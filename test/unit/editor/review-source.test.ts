import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../../src/core/answers/index.ts';
import type { GradingInfo } from '../../../src/core/model/index.ts';
import { DatasetReviewSource } from '../../../src/editor/review-source.ts';
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

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'longhand-source-'));
  cpSync(SAMPLE, folder, { recursive: true });
  dataset = await Dataset.open(folder);
  source = new DatasetReviewSource(dataset, 'Ada');
});
afterEach(async () => {
  await dataset.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the review source of a dataset', () => {
  it('gives every chain of the sample as an item that the reader accepts', async () => {
    const ids = await source.queue();
    expect(ids.length).toBe(dataset.index.chains().length);
    for (const id of ids) {
      const item = ReviewItem.parse(await source.item(id));
      for (const { start, end, answer } of item.candidates) expect(item.state.text.slice(start, end)).toBe(answer);
    }
    expect(await source.item('no such chain')).toBeUndefined();
  });

  it('leaves out chains whose problem is gone, and gives none of them as an item', async () => {
    const ids = await source.queue();
    const [first = ''] = ids;
    const problemId = dataset.index.chain(first)?.problemId ?? '';
    const file = join(folder, 'problems', 'sample.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const kept = lines.filter((line) => JSON.parse(line).id !== problemId);
    expect(kept).toHaveLength(lines.length - 1);
    writeFileSync(file, `${kept.join('\n')}\n`);
    await dataset.refresh();
    const left = await source.queue();
    expect(left).toEqual(ids.filter((id) => dataset.index.chain(id)?.problemId !== problemId));
    expect((await source.counts()).pending).toBe(left.length);
    expect(await source.item(first)).toBeUndefined();
  });

  it('marks candidate answers that are written as the gold is', async () => {
    const items = await Promise.all((await source.queue()).map((id) => source.item(id)));
    const right = items.filter(
      (item) => item?.chain.verdict.outcome === 'correct' && item.chain.verdict.method === 'text',
    );
    expect(right.length).toBeGreaterThan(0);
    for (const item of right) expect(item?.candidates.some(({ outcome }) => outcome === 'correct')).toBe(true);
  });

  it('says of candidate answers what grading said when the chain was made', async () => {
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

  it('says by which policy the round was graded, and by which a regrade would go where that is another', async () => {
    const [first = ''] = await source.queue();
    const before = await source.item(first);
    expect(before?.policy).toMatchObject({ percent: 'ignore' });
    expect(before?.policyNow).toBeUndefined();
    await dataset.saveSettings({ grading: { percent: 'convert' } });
    const after = await source.item(first);
    expect(after?.policy).toEqual(before?.policy);
    expect(after?.policyNow).toMatchObject({ percent: 'convert' });
  });

  it('says by which policy a chain was regraded last, alone or with its round', async () => {
    const [first = '', second = ''] = await source.queue();
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
    const [first = ''] = await source.queue();
    const other = new DatasetReviewSource(dataset, 'Emmy');
    await other.append({ ...act('skip', first, 'Emmy'), act: 'override', outcome: 'unknown', reason: 'two readings' });
    expect((await source.item(first))?.others).toEqual([
      { reviewer: 'Emmy', decision: 'pending', override: { outcome: 'unknown', reason: 'two readings' } },
    ]);
  });

  it('narrows the queue to a facet, and counts what only the decision keeps out of it', async () => {
    source.begin({ facet: 'decision', value: 'pending' });
    const [first = ''] = await source.queue();
    const before = await source.counts();
    await source.append(act('accept', first));
    expect(await source.queue()).not.toContain(first);
    expect(await source.counts()).toEqual({ ...before, accepted: 1, pending: before.pending - 1 });
  });

  it('puts decided chains last when a sitting begins, and moves none while it lasts', async () => {
    const [first = '', second = '', ...rest] = await source.queue();
    await source.append(act('accept', first));
    expect(await source.queue()).toEqual([first, second, ...rest]);
    source.begin(undefined);
    expect(await source.queue()).toEqual([second, ...rest, first]);
  });

  it('appends to the file of its reviewer alone, and shows what others said', async () => {
    const [first = ''] = await source.queue();
    const other = new DatasetReviewSource(dataset, 'Emmy');
    await other.append({ ...act('reject', first, 'Emmy'), reason: 'a slip in step 2' });
    await source.append(act('skip', first));
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
      source.append({ ...act('skip', id), act: 'edit', changes });
    await edit([{ start: 0, end: 0, insert: 'Well, let us begin. ' }]);
    expect(await leak()).toEqual([words]);
    expect((await source.item(id))?.chain.filters.find((filter) => filter.id === 'no-leak')?.at).toEqual([
      { start: place.start + 20, end: place.end + 20 },
    ]);
    await edit([{ start: place.start + 20, end: place.end + 20, insert: '' }]);
    expect(await leak()).toEqual([]);
    // What is edited here is not edited for somebody else.
    expect(await leak(new DatasetReviewSource(dataset, 'Emmy'))).toEqual([words]);
  });

  it('shows a place of a piece that assembly has changed as the whole piece, where the edits have put it', async () => {
    const id = '0-handwritten/word-10/1';
    const said = async () => {
      const item = await source.item(id);
      const check = item?.state.segments.find(({ piece }) => piece === 'check[1]');
      const at = item?.chain.filters.find((filter) => filter.id === 'verdict-consistent')?.at;
      return { at, check: check && [{ start: check.start, end: check.end }] };
    };
    const before = await said();
    expect(before.at).toEqual(before.check);
    await source.append({ ...act('skip', id), act: 'edit', changes: [{ start: 0, end: 0, insert: 'So. ' }] });
    const after = await said();
    expect(after.at).toEqual(after.check);
    expect(after.at).not.toEqual(before.at);
  });

  it('narrows the queue to what the quota left out, and says so of the chain', async () => {
    const left = '0-handwritten/alg-03/1';
    const path = join(folder, 'rounds', '0-handwritten', 'summary.json');
    const summary = JSON.parse(readFileSync(path, 'utf8'));
    const passed = dataset.index.chains().filter((chain) => chain.passed);
    const [dropped] = passed;
    writeFileSync(path, JSON.stringify({ ...summary, quotaDropped: [dropped?.id] }));
    await dataset.refresh();
    source.begin({ facet: 'failed', value: 'quota' });
    expect(await source.queue()).toEqual([dropped?.id]);
    expect((await source.item(dropped?.id ?? ''))?.quotaDropped).toBe(true);
    expect((await source.counts()).pending).toBe(1);
    expect((await source.item(left))?.quotaDropped).toBeUndefined();
    source.begin({ facet: 'filters', value: 'passed' });
    expect(await source.queue()).toHaveLength(passed.length - 1);
  });

  it('knows the other samples of a problem, and tells its listeners until they are disposed', async () => {
    const [first = ''] = await source.queue();
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
