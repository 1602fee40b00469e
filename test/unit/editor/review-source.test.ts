import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetReviewSource } from '../../../src/editor/review-source.ts';
import { ReviewItem } from '../../../src/protocol/review.ts';
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
