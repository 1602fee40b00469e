import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { GradingInfo, GradingRow } from '../../../src/core/schemas/index.ts';
import { lockRound } from '../../../src/store/index.ts';
import { newDataset, run } from '../../unit/verbs/run.ts';
import { dialogueRound, keyOf } from './dialogue-round.ts';

/** The files of one folder. */
async function snapshotOf(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
}

/** Every file of a dataset with its content, except its index and its gradings. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const kept = files.filter((path) => !path.includes('.cache') && !path.includes('gradings'));
  return Object.fromEntries(await Promise.all(kept.map(async (path) => [path, await readFile(path, 'utf8')] as const)));
}

async function rowsOf(folder: string): Promise<GradingRow[]> {
  const text = await readFile(join(folder, 'rows.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => GradingRow.parse(JSON.parse(line)));
}

const strict = resolvePolicy('strict');

/** Two chains. The first's answer[1] is wrong by `strict`, the policy of its grade, and right by `default`. */
function unlike(): ReturnType<typeof dialogueRound> {
  const written = [
    { first: '15', second: '15 cm' },
    { first: '8', second: '7' },
  ];
  return dialogueRound(['15 cm', '7'], written, strict);
}

describe('regrade', () => {
  test('reports what another policy changes, records it, and changes nothing else', async () => {
    const dataset = await unlike();
    const before = await snapshot(dataset.folder);
    const result = await run('regrade', { dataset: dataset.folder, policy: 'default', workers: 1 });
    expect(result).toMatchObject({
      policy: 'default',
      applied: false,
      answers: 6,
      chains: 2,
      passedBefore: 2,
      passedAfter: 1,
      reused: 0,
      missing: 0,
      flips: { answers: { 'incorrect → correct': 1 }, chains: {}, classes: { 'FT → TT': 1 } },
    });
    expect(await snapshot(dataset.folder)).toEqual(before);
    const rows = await rowsOf(result.folder);
    expect(rows).toHaveLength(8);
    expect(rows.find(({ id }) => id === keyOf(0, 0))).toMatchObject({
      kind: 'answer',
      piece: 'answer[1]',
      gold: '15 cm',
      old: { outcome: 'incorrect' },
      new: { outcome: 'correct', extracted: '15' },
    });
    const info = GradingInfo.parse(JSON.parse(await readFile(join(result.folder, 'grading.json'), 'utf8')));
    expect(info).toMatchObject({
      policy: { name: 'default' },
      rounds: ['1-dialogue'],
      applied: false,
      counts: { answers: 6 },
    });
    expect(info.finishedAt).toBeDefined();
  });

  test('with --apply appends lines that replace the old ones, and can be reversed', async () => {
    const dataset = await unlike();
    const before = await snapshot(dataset.folder);
    const chainsFile = join(dataset.roundFolder('1-dialogue'), 'chains.jsonl');
    const original = await dataset.chain('1-dialogue/p0/0-0');
    expect(original.class).toBe('FT');
    const args = { dataset: dataset.folder, workers: 1, apply: true };
    await run('regrade', { ...args, policy: 'default' });
    const after = await snapshot(dataset.folder);
    // Append-only, with changed lines only.
    for (const [path, text] of Object.entries(before)) {
      if (!path.endsWith('summary.json')) expect(after[path]?.startsWith(text), path).toBe(true);
    }
    expect((after[chainsFile] ?? '').trim().split('\n')).toHaveLength(3);
    await dataset.refresh();
    const changed = await dataset.chain('1-dialogue/p0/0-0');
    expect(changed).toMatchObject({ class: 'TT', passed: false, text: original.text, spans: original.spans });
    // The check called a right answer wrong, and so do the connecting sentences.
    expect(changed.filters.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual([
      'verdict-consistent',
      'assembled-as',
    ]);
    expect(dataset.index.passRate('p0')).toEqual({ attempts: 1, successes: 1 });
    expect(await dataset.summary('1-dialogue')).toMatchObject({
      chainsPassed: 1,
      pairs: { FT: 1, TT: 1, TF: 0, FF: 0 },
      kept: { FT: 1 },
      quotaDropped: [],
    });
    await run('regrade', { ...args, policy: 'strict' });
    await dataset.refresh();
    expect(await dataset.chain('1-dialogue/p0/0-0')).toEqual(original);
    const again = await run('regrade', { ...args, policy: 'strict' });
    expect(again).toMatchObject({ flips: { answers: {}, chains: {}, classes: {} }, reused: 6 });
    expect((await readFile(chainsFile, 'utf8')).trim().split('\n')).toHaveLength(4);
    expect(await readdir(dataset.roundFolder('1-dialogue'))).not.toContain('runner.lock');
  });

  test('grades handwritten and imported chains by their pieces, with the same result', async () => {
    const folder = join(await newDataset(), '..', 'sample');
    await run('sample', { dataset: folder });
    const result = await run('regrade', { dataset: folder, workers: 1 });
    expect(result.chains).toBeGreaterThan(0);
    expect(result).toMatchObject({ flips: { answers: {}, chains: {}, classes: {} } });
    const before = await snapshot(folder);
    await run('regrade', { dataset: folder, workers: 1, apply: true });
    expect(await snapshot(folder)).toEqual(before);
  });

  test('reads imported traces as they were graded: an unfinished thought is no answer', async () => {
    const folder = await newDataset();
    const traces = [
      {
        problem: 'What is 1 + 1?',
        answer: '2',
        trace: '<think>It is \\boxed{3}, or not.</think>\n\nSo it is \\boxed{2}.',
      },
      { problem: 'What is 2 + 2?', answer: '4', trace: '<think>It is \\boxed{4}, but let me go on and on' },
      { problem: 'What is 3 + 3?', answer: '6', trace: 'Plainly it is \\boxed{6}.' },
    ];
    const file = join(folder, '..', 'traces.jsonl');
    await writeFile(file, traces.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await run('import-traces', { dataset: folder, file });
    const before = await snapshot(folder);
    const result = await run('regrade', { dataset: folder, workers: 1, apply: true });
    expect(result).toMatchObject({ chains: 3, flips: { answers: {}, chains: {}, classes: {} } });
    expect(await snapshot(folder)).toEqual(before);
  });

  test('grades only the selected chains or rounds', async () => {
    const dataset = await dialogueRound(
      ['15 cm', '9 cm'],
      [
        { first: '15', second: '15 cm' },
        { first: '9', second: '9 cm' },
      ],
      strict,
    );
    const args = { dataset: dataset.folder, policy: 'default', workers: 1 };
    const one = await run('regrade', { ...args, chains: ['1-dialogue/p1/0-0'], apply: true });
    expect(one).toMatchObject({ answers: 3, chains: 1, flips: { answers: { 'incorrect → correct': 1 } } });
    await dataset.refresh();
    expect(dataset.index.chain('1-dialogue/p0/0-0')?.class).toBe('FT');
    expect(dataset.index.chain('1-dialogue/p1/0-0')?.class).toBe('TT');
    await expect(run('regrade', { ...args, chains: ['nope'] })).rejects.toThrow('no chain “nope”');
    await expect(run('regrade', { ...args, rounds: ['9-none'] })).rejects.toThrow('no round');
    await expect(run('regrade', { ...args, policy: 'nope' })).rejects.toThrow('no policy "nope"');
  });

  test('does not write into a round that a runner holds', async () => {
    const dataset = await dialogueRound(['7'], [{ first: '8', second: '7' }], strict);
    const lock = await lockRound(dataset.roundFolder('1-dialogue'));
    try {
      await expect(run('regrade', { dataset: dataset.folder, apply: true, workers: 1 })).rejects.toThrow(
        'is being run',
      );
      await run('regrade', { dataset: dataset.folder, workers: 1 });
    } finally {
      await lock.release();
    }
  });

  test('resumes after a cancel, with its earlier results', async () => {
    const golds = Array.from({ length: 300 }, (_, i) => `${i}`);
    const dataset = await dialogueRound(
      golds,
      golds.map((gold) => ({ first: `${gold}1`, second: gold })),
      strict,
    );
    const args = { dataset: dataset.folder, policy: 'default', workers: 1 };
    const cancel = new AbortController();
    const cancelled = run('regrade', args, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(cancelled).rejects.toThrow();
    const [stopped = ''] = await readdir(join(dataset.folder, 'gradings'));
    const folder = join(dataset.folder, 'gradings', stopped);
    const first = await rowsOf(folder);
    expect(first.length).toBeGreaterThan(0);
    const result = await run('regrade', args);
    expect(result).toMatchObject({ folder, answers: 900, chains: 300 });
    expect(result.reused).toBeGreaterThanOrEqual(first.length);
    const rows = await rowsOf(folder);
    expect(new Set(rows.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(1200);
    expect(rows).toHaveLength(1200);
    // A further one starts its own folder, and grades nothing again.
    const next = await run('regrade', args);
    expect(next).toMatchObject({ reused: 900 });
    expect(next.folder).not.toBe(folder);
  });

  test('counts its changes from its start, also when --apply was stopped before the end', async () => {
    const dataset = await unlike();
    const args = { dataset: dataset.folder, policy: 'default', workers: 1, apply: true };
    const { seconds: _, reused: __, ...whole } = await run('regrade', args);
    expect(whole.flips).toEqual({ answers: { 'incorrect → correct': 1 }, chains: {}, classes: { 'FT → TT': 1 } });
    const path = join(whole.folder, 'grading.json');
    const { finishedAt: ___, counts, ...begun } = GradingInfo.parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify(begun));
    const rows = await rowsOf(whole.folder);
    // A dry run in between uses its own folder and nothing from the stopped one.
    expect(await run('regrade', { ...args, apply: false })).toMatchObject({
      grading: '2-default',
      flips: { classes: {} },
    });
    expect(await run('regrade', args)).toMatchObject(whole);
    expect(GradingInfo.parse(JSON.parse(await readFile(path, 'utf8')))).toMatchObject({ ...begun, counts });
    expect(await rowsOf(whole.folder)).toEqual(rows);
  });

  test('run twice concurrently writes two folders: one that is locked is not taken for a stopped one', async () => {
    const dataset = await dialogueRound(['7'], [{ first: '8', second: '7' }], strict);
    const args = { dataset: dataset.folder, policy: 'default', workers: 1 };
    const both = await Promise.all([run('regrade', args), run('regrade', args)]);
    expect(new Set(both.map(({ folder }) => folder)).size).toBe(2);
    for (const { folder } of both) {
      expect(await rowsOf(folder)).toHaveLength(4);
      expect(await readdir(folder)).not.toContain('runner.lock');
    }
    const cancel = new AbortController();
    await expect(run('regrade', args, { signal: cancel.signal, onProgress: () => cancel.abort() })).rejects.toThrow();
    const held = join(dataset.folder, 'gradings', '3-default');
    const before = await snapshotOf(held);
    const lock = await lockRound(held, 'grading');
    try {
      expect(await run('regrade', args)).toMatchObject({ grading: '4-default', answers: 3, chains: 1 });
    } finally {
      await lock.release();
    }
    expect(await snapshotOf(held)).toEqual(before);
  });

  test('ignores chains of a problem that was removed', async () => {
    const dataset = await dialogueRound(['7'], [{ first: '8', second: '7' }], strict);
    await rm(join(dataset.problemsFolder, 'own.jsonl'));
    const before = await snapshot(dataset.folder);
    const result = await run('regrade', { dataset: dataset.folder, apply: true, workers: 1 });
    expect(result).toMatchObject({ answers: 0, missing: 1, chains: 1 });
    expect(await snapshot(dataset.folder)).toEqual(before);
  });
});
