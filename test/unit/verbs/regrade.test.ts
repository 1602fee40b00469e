import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gradeAnswer, POLICIES, resolvePolicy } from '../../../src/core/answers/index.ts';
import { classOf, PIECES } from '../../../src/core/dialogue/index.ts';
import { runFilters } from '../../../src/core/filters/index.ts';
import {
  type Chain,
  DialogueSettings,
  FilterSettings,
  GradingInfo,
  type GradingPolicy,
  GradingRow,
  type JournalLine,
  type PieceRecord,
} from '../../../src/core/model/index.ts';
import { summariseChains } from '../../../src/runner/summary.ts';
import { appendLines } from '../../../src/store/files.ts';
import { type Dataset, lockRound } from '../../../src/store/index.ts';
import { chain, plan } from '../store/fixtures.ts';
import { newDataset, open, run } from './run.ts';

const filters = FilterSettings.parse({});

interface Written {
  first: string;
  second: string;
  check?: 'correct' | 'wrong';
}

/** A key as a call's: 32 hex digits. */
function keyOf(problem: number, piece: number): string {
  return `${problem}${piece}`.padStart(32, '0');
}

/** A finished dialogue round of one chain a problem, graded by `policy`; the texts are what a model could have written. */
async function dialogueRound(
  golds: readonly string[],
  written: readonly Written[],
  policy: GradingPolicy,
): Promise<Dataset> {
  const dataset = await open(await newDataset());
  const round = '1-dialogue';
  const problems = golds.map((answer, i) => ({ id: `p${i}`, problem: `What is the value of number ${i}?`, answer }));
  await appendLines(join(dataset.problemsFolder, 'own.jsonl'), problems);
  await dataset.createRound(
    plan(round, {
      problemIds: problems.map(({ id }) => id),
      dialogue: DialogueSettings.parse({}),
      grading: policy,
      filters,
      seed: 7,
    }),
  );
  const chains: Chain[] = [];
  for (const [i, { first, second, check = 'wrong' }] of written.entries()) {
    const gold = golds[i] ?? '';
    const texts = [
      `Let us compute it step by step. It is \\boxed{${first}}.`,
      `Putting it back into the problem shows what it is.\nVerdict: ${check}`,
      `Another way is to count them one by one: \\boxed{${second}}.`,
      `Going back from the end to the givens, it is \\boxed{${second}}.`,
    ];
    const pieces = PIECES.map((piece, k): PieceRecord => {
      const text = texts[k] ?? '';
      const graded = piece === 'check[1]' ? {} : { verdict: gradeAnswer(gold, text, policy) };
      return { piece, text, call: keyOf(i, k), finish: 'stop', ...graded };
    });
    for (const [k, { piece, text, verdict }] of pieces.entries()) {
      const line: JournalLine = {
        key: keyOf(i, k),
        at: '2026-01-01T00:00:00.000Z',
        problemId: `p${i}`,
        piece,
        index: 0,
        request: {
          host: 'h',
          model: 'm',
          messages: [{ role: 'user', content: '?' }],
          sampling: { temperature: 1, topP: 1, maxTokens: 9 },
          seed: k,
        },
        reply: { text, finish: 'stop', usage: { prompt: 1, completion: 9, estimated: false }, ms: 1 },
      };
      await appendLines(join(dataset.roundFolder(round), 'journal.jsonl'), [line]);
      if (verdict) await dataset.appendGrades(round, [{ key: line.key, problemId: `p${i}`, piece, index: 0, verdict }]);
    }
    const [a, , b, summary] = pieces;
    const chainClass = a?.verdict && b?.verdict ? classOf(a.verdict.outcome, b.verdict.outcome) : undefined;
    const verdict = summary?.verdict ?? gradeAnswer(gold, '', policy);
    const text = texts.join('\n\n');
    const results = runFilters({ class: chainClass, text, problem: undefined, pieces, verdict }, filters);
    chains.push(
      chain(`${round}/p${i}/0-0`, {
        round,
        problemId: `p${i}`,
        text,
        pieces,
        verdict,
        filters: results,
        passed: results.every(({ passed }) => passed),
        ...(chainClass ? { class: chainClass } : {}),
      }),
    );
  }
  await dataset.appendChains(round, chains);
  const none = { FT: 0, TT: 0, TF: 0, FF: 0 };
  await dataset.writeSummary(round, {
    version: 1,
    round,
    finishedAt: '2026-01-01T00:00:00.000Z',
    calls: 4,
    completionTokens: 36,
    seconds: 1,
    problems: golds.length,
    problemsWithoutChain: 0,
    pairs: none,
    ...summariseChains(chains, 7),
  });
  await dataset.refresh();
  return dataset;
}

/** The files of one folder. */
async function snapshotOf(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
}

/** Every file of a dataset but its index and its gradings, with its content. */
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

describe('regrade', () => {
  test('says what another policy changes, writes it down, and changes nothing else', async () => {
    // By strict wrong, then right; by default both are right.
    const dataset = await dialogueRound(
      ['15 cm', '7'],
      [
        { first: '15', second: '15 cm' },
        { first: '8', second: '7' },
      ],
      strict,
    );
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

  test('with --apply appends lines that replace the old ones, and goes back the same way', async () => {
    const dataset = await dialogueRound(
      ['15 cm', '7'],
      [
        { first: '15', second: '15 cm' },
        { first: '8', second: '7' },
      ],
      strict,
    );
    const before = await snapshot(dataset.folder);
    const chainsFile = join(dataset.roundFolder('1-dialogue'), 'chains.jsonl');
    const original = await dataset.chain('1-dialogue/p0/0-0');
    expect(original.class).toBe('FT');
    const args = { dataset: dataset.folder, workers: 1, apply: true };
    await run('regrade', { ...args, policy: 'default' });
    const after = await snapshot(dataset.folder);
    // Append-only, and nothing but what changed.
    for (const [path, text] of Object.entries(before)) {
      if (!path.endsWith('summary.json')) expect(after[path]?.startsWith(text), path).toBe(true);
    }
    expect((after[chainsFile] ?? '').trim().split('\n')).toHaveLength(3);
    await dataset.refresh();
    const changed = await dataset.chain('1-dialogue/p0/0-0');
    expect(changed).toMatchObject({ class: 'TT', passed: false, text: original.text, spans: original.spans });
    // The check called a right answer wrong, and the sentences that join the pieces say so too.
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

  test('grades handwritten and imported chains by their pieces, and finds them as they are', async () => {
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

  test('takes only the chains or rounds that were asked for', async () => {
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

  test('goes on after it was cancelled, with what it had found', async () => {
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
    // A further one begins a folder of its own, and grades nothing again.
    const next = await run('regrade', args);
    expect(next).toMatchObject({ reused: 900 });
    expect(next.folder).not.toBe(folder);
  });

  test('counts what it changed since it began, also when --apply was stopped before its last word', async () => {
    const written = [
      { first: '15', second: '15 cm' },
      { first: '8', second: '7' },
    ];
    const dataset = await dialogueRound(['15 cm', '7'], written, strict);
    const args = { dataset: dataset.folder, policy: 'default', workers: 1, apply: true };
    const { seconds: _, reused: __, ...whole } = await run('regrade', args);
    expect(whole.flips).toEqual({ answers: { 'incorrect → correct': 1 }, chains: {}, classes: { 'FT → TT': 1 } });
    const path = join(whole.folder, 'grading.json');
    const { finishedAt: ___, counts, ...begun } = GradingInfo.parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify(begun));
    const rows = await rowsOf(whole.folder);
    // A look in between takes a folder of its own and nothing from the one that was stopped.
    expect(await run('regrade', { ...args, apply: false })).toMatchObject({
      grading: '2-default',
      flips: { classes: {} },
    });
    expect(await run('regrade', args)).toMatchObject(whole);
    expect(GradingInfo.parse(JSON.parse(await readFile(path, 'utf8')))).toMatchObject({ ...begun, counts });
    expect(await rowsOf(whole.folder)).toEqual(rows);
  });

  test('two at once write two folders: one that is held is not taken for a stopped one', async () => {
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

  test('leaves alone what belongs to a problem that is gone', async () => {
    const dataset = await dialogueRound(['7'], [{ first: '8', second: '7' }], strict);
    await rm(join(dataset.problemsFolder, 'own.jsonl'));
    const before = await snapshot(dataset.folder);
    const result = await run('regrade', { dataset: dataset.folder, apply: true, workers: 1 });
    expect(result).toMatchObject({ answers: 0, missing: 1, chains: 1 });
    expect(await snapshot(dataset.folder)).toEqual(before);
  });
});

describe('policy', () => {
  test('shows the policy of a dataset and sets another', async () => {
    const dataset = await newDataset();
    expect(await run('policy', { dataset })).toMatchObject({ grading: 'default', switches: { name: 'default' } });
    await run('policy', { dataset, set: 'lenient' });
    expect(JSON.parse(await readFile(join(dataset, 'longhand.json'), 'utf8'))).toMatchObject({ grading: 'lenient' });
    await run('policy', { dataset, set: { base: 'strict', units: 'convert' } });
    const shown = await run('policy', { dataset });
    expect(shown).toMatchObject({
      grading: { base: 'strict', units: 'convert' },
      switches: { percent: 'require', units: 'convert' },
    });
    await expect(run('policy', { dataset, set: 'nope' })).rejects.toThrow('no policy "nope"');
    expect((await run('policy', { dataset })).grading).toEqual(shown.grading);
  });

  test('takes every name that regrade takes, and stores that of the policy', async () => {
    const dataset = await newDataset();
    for (const { name, aliases } of Object.values(POLICIES)) {
      for (const alias of aliases) {
        expect(await run('policy', { dataset, set: alias })).toMatchObject({ grading: name, switches: { name } });
      }
    }
  });
});
