import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LeftOut, Manifest } from '../../../src/core/export/index.ts';
import { SourceMarkers } from '../../../src/core/sampling/index.ts';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { answersByRate } from '../../fixtures/pass-rates.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import { act } from '../../unit/store/fixtures.ts';
import { open, run, temporaryFolder } from '../../unit/verbs/run.ts';

const MARKERS = SourceMarkers.parse({});

/** The sample dataset with a sampling round by a model that is always right. */
async function bothStages(): Promise<{ dataset: string; rounds: string[]; again: () => Promise<void> }> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  const problems = await Promise.all(opened.index.problems().map(({ id }) => opened.problem(id)));
  await opened.close();
  const rated = problems.map(({ problem, answer }) => ({ problem, rate: 1, right: answer }));
  // Longer texts first: one problem may be the beginning of another.
  const server = await serve(answersByRate(rated.sort((a, b) => b.problem.length - a.problem.length)));
  await run('model', {
    dataset,
    model: { kind: 'openai', baseURL: server.baseURL, model: 'tuned' },
    role: 'fine-tuned',
  });
  const rounds: string[] = [];
  const sample = async (seed: number): Promise<void> => {
    const result = await run('sample-round', {
      dataset,
      seed,
      policy: { policy: 'uniform', correct: 3 },
      topics: ['algebra'],
    });
    rounds.push(RoundSummary.parse(result).round);
  };
  await sample(1);
  return { dataset, rounds, again: () => sample(2) };
}

interface Row {
  id: string;
  problem_id: string;
  source: string;
  messages: { content: string }[];
}

async function rowsOf<T = Row>(folder: string, name = 'train.messages.jsonl'): Promise<T[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
}

describe('exporting the two stages', { timeout: 90_000 }, () => {
  test('merged: chains of stage 1, then responses of stage 2, each problem with the sentence of its source', async () => {
    const { dataset } = await bothStages();
    const { folder, left } = await run('export', { dataset, select: 'passed', source: 'merged' });
    const rows = await rowsOf(folder);
    const sources = rows.map(({ source }) => source);
    expect(new Set(sources)).toEqual(new Set(['dialogue', 'sampling']));
    expect(sources.lastIndexOf('dialogue')).toBeLessThan(sources.indexOf('sampling'));
    for (const { id, source, messages } of rows) {
      expect(id.startsWith(`${source}/`)).toBe(true);
      expect(messages[0]?.content.endsWith(`\n\n${MARKERS[source as keyof SourceMarkers]}`)).toBe(true);
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const perProblem = (id: string): number =>
      rows.filter((row) => row.source === 'sampling' && row.problem_id === id).length;
    for (const { problem_id } of rows) expect(perProblem(problem_id)).toBeLessThanOrEqual(2);
    const { counts, selection } = await manifestOf(folder);
    expect(selection).toMatchObject({ source: 'merged', markers: MARKERS, left });
    expect(counts.bySource).toEqual({
      dialogue: sources.filter((source) => source === 'dialogue').length,
      sampling: sources.filter((source) => source === 'sampling').length,
    });
    const listed = await rowsOf<LeftOut>(folder, 'left-out.jsonl');
    expect(listed).toHaveLength(Object.values(left ?? {}).reduce((sum, count) => sum + count, 0));
    const chains = (await open(dataset)).index.chains();
    expect(rows.length + listed.length).toBe(chains.length);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(MARKERS.sampling);
  });

  test('one source alone, and unchanged without a source', async () => {
    const { dataset } = await bothStages();
    const sampling = await rowsOf(
      (await run('export', { dataset, select: 'passed', source: 'sampling', name: 's' })).folder,
    );
    const dialogue = await rowsOf(
      (await run('export', { dataset, select: 'passed', source: 'dialogue', name: 'd' })).folder,
    );
    expect(new Set(sampling.map(({ source }) => source))).toEqual(new Set(['sampling']));
    expect(new Set(dialogue.map(({ source }) => source))).toEqual(new Set(['dialogue']));
    const all = await run('export', { dataset, select: 'passed', name: 'all' });
    const rows = await rowsOf(all.folder);
    expect(rows).toHaveLength(sampling.length + dialogue.length);
    expect(
      rows.some((row) => Object.hasOwn(row, 'source') || row.messages[0]?.content.includes(MARKERS.sampling)),
    ).toBe(false);
    expect(all.left).toBeUndefined();
  });

  test('the curator’s decision has priority: rejected chains are not exported, and the list reports them', async () => {
    const { dataset } = await bothStages();
    const before = await rowsOf((await run('export', { dataset, select: 'passed', source: 'merged' })).folder);
    const victim = before.find(({ source }) => source === 'sampling')?.id.replace('sampling/', '') ?? '';
    await (await open(dataset)).appendReview(act('r1', victim, { act: 'reject' }));
    const { folder } = await run('export', { dataset, select: 'passed', source: 'merged' });
    expect((await rowsOf(folder)).map(({ id }) => id)).not.toContain(`sampling/${victim}`);
    const listed = await rowsOf<LeftOut>(folder, 'left-out.jsonl');
    expect(listed.find(({ id }) => id === victim)).toMatchObject({ reason: 'rejected', source: 'sampling' });
  });

  test('two rounds together keep no more of a problem than one', async () => {
    const { dataset, again } = await bothStages();
    await again();
    const { folder } = await run('export', { dataset, select: 'passed', source: 'sampling' });
    const counts = new Map<string, number>();
    for (const { problem_id } of await rowsOf(folder)) counts.set(problem_id, (counts.get(problem_id) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBe(2);
  });

  test('the sentences are settings of the dataset', async () => {
    const { dataset } = await bothStages();
    const opened = await open(dataset);
    const markers = { dialogue: 'Think twice.', sampling: 'Think once.' };
    await opened.saveSettings({ sampling: { ...opened.settings.sampling, markers } });
    const { folder } = await run('export', { dataset, select: 'passed', source: 'sampling' });
    expect((await rowsOf(folder)).every(({ messages }) => messages[0]?.content.endsWith('\n\nThink once.'))).toBe(true);
  });
});
