import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RoundFunnel } from '../../../src/core/dataset/funnel/model.ts';
import { figureTable, print } from '../../../src/verbs/dataset/dashboard.ts';
import { act } from '../store/fixtures.ts';
import { newDataset, open, run, temporaryFolder } from './run.ts';

describe('sample', () => {
  test('creates a dataset with a new id, prompts and a round to review', async () => {
    const parent = await temporaryFolder();
    const [one, two] = [join(parent, 'deep', 'one'), join(parent, 'two')];
    await mkdir(two);
    const result = await run('sample', { dataset: one });
    await run('sample', { dataset: two });
    expect(result.problems).toBeGreaterThanOrEqual(60);
    expect(result.chains).toBeGreaterThanOrEqual(12);
    const [first, second] = [await open(one), await open(two)];
    expect(first.settings.id).not.toBe(second.settings.id);
    expect(Object.keys(await first.prompts('full'))).toContain('answer-1');
    expect(Object.keys(await first.prompts('small'))).toContain('answer-1');
    expect(first.index.damaged()).toEqual([]);
    expect(await readdir(parent)).toEqual(['deep', 'two']);
  });

  test('never writes to a folder that is not empty', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'mine.txt'), 'x');
    await expect(run('sample', { dataset: folder })).rejects.toThrow('is not empty');
    expect(await readdir(folder)).toEqual(['mine.txt']);
    await expect(run('sample', { dataset: join(folder, 'mine.txt') })).rejects.toThrow('is not empty');
  });
});

describe('model', () => {
  const endpoint = { kind: 'openai', baseURL: 'http://127.0.0.1:8000/v1', model: 'm' } as const;
  const small = { kind: 'starter', model: 'smollm2-135m-instruct' } as const;

  test('a starter model sets the prompts with worked examples, and another model keeps the current ones', async () => {
    const dataset = await newDataset();
    expect(await run('model', { dataset, model: endpoint })).toEqual({
      model: endpoint,
      role: 'base',
      promptSet: 'full',
    });
    expect(await run('model', { dataset, model: small })).toEqual({ model: small, role: 'base', promptSet: 'small' });
    expect(await run('model', { dataset, model: endpoint })).toEqual({
      model: endpoint,
      role: 'base',
      promptSet: 'small',
    });
    expect(await run('model', { dataset, model: small, promptSet: 'full' })).toMatchObject({ promptSet: 'full' });
    const written = JSON.parse(await readFile(join(dataset, 'longhand.json'), 'utf8'));
    expect(written).toMatchObject({ model: small, promptSet: 'full' });
  });
});

describe('model roles and prices', () => {
  const base = { kind: 'openai', baseURL: 'http://127.0.0.1:8000/v1', model: 'm' } as const;
  const tuned = { ...base, model: 'm-tuned' };

  test('the fine-tuned model is set beside the base model, and uses its prompts', async () => {
    const dataset = await newDataset();
    await run('model', { dataset, model: base, promptSet: 'small' });
    const result = await run('model', { dataset, model: tuned, role: 'fine-tuned' });
    expect(result).toEqual({ model: tuned, role: 'fine-tuned', promptSet: 'small' });
    expect((await open(dataset)).settings).toMatchObject({ model: base, fineTuned: tuned, promptSet: 'small' });
    const withPrompts = run('model', { dataset, model: tuned, role: 'fine-tuned', promptSet: 'full' });
    await expect(withPrompts).rejects.toThrow(/prompts of the base model/);
  });

  test('after the fine-tuned model is removed, the base model is the default again', async () => {
    const dataset = await newDataset();
    await run('model', { dataset, model: base });
    await run('model', { dataset, model: tuned, role: 'fine-tuned' });
    const removed = await run('model', { dataset, role: 'fine-tuned', remove: true });
    expect(removed).toMatchObject({ model: null, role: 'fine-tuned' });
    const { settings } = await open(dataset);
    expect(settings).toMatchObject({ model: base });
    expect(settings).not.toHaveProperty('fineTuned');
    expect((await run('difficulty', { dataset })).role).toBe('base');
    await expect(run('model', { dataset, remove: true })).rejects.toThrow(/Only the fine-tuned/);
    await expect(run('model', { dataset, role: 'fine-tuned' })).rejects.toThrow(/No model named/);
    expect((await open(dataset)).settings).toMatchObject({ model: base });
  });

  test('prices are set by role or model, shown with their uses, null when not set, and removed', async () => {
    const dataset = await newDataset();
    const host = '127.0.0.1:8000';
    await expect(run('prices', { dataset, role: 'base', prices: { prompt: 1, completion: 4 } })).rejects.toThrow(
      /no base/,
    );
    await run('model', { dataset, model: base });
    await run('model', { dataset, model: tuned, role: 'fine-tuned' });
    await run('prices', { dataset, role: 'base', prices: { prompt: 1, completion: 4 } });
    const other = { ...base, model: 'other' };
    expect(await run('prices', { dataset, model: other, prices: { prompt: 0, completion: 0 } })).toEqual({
      models: [
        { host, model: 'm', uses: ['base'], prices: { prompt: 1, completion: 4 } },
        { host, model: 'm-tuned', uses: ['fine-tuned'], prices: null },
        { host, model: 'other', uses: [], prices: { prompt: 0, completion: 0 } },
      ],
    });
    const { models } = await run('prices', { dataset, model: other, remove: true });
    expect(models.map(({ model }) => model)).toEqual(['m', 'm-tuned']);
  });
});

test('status counts the combined decisions of all reviewers', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 's') });
  const opened = await open(dataset);
  const [a = '', b = '', c = ''] = opened.index.chains().map(({ id }) => id);
  await opened.appendReview(act('r1', a, { act: 'accept' }));
  await opened.appendReview(act('r2', a, { act: 'reject' }));
  await opened.appendReview(act('r1', b, { act: 'accept' }));
  await opened.appendReview(act('r1', c, { act: 'skip' }));
  const status = await run('status', { dataset });
  expect(status).toMatchObject({ accepted: 1, rejected: 1, pending: status.chains - 2 });
  expect(status.rounds).toMatchObject([
    { round: '0-handwritten', kind: 'handwritten', state: 'finished', chains: status.chains },
  ]);
});

test('the dashboard lists reviewers with a decision only', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'dataset') });
  const opened = await open(dataset);
  const [first] = opened.index.chains();
  const undone = act('r1', String(first?.id), { act: 'accept' });
  await opened.appendReview(undone);
  await opened.appendReview(act('r1', undone.chainId, { act: 'undo', target: undone.id }));
  await opened.appendReview(act('r2', undone.chainId, { act: 'reject' }));
  const { reviewers } = await run('dashboard', { dataset });
  expect(reviewers).toEqual([{ reviewer: 'r2', accepted: 0, rejected: 1, skipped: 0 }]);
});

test('the pace of a reviewer is that of the times that can be read, in their order', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'dataset') });
  const opened = await open(dataset);
  const minutes = [3, 0, 1, 2, 6, 5, 4, 7];
  for (const [i, { id }] of [...opened.index.chains()].slice(0, 9).entries()) {
    const minute = minutes[i];
    const at = minute === undefined ? 'yesterday' : new Date(60_000 * minute).toISOString();
    await opened.appendReview({ ...act('r1', id, { act: 'accept' }), at });
  }
  const { reviewers } = await run('dashboard', { dataset });
  expect(reviewers).toEqual([{ reviewer: 'r1', accepted: 9, rejected: 0, skipped: 0, perHour: 60 }]);
});

test('tables of the dashboard have the accepted chains and the agreement', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'dataset') });
  const opened = await open(dataset);
  for (const [i, { id }] of [...opened.index.chains()].slice(0, 4).entries()) {
    await opened.appendReview(act('r1', id, { act: i === 0 ? 'reject' : 'accept' }));
    await opened.appendReview(act('r2', id, { act: i < 2 ? 'reject' : 'accept' }));
  }
  const report = await run('dashboard', { dataset });
  const funnel = RoundFunnel.parse({ stages: [{ stage: 'kept', count: 5, losses: [] }] });
  const rounds = report.rounds.map((one) => ({ ...one, funnel }));
  const round = rounds.find(({ accepted }) => accepted > 0);
  expect(figureTable({ ...report, rounds }, 'funnel')).toContain(`${round?.round},accepted,${round?.accepted},,\r\n`);
  expect(figureTable(report, 'reviewers')).toMatch(/^r1,,,,,r2,4,3,0[.]3\d+,0[.]9\d+,0[.]5000\r$/m);
  expect(figureTable(report, 'reviewers')).toMatch(/^r1,3,1,0,,,,,,,\r$/m);
  expect(print(report)).toMatch(/r1 and r2 agree on 3 of 4 chains: 75[.]0 % \(\d.*\), κ 0[.]50[.]/);
});

test('an examination of a file writes nothing through a link that came with the file', async () => {
  const folder = await temporaryFolder();
  const [file, elsewhere] = [join(folder, 'rows.jsonl'), join(folder, 'elsewhere')];
  await writeFile(file, '{"problem":"What is 1 + 1?","answer":"2","response":"It is 2."}\n');
  await mkdir(elsewhere);
  await symlink(elsewhere, `${file}.examination`);
  await expect(run('doctor', { source: file, failOn: 'never' })).rejects.toThrow('symbolic link');
  expect(await readdir(elsewhere)).toEqual([]);
});
