import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/export/index.ts';
import { splitSteps } from '../../../src/core/review/index.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { type ScriptedHub, startScriptedHub } from '../../fixtures/hub.ts';
import { act } from '../../unit/store/fixtures.ts';
import { newDataset, open, run, temporaryFolder } from '../../unit/verbs/run.ts';

const TOKEN = 'hf_testtesttesttesttesttesttesttest';
let hub: ScriptedHub | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

/** A sample with decisions, an edit, labels, notes, tags and an overruled verdict of two reviewers. */
async function reviewed(): Promise<string> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  for (const [at, { id }] of opened.index.chains().slice(0, 12).entries()) {
    const stored = await opened.chain(id);
    const { text, segments } = stored;
    if (at === 0) await opened.appendChains(stored.round, [{ ...stored, continues: { chain: 'a', at: 3, call: 'k' } }]);
    if (at === 9) {
      const repairs = { chain: 'b', start: 0, end: 3, by: { reviewer: 'Ada' }, call: 'k' };
      await opened.appendChains(stored.round, [{ ...stored, repairs }]);
    }
    if (at === 1)
      await opened.appendReview(act('Ada', id, { act: 'edit', changes: [{ start: 0, end: 0, insert: '𝔸 well, ' }] }));
    if (at === 2) await opened.appendReview(act('Ada', id, { act: 'label', kind: 'verification', start: 3, end: 30 }));
    if (at === 3) await opened.appendReview(act('Ben', id, { act: 'note', text: 'look at the second line' }));
    if (at === 4) await opened.appendReview(act('Ben', id, { act: 'tag', tag: 'check' }));
    if (at === 5)
      await opened.appendReview(act('Ben', id, { act: 'override', outcome: 'correct', reason: 'checked by hand' }));
    const [first, second, third] = splitSteps(text, segments);
    if (at === 6 && third) await opened.appendReview(act('Ben', id, { act: 'first-wrong-step', place: third }));
    if (at === 7) await opened.appendReview(act('Ben', id, { act: 'first-wrong-step', place: 'none' }));
    if (at === 8 && first && second) {
      await opened.appendReview(act('Ada', id, { act: 'step', ...first, label: 'good' }));
      await opened.appendReview(act('Ada', id, { act: 'step', ...second, label: 'neutral' }));
    }
    await opened.appendReview(act('Ada', id, { act: 'accept' }));
    // Chains of equal text, with ids that other files can't have.
    if (at === 10) {
      await opened.appendChains(stored.round, [
        { ...stored, id: '7' },
        { ...stored, id: 'étape: 2' },
      ]);
      await opened.appendReview(act('Ada', '7', { act: 'accept' }));
      await opened.appendReview(act('Ben', 'étape: 2', { act: 'accept' }));
    }
  }
  return dataset;
}

/** Replaces a file of an export, with or without its hash in the manifest. */
async function replaced(folder: string, name: string, change: (text: string) => string, isListed = true) {
  const text = change(await readFile(join(folder, name), 'utf8'));
  await writeFile(join(folder, name), text);
  if (!isListed) return;
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  Object.assign(manifest.files[name] ?? {}, { sha256: createHash('sha256').update(text).digest('hex') });
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(texts));
}

async function exportOf(dataset: string, args: Partial<VerbArgs<'export'>> = {}): Promise<string> {
  return (await run('export', { dataset, select: 'accepted', ...args })).folder;
}

/** What a dataset of another name and id has in common with the one that was exported. */
function comparable(files: Record<string, string>): Record<string, string> {
  const { 'README.md': _card, 'manifest.json': _manifest, ...rows } = files;
  return rows;
}

test.each([['jsonl'], ['parquet'], ['both']] as const)(
  'an export as %s imports again, and exports as the same bytes',
  { timeout: 120_000 },
  async (files) => {
    const first = await exportOf(await reviewed(), { files });
    const second = await newDataset();
    const imported = await run('import-traces', { dataset: second, file: first });
    expect(imported).toMatchObject({ traces: 14, duplicates: 0, bad: [] });
    const again = await exportOf(second, { files });
    const [before, after] = [await contents(first), await contents(again)];
    if (files !== 'parquet')
      for (const parent of ['a', 'b']) expect(after['train.messages.jsonl']).toContain(`"parent":"${parent}"`);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    // An edited text is imported as it is, without the edit.
    const edited = (text = '') => text.replaceAll('"edited":true', '"edited":false');
    for (const [name, text] of Object.entries(comparable(before)))
      expect(after[name]).toBe(name.endsWith('reviews.jsonl') ? edited(text) : text);
    const [old, now] = [before, after].map((each) => JSON.parse(each['manifest.json'] ?? '') as Manifest);
    expect(now?.rounds).toEqual(old?.rounds);
    expect(now?.sources).toEqual(old?.sources);
    expect(now?.selection).toEqual(old?.selection);
    expect(now?.createdAt).toBe(old?.createdAt);
    expect({ ...now?.counts, edited: 0, warnings: 0, failedFilter: 0 }).toEqual({
      ...old?.counts,
      edited: 0,
      warnings: 0,
      failedFilter: 0,
    });
  },
);

test('imports rows for validation too', { timeout: 120_000 }, async () => {
  const first = await exportOf(await reviewed(), { validation: 0.3 });
  const second = await newDataset();
  expect(await run('import-traces', { dataset: second, file: first })).toMatchObject({ traces: 14, rows: 14, bad: [] });
});

test('imports once, and adds what is new', { timeout: 120_000 }, async () => {
  const dataset = await reviewed();
  const first = await exportOf(dataset);
  const second = await newDataset();
  await run('import-traces', { dataset: second, file: first });
  expect(await run('import-traces', { dataset: second, file: first })).toMatchObject({
    traces: 0,
    duplicates: 14,
    reviews: 0,
  });
  // Here, the text of the edited chain is another one.
  const { dataset: third } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  expect(await run('import-traces', { dataset: third, file: first })).toMatchObject({ traces: 3, duplicates: 11 });
  expect(await run('import-traces', { dataset: third, file: first })).toMatchObject({ traces: 0, duplicates: 14 });
  // Imports of an earlier version changed some ids.
  const { dataset: fourth } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const earlier = await open(fourth);
  const stored = await earlier.chain(earlier.index.chains()[10]?.id ?? '');
  await earlier.appendChains(stored.round, [
    { ...stored, id: `${basename(first)}-7` },
    { ...stored, id: 'tape-2' },
  ]);
  expect(await run('import-traces', { dataset: fourth, file: first })).toMatchObject({ traces: 1, duplicates: 13 });
  expect((await (await open(fourth)).reviewActs('tape-2')).map(({ reviewer }) => reviewer)).toEqual(['Ben']);
});

test('reports what an export of a stranger has wrong', { timeout: 120_000 }, async () => {
  const folder = await exportOf(await reviewed());
  const second = await newDataset();
  const file = 'train.messages.jsonl';
  const imported = () => run('import-traces', { dataset: second, file: folder });
  // Cut at the end of a row.
  await replaced(folder, file, (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1), false);
  await expect(imported()).rejects.toThrow(`${file} is not as in manifest.json`);
  await replaced(folder, file, (text) => text.replace(/"round":"[^"]+"/, '"round":"9-unknown"'));
  await replaced(folder, 'reviews.jsonl', (text) => text.replace('"checked by hand"', '" "'));
  const { traces, bad } = await imported();
  expect(traces).toBe(12);
  expect(bad).toEqual([{ line: 1, reason: 'its round is not in manifest.json' }]);
  const { index } = await open(second);
  expect(index.chains().filter(({ id }) => index.decision(id) === 'accepted')).toHaveLength(12);
  await replaced(folder, 'manifest.json', (text) => JSON.stringify({ ...JSON.parse(text), rounds: [] }), false);
  await expect(imported()).rejects.toThrow('manifest.json has no round');
});

test('a published set imports with pseudonyms from its name', { timeout: 120_000 }, async () => {
  hub = await startScriptedHub({});
  hub.writer = TOKEN;
  const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, LONGHAND_CACHE: await temporaryFolder() };
  const folder = await exportOf(await reviewed(), { files: 'both' });
  for (const [reviews, to] of [[true, 'owner/set'] as const, [false, 'owner/plain'] as const]) {
    const args = { export: folder, to, reviews };
    const { confirm } = await run('publish', { ...args, plan: true }, { env });
    await run('publish', { ...args, confirm }, { env });
    const second = await newDataset();
    const imported = await run('import-traces', { dataset: second, file: `hf:${to}` }, { env });
    expect(imported).toMatchObject({ traces: 14, bad: [] });
    const { index } = await open(second);
    expect(index.chains().map(({ id }) => index.decision(id))).toEqual(Array(14).fill('accepted'));
    const overruled = index.chains().filter(({ id }) => index.override(id, 'reviewer-2') !== undefined);
    expect(overruled).toHaveLength(1);
  }
  // More than its manifest lists is not fetched.
  const set = hub.repos['owner/set'];
  if (set) set.files['train.messages.jsonl'] = 'x'.repeat(1_000_000);
  if (set) set.commit = 'c'.repeat(40);
  await expect(run('import-traces', { dataset: await newDataset(), file: 'hf:owner/set' }, { env })).rejects.toThrow(
    'are downloaded',
  );
});

test('a folder without a manifest, and one of a form without chains, are refused', async () => {
  const second = await newDataset();
  await expect(run('import-traces', { dataset: second, file: await temporaryFolder() })).rejects.toThrow(
    'without a manifest',
  );
});
