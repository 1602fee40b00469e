import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Dataset } from '../../../src/store/dataset.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { safeName, slug } from '../../../src/store/names.ts';
import { act, chain, mediaFolder, newDataset, plan, problem, temporaryFolder } from './fixtures.ts';

describe('making and opening', () => {
  test('a new dataset has settings, both prompt sets and git files, and keeps an existing .gitignore', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.gitignore'), 'mine');
    const dataset = await Dataset.create(folder, { name: 'Algebra', mediaFolder: await mediaFolder() });
    expect(dataset.settings).toMatchObject({ version: 1, name: 'Algebra', promptSet: 'full' });
    expect(await dataset.prompts('small')).toEqual({ 'answer-1': '## user\nsmall: {{problem}}\n' });
    expect((await readFile(join(folder, '.gitignore'), 'utf8')).split('\n')).toEqual(
      expect.arrayContaining(['mine', '.cache/']),
    );
    await dataset.close();
  });

  test('a dataset is never created over another', async () => {
    const dataset = await newDataset();
    const again = Dataset.create(dataset.folder, { mediaFolder: await mediaFolder() });
    await expect(again).rejects.toMatchObject({ kind: 'already-a-dataset' });
  });

  test('errors of a folder and its settings have their own kinds', async () => {
    const folder = await temporaryFolder();
    await expect(Dataset.open(folder)).rejects.toMatchObject({ kind: 'not-a-dataset' });
    await writeFile(join(folder, 'longhand.json'), '{"version": 1, "id": "12345678", "name": ""}');
    await expect(Dataset.open(folder)).rejects.toThrow(/name: /);
    await writeFile(join(folder, 'longhand.json'), '{"version": 1,');
    await expect(Dataset.open(folder)).rejects.toMatchObject({ kind: 'bad-settings' });
    await writeFile(join(folder, 'longhand.json'), `{"version": 1, "grading": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`);
    await expect(Dataset.open(folder)).rejects.toMatchObject({ kind: 'bad-settings' });
    await writeFile(join(folder, 'longhand.json'), '{"version": 2}');
    await expect(Dataset.open(folder)).rejects.toMatchObject({ kind: 'newer-version' });
  });

  test('saving one setting keeps manual changes to the others', async () => {
    const dataset = await newDataset();
    const path = join(dataset.folder, 'longhand.json');
    const byHand = { ...JSON.parse(await readFile(path, 'utf8')), name: 'Renamed' };
    await writeFile(path, JSON.stringify(byHand));
    await dataset.saveSettings({ promptSet: 'small' });
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ name: 'Renamed', promptSet: 'small' });
  });
});

describe('rounds', () => {
  test('round numbers continue from the highest, and a round is created once', async () => {
    const dataset = await newDataset();
    expect(dataset.nextRoundNumber()).toBe(0);
    await dataset.createRound(plan('9-a'));
    await dataset.createRound(plan('10-b'));
    expect(await dataset.rounds()).toEqual(['9-a', '10-b']);
    await dataset.refresh();
    expect(dataset.nextRoundNumber()).toBe(11);
    await expect(dataset.createRound(plan('9-a'))).rejects.toMatchObject({ kind: 'round-exists' });
    expect(await dataset.roundPlan('10-b')).toEqual(plan('10-b'));
  });

  test.each(['../x', '..', '.', 'a/b', 'a\\b', '', '.hidden'])('“%s” is not a round name', async (name) => {
    const dataset = await newDataset();
    await expect(dataset.roundPlan(name)).rejects.toMatchObject({ kind: 'bad-name' });
  });

  test('an unknown round and a broken plan are different errors', async () => {
    const dataset = await newDataset();
    await expect(dataset.roundPlan('3-x')).rejects.toMatchObject({ kind: 'unknown-round' });
    await dataset.createRound(plan('3-x'));
    await writeFile(join(dataset.roundFolder('3-x'), 'plan.json'), '{"version":1}');
    await expect(dataset.roundPlan('3-x')).rejects.toMatchObject({ kind: 'bad-plan' });
  });
});

describe('a copied, broken or linked round folder', () => {
  test('a copy is a separate round, whatever round its plan names', async () => {
    const dataset = await newDataset();
    await dataset.createRound(plan('0-first'));
    await cp(dataset.roundFolder('0-first'), dataset.roundFolder('1-copy'), { recursive: true });
    expect(await dataset.roundPlan('1-copy')).toEqual(plan('1-copy'));
    expect((await dataset.roundStatuses()).map(({ round }) => round)).toEqual(['0-first', '1-copy']);
  });

  test('an unreadable plan is reported and hides no other round', async () => {
    const logged: string[] = [];
    const dataset = await newDataset('test', (text) => logged.push(text));
    for (const round of ['0-a', '1-b']) await dataset.createRound(plan(round));
    await writeFile(join(dataset.roundFolder('0-a'), 'plan.json'), '{"version":1}');
    expect((await dataset.roundStatuses()).map(({ round }) => round)).toEqual(['1-b']);
    expect(logged.join()).toContain(join('0-a', 'plan.json'));
  });

  test('nothing is written through a link to another folder', async () => {
    const dataset = await newDataset();
    const outside = join(await temporaryFolder(), 'outside');
    await writeFile(outside, 'mine\n');
    const refused = { kind: 'symbolic-link' };
    await dataset.createRound(plan('0-a'));
    await symlink(outside, join(dataset.roundFolder('0-a'), 'chains.jsonl'));
    await expect(dataset.appendChains('0-a', [chain('a')])).rejects.toMatchObject(refused);
    await expect(dataset.lockRound('0-a')).rejects.toMatchObject(refused);
    await mkdir(join(dataset.folder, 'reviews'));
    await symlink(outside, dataset.reviewFile('me'));
    await expect(dataset.appendReview(act('me', 'a', { act: 'accept' }))).rejects.toMatchObject(refused);
    expect(await readFile(outside, 'utf8')).toBe('mine\n');
  });

  test('a linked folder of rounds or reviews is not written to', async () => {
    const dataset = await newDataset();
    const outside = await temporaryFolder();
    for (const name of ['rounds', 'reviews']) await symlink(outside, join(dataset.folder, name), 'dir');
    const refused = { kind: 'symbolic-link' };
    await expect(dataset.createRound(plan('0-a'))).rejects.toMatchObject(refused);
    await expect(dataset.appendGrades('0-a', [])).rejects.toMatchObject(refused);
    await expect(dataset.appendReview(act('me', 'a', { act: 'accept' }))).rejects.toMatchObject(refused);
    expect(await readdir(outside)).toEqual([]);
  });

  test('a dataset that is opened through a link is written to', async () => {
    const made = await newDataset();
    const way = join(await temporaryFolder(), 'way');
    await symlink(made.folder, way, 'dir');
    const dataset = await Dataset.open(way);
    await dataset.createRound(plan('0-a'));
    expect(await made.rounds()).toEqual(['0-a']);
  });
});

describe('problems and chains', () => {
  test('a chain appended by another process is found after a refresh', async () => {
    const dataset = await newDataset();
    const other = await Dataset.open(dataset.folder);
    await dataset.createRound(plan('0-first'));
    await dataset.appendChains('0-first', [chain('a'), chain('b')]);
    expect(await other.chain('b')).toEqual(chain('b'));
    await dataset.appendChains('0-first', [chain('b', { passed: false })]);
    await other.refresh();
    expect((await other.chain('b')).passed).toBe(false);
    await expect(other.chain('c')).rejects.toMatchObject({ kind: 'unknown-chain' });
  });

  test('files that another process wrote, read and saved in the index are found after a refresh', async () => {
    const dataset = await newDataset();
    expect(dataset.index.chainCount).toBe(0);
    const other = await Dataset.open(dataset.folder);
    await other.createRound(plan('0-first'));
    await other.appendChains('0-first', [chain('a')]);
    await other.appendReview(act('r1', 'a', { act: 'accept' }));
    await other.refresh();
    await other.close();
    expect(await dataset.refresh()).toMatchObject({ chains: true, reviews: true });
    expect([dataset.index.chainCount, dataset.index.decision('a')]).toEqual([1, 'accepted']);
  });

  test('a chain is read correctly after its file was replaced', async () => {
    const dataset = await newDataset();
    await dataset.createRound(plan('0-first'));
    await dataset.appendChains('0-first', [chain('a'), chain('b')]);
    await dataset.refresh();
    const path = join(dataset.roundFolder('0-first'), 'chains.jsonl');
    await rm(path);
    await appendLines(path, [chain('b'), chain('a')]);
    expect(await dataset.chain('a')).toEqual(chain('a'));
  });

  test('acts are read correctly after a merge inserted lines before them', async () => {
    const dataset = await newDataset();
    const [mine, theirs] = [act('r1', 'a', { act: 'accept' }), act('r1', 'b', { act: 'reject' })];
    await dataset.appendReview(mine);
    await dataset.refresh();
    await rm(dataset.reviewFile('r1'));
    for (const each of [theirs, mine]) await dataset.appendReview(each);
    expect(await dataset.reviewActs('a')).toEqual([mine]);
  });

  test('each problem is returned once, from the last line of its id', async () => {
    const dataset = await newDataset();
    await appendLines(join(dataset.problemsFolder, 'a.jsonl'), [
      problem('1'),
      problem('2'),
      problem('1', { answer: '7' }),
    ]);
    await appendLines(join(dataset.problemsFolder, 'b.jsonl'), [problem('3')]);
    await dataset.refresh();
    const all = await Promise.all(dataset.index.problems().map(({ id }) => dataset.problem(id)));
    expect(all.map(({ id, answer }) => `${id}=${answer}`).sort()).toEqual(['1=7', '2=2', '3=2']);
  });
});

describe('reviews', () => {
  test('acts are stored by reviewer and read unchanged, and reviewer names cannot form paths', async () => {
    const dataset = await newDataset();
    const acts = [
      act('../../r1', 'a', { act: 'accept' }),
      act('r2', 'a', { act: 'reject' }),
      act('../../r1', 'b', { act: 'skip' }),
    ];
    for (const each of acts) await dataset.appendReview(each);
    await dataset.refresh();
    expect(await dataset.reviewActs('a')).toEqual(expect.arrayContaining([acts[0], acts[1]]));
    expect(await dataset.reviewActs('a', 'r2')).toEqual([acts[1]]);
    const files = (await readdir(join(dataset.folder, 'reviews'))).sort();
    expect(files).toEqual([expect.stringMatching(/^r1-[0-9a-f]{6}\.jsonl$/), 'r2.jsonl']);
  });
});

test('file names are distinct and valid', () => {
  const names = ['r1', 'A b', 'A-b', '', '.', '..', 'con', 'nul.x', 'a/b', 'a\\b', 'ü', 'x'.repeat(200)];
  const safe = names.map(safeName);
  expect(new Set(safe).size).toBe(names.length);
  for (const name of safe) expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,80}$/u);
  expect(slug('  Hard ones (AIME) ', 'x')).toBe('hard-ones-aime');
  expect(slug('con', 'x')).toBe('x');
});
