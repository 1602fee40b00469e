import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runFilters } from '../../../src/core/filters/index.ts';
import { AssemblySettings, type Chain, FilterSettings } from '../../../src/core/schemas/index.ts';
import { summariseChains } from '../../../src/runner/summary.ts';
import { type Dataset, lockRound } from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { formatRefilter, refilterPage } from '../../../src/verbs/review/print.ts';
import { chainOf, PROBLEM, right, wrong } from '../filters/subjects.ts';
import { chain, plan } from '../store/fixtures.ts';
import { newDataset, open, run } from './run.ts';

const ROUND = '1-dialogue';
const own = FilterSettings.parse({});

/** A finished dialogue round whose chains are of these classes, with checks of growing length. */
async function dialogueRound(count: number, classOf: (i: number) => 'FT' | 'TT'): Promise<Dataset> {
  const dataset = await open(await newDataset());
  await appendLines(join(dataset.problemsFolder, 'own.jsonl'), [{ id: 'p', problem: PROBLEM, answer: '15' }]);
  await dataset.createRound(plan(ROUND, { problemIds: ['p'], filters: own, seed: 7 }));
  const chains = Array.from({ length: count }, (_, i): Chain => {
    const isRight = classOf(i) === 'TT';
    const subject = chainOf([
      {
        piece: 'answer[1]',
        text: `I count them all, and so I come to \\boxed{${isRight ? 15 : 14}}.`,
        verdict: isRight ? right : wrong,
      },
      {
        piece: 'check[1]',
        text: `Let me count once more ${'and look again '.repeat(i % 7)}.\nVerdict: ${isRight ? 'correct' : 'wrong'}`,
      },
      { piece: 'answer[2]', text: `By tens: seven, three, five more gives \\boxed{15}.`, verdict: right },
      { piece: 'summary', text: 'From fifteen take eight, and seven is left: \\boxed{15}', verdict: right },
    ]);
    const { text, segments = [], pieces = [], verdict } = subject;
    const filters = runFilters({ ...subject, class: classOf(i) }, own);
    const passed = filters.every((filter) => filter.passed);
    const rest = { text, segments: [...segments], pieces: [...pieces], verdict, filters, passed, class: classOf(i) };
    return chain(`${ROUND}/p/${i}`, { round: ROUND, problemId: 'p', ...rest });
  });
  await dataset.appendChains(ROUND, chains);
  const none = { FT: 0, TT: 0, TF: 0, FF: 0 };
  await dataset.writeSummary(ROUND, {
    ...{ version: 1, round: ROUND, finishedAt: '2026-01-01T00:00:00.000Z', calls: 4, completionTokens: 9, seconds: 1 },
    ...{ problems: 1, problemsWithoutChain: 0, pairs: none },
    ...summariseChains(chains, 7, AssemblySettings.parse({})),
  });
  await dataset.refresh();
  return dataset;
}

/** Every file of a dataset but its index, with its content. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const kept = files.filter((path) => !path.includes('.cache'));
  return Object.fromEntries(await Promise.all(kept.map(async (path) => [path, await readFile(path, 'utf8')] as const)));
}

describe('refilter', () => {
  test('lists the chains that another threshold rejects, with counts, and writes nothing', async () => {
    const dataset = await dialogueRound(6, () => 'FT');
    const before = await snapshot(dataset.folder);
    const result = await run('refilter', { dataset: dataset.folder, set: { minLength: 60 } });
    expect(await snapshot(dataset.folder)).toEqual(before);
    const ids = [0, 1, 2, 3, 4, 5].map((i) => `${ROUND}/p/${i}`);
    // Each chain has a piece of fewer than 60 characters.
    expect(result).toMatchObject({ applied: false, rejected: 6, passed: 0, newlyRejected: ids, newlyPassed: [] });
    expect(result.filters).toEqual([
      { id: 'min-length', before: 0, after: 6, rejected: 6, passed: 0, newlyRejected: ids, newlyPassed: [] },
    ]);
    expect(result.rounds).toMatchObject([{ round: ROUND, chains: 6, passedBefore: 6, passedAfter: 0 }]);
    expect(formatRefilter(result)).toContain('Nothing was changed');
    expect(refilterPage(result)).toContain(`- \`${ROUND}/p/0\``);
  });

  test('with --apply appends lines and updates the quota, and the reverse restores all but the length band', async () => {
    const dataset = await dialogueRound(8, (i) => (i < 4 ? 'FT' : 'TT'));
    const before = await snapshot(dataset.folder);
    // At most three chains of a problem are kept.
    const dropped = (await dataset.summary(ROUND))?.quotaDropped;
    expect(dropped).toHaveLength(5);
    const original = await dataset.chain(`${ROUND}/p/1`);
    const set = { minLength: 0, maxOverlap: 0, off: ['min-length'] };
    const result = await run('refilter', { dataset: dataset.folder, set, apply: true });
    expect(result).toMatchObject({ applied: true, rejected: 8, passed: 0 });
    const after = await snapshot(dataset.folder);
    for (const [path, text] of Object.entries(before)) {
      if (!path.endsWith('summary.json')) expect(after[path]?.startsWith(text), path).toBe(true);
    }
    await dataset.refresh();
    const changed = await dataset.chain(`${ROUND}/p/1`);
    expect(changed).toMatchObject({
      passed: false,
      text: original.text,
      spans: original.spans,
      verdict: original.verdict,
    });
    expect(changed.filters.map(({ id }) => id)).not.toContain('min-length');
    expect(dataset.index.chain(`${ROUND}/p/1`)?.failed).toEqual(['independent']);
    expect(await dataset.summary(ROUND)).toMatchObject({ chainsPassed: 0, quotaDropped: [], filters: set });
    await run('refilter', { dataset: dataset.folder, apply: true });
    await dataset.refresh();
    const { filters, ...rest } = await dataset.chain(`${ROUND}/p/1`);
    expect({ ...rest, filters: [] }).toEqual({ ...original, filters: [] });
    expect(filters.filter(({ id }) => id !== 'length-band')).toEqual(original.filters);
    // The round has ended and is small: all chains pass the band, with the reason.
    expect(filters.find(({ id }) => id === 'length-band')).toMatchObject({ passed: true, threshold: null });
    expect(await dataset.summary(ROUND)).not.toHaveProperty('filters');
    expect((await dataset.summary(ROUND))?.quotaDropped).toEqual(dropped);
    // A second run changes nothing.
    const content = await snapshot(dataset.folder);
    const again = await run('refilter', { dataset: dataset.folder, apply: true });
    expect(again).toMatchObject({ rejected: 0, passed: 0, filters: [], rounds: [{ changed: 0 }] });
    expect(await snapshot(dataset.folder)).toEqual(content);
    expect(await readdir(dataset.roundFolder(ROUND))).not.toContain('runner.lock');
  });

  test('chains that no longer pass change which others the quota excludes', async () => {
    const dataset = await dialogueRound(8, (i) => (i < 4 ? 'FT' : 'TT'));
    const { rounds, newlyRejected } = await run('refilter', {
      dataset: dataset.folder,
      set: { minLength: 44 },
      apply: true,
    });
    expect(newlyRejected.length).toBeGreaterThan(0);
    await dataset.refresh();
    const summary = await dataset.summary(ROUND);
    expect(rounds[0]?.quotaAfter).toBe(summary?.quotaDropped.length);
    expect((summary?.kept.FT ?? 0) >= (summary?.kept.TT ?? 0)).toBe(true);
  });

  test('compares the length of a chain with the passing chains of its round', async () => {
    const dataset = await dialogueRound(40, () => 'FT');
    await run('refilter', { dataset: dataset.folder, apply: true });
    await dataset.refresh();
    const chains = await Promise.all(dataset.index.chains().map(({ id }) => dataset.chain(id)));
    const bands = chains.map(({ filters }) => filters.find(({ id }) => id === 'length-band'));
    expect(new Set(bands.map((band) => band?.threshold)).size).toBe(1);
    const [low = 0, high = 0] = String(bands[0]?.threshold).split(' to ').map(Number);
    for (const [i, band] of bands.entries()) {
      const length = chains[i]?.text.length ?? 0;
      expect(band?.passed).toBe(length >= low && length <= high);
    }
    // A chain that only the band rejects still counts for the band: a second run gives the same result.
    expect(await run('refilter', { dataset: dataset.folder })).toMatchObject({ rounds: [{ changed: 0 }] });
  });

  test('rejects chains of problems that are in an imported benchmark', async () => {
    const dataset = await dialogueRound(3, () => 'FT');
    const file = join(dataset.folder, '..', 'bench.jsonl');
    await writeFile(file, `${JSON.stringify({ id: 'b7', problem: PROBLEM, answer: '15' })}\n`);
    const imported = await run('import', { dataset: dataset.folder, file, benchmark: true });
    expect(imported).toMatchObject({ file: 'benchmarks/bench.jsonl', imported: 1, duplicates: 0 });
    await dataset.refresh();
    expect(dataset.index.problems()).toHaveLength(1);
    const found = await run('refilter', { dataset: dataset.folder });
    expect(found.filters).toMatchObject([{ id: 'decontaminated', rejected: 3 }]);
    expect(await run('refilter', { dataset: dataset.folder, set: { off: ['decontaminated'] } })).toMatchObject({
      rejected: 0,
    });
  });

  test('reports the lines of a benchmark that it can’t use', async () => {
    const dataset = await dialogueRound(1, () => 'FT');
    await mkdir(join(dataset.folder, 'benchmarks'));
    await writeFile(
      join(dataset.folder, 'benchmarks', 'b.jsonl'),
      `{"text":"no problem"}\nnot json\n{"question":"${PROBLEM}"}\n`,
    );
    const heard = { log: [] as string[], progress: [] };
    const found = await run('refilter', { dataset: dataset.folder }, { heard });
    expect(heard.log.join()).toContain("2 lines of benchmarks/b.jsonl can't be used: 1, 2.");
    expect(found.filters).toMatchObject([{ id: 'decontaminated', rejected: 1 }]);
  });

  test('refuses unknown thresholds and a running round', async () => {
    const dataset = await dialogueRound(1, () => 'FT');
    const at = { dataset: dataset.folder };
    await expect(run('refilter', { ...at, set: { minLenght: 4 } })).rejects.toThrow('minLenght');
    await expect(run('refilter', { ...at, set: { off: ['nope'] } })).rejects.toThrow('off.0');
    await expect(run('refilter', { ...at, rounds: ['9-none'] })).rejects.toThrow('no round');
    const lock = await lockRound(dataset.roundFolder(ROUND));
    try {
      await expect(run('refilter', { ...at, apply: true })).rejects.toThrow('is being run');
      await run('refilter', at);
    } finally {
      await lock.release();
    }
  });

  test('a cancelled run can be completed by a second one', async () => {
    const dataset = await dialogueRound(300, () => 'FT');
    const cancel = new AbortController();
    const args = { dataset: dataset.folder, set: { minLength: 60 }, apply: true };
    const stopped = run('refilter', args, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(stopped).rejects.toThrow();
    expect(await run('refilter', args)).toMatchObject({ rejected: 300 });
  });
});
