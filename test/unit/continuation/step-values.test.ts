import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { RepairArgs } from '../../../src/protocol/repair.ts';
import { planRepair } from '../../../src/runner/repair/plan-repair.ts';
import { Dataset } from '../../../src/store/index.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import { file, newDataset, run, temporaryFolder } from '../verbs/run.ts';

const CHAINS = 20;
/** Chains that are measured side by side. */
const AT_ONCE = 8;

async function datasetOf(baseURL: string): Promise<string> {
  const dataset = await newDataset();
  const rows = Array.from({ length: CHAINS }, (_, i) => ({
    ...{ id: `p${i}`, problem: `What is ${i} + 8?`, answer: String(i + 8) },
    trace: 'First.\n\nSecond.\n\nIt is \\boxed{-1}.',
  }));
  await run('import-traces', { dataset, file: await file('traces.jsonl', rows) });
  await run('model', { dataset, model: { kind: 'openai', baseURL, model: 'scripted' }, role: 'base' });
  return dataset;
}

test('step values read a chain when it is its turn, so that many take little memory', async () => {
  const reads = vi.spyOn(Dataset.prototype, 'chain');
  let readAtFirst: number | undefined;
  const server = await serve(({ path, body }) => {
    if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
    readAtFirst ??= reads.mock.calls.length;
    return { content: body.max_tokens === 4 ? 'een' : ' And \\boxed{1}.' };
  });
  const dataset = await datasetOf(server.baseURL);
  reads.mockClear();
  const { values, plan } = await run('step-values', {
    ...{ dataset, limit: CHAINS, budget: 2, batch: 2, certainty: 0.9, concurrency: 2 },
  });
  expect([plan.chains, plan.requests, values.length]).toEqual([CHAINS, 2 * CHAINS, CHAINS]);
  // Each chain is read for the plan, and again to be measured.
  expect(readAtFirst).toBeLessThanOrEqual(CHAINS + AT_ONCE);
  expect(reads).toHaveBeenCalledTimes(2 * CHAINS);
  reads.mockRestore();
});

test('step values of a reviewer are those of the edited text', async () => {
  const prompts: string[] = [];
  const server = await serve(({ path, body }) => {
    if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
    if (body.max_tokens === 4) return { content: 'een' };
    prompts.push(JSON.stringify(body.messages));
    return { content: ' And \\boxed{1}.' };
  });
  const folder = await datasetOf(server.baseURL);
  const dataset = await Dataset.open(folder);
  const chain = await dataset.chain('p0');
  const start = chain.text.indexOf('Second.');
  const changes = [{ start, end: chain.text.length, insert: 'Edited.\n\nThen.\n\nSo it is \\boxed{8}.' }];
  const act = { id: 'x', at: '2026-12-01T00:00:00Z', reviewer: 'ada', chainId: 'p0', act: 'edit' as const, changes };
  await dataset.appendReview(act);
  const args = { dataset: folder, chains: ['p0'], limit: 1, budget: 40, batch: 1, scan: true, certainty: 0.9 };
  const { values: edited, plan } = await run('step-values', { ...args, reviewer: 'ada' });
  expect([edited[0]?.steps, plan.steps]).toEqual([4, 4]);
  expect(prompts.some((prompt) => prompt.includes('Edited.'))).toBe(true);
  expect(prompts.some((prompt) => prompt.includes('Second.'))).toBe(false);
  // The end of the edited text is right, that of the chain is not.
  expect(edited[0]?.places.at(-1)).toMatchObject({ kept: 4, right: 1, wrong: 0 });
  const { values: own } = await run('step-values', args);
  expect(own[0]?.places.at(-1)).toMatchObject({ kept: 3, right: 0, wrong: 1 });
  await dataset.refresh();
  expect(await dataset.stepValues(chain)).toEqual(own[0]);
  const text = `${chain.text.slice(0, start)}${changes[0]?.insert}`;
  expect(await dataset.stepValues({ id: 'p0', text })).toEqual(edited[0]);
  await dataset.close();
});

test('labelled rows are read as ProcessBench has them: a list in a JSON file, without gold answers', async () => {
  const server = await serve(({ path, body }) => {
    if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
    if (body.max_tokens === 4) return { content: 'een' };
    const isWrong = JSON.stringify(body.messages).includes('= 14');
    return { content: ` So \\boxed{${isWrong ? 14 : 15}}.` };
  });
  const dataset = await newDataset();
  await run('model', { dataset, model: { kind: 'openai', baseURL: server.baseURL, model: 'scripted' }, role: 'base' });
  const row = { generator: 'some model', problem: 'What is 7 + 8?' };
  const begin = ['I add the numbers.', 'They are 7 and 8.', 'Both are below ten.'];
  const rows = [
    {
      ...{ ...row, id: 'gsm8k-0', final_answer_correct: false, label: 3 },
      steps: [...begin, 'So 7 + 8 = 14.', 'It is \\boxed{14}.'],
    },
    { ...row, id: 'gsm8k-1', steps: [...begin, 'It is \\boxed{15}.'], final_answer_correct: true, label: -1 },
    { ...row, id: 'gsm8k-0', steps: [...begin, 'So it is \\boxed{15}.'], final_answer_correct: true, label: -1 },
    { ...row, id: 'gsm8k-2', problem: 'Who knows?', steps: ['I do.'], final_answer_correct: false, label: 0 },
  ];
  const labelled = join(await temporaryFolder(), 'gsm8k.json');
  await writeFile(labelled, JSON.stringify(rows, undefined, 4));
  const args = { dataset, labelled, limit: 400, budget: 40, batch: 4, certainty: 0.9 };
  const { accuracy, values } = await run('step-values', args);
  // An id that a file repeats is of another chain.
  const ids = ['labelled/gsm8k-0', 'labelled/gsm8k-0-row-3', 'labelled/gsm8k-1'];
  expect(values.map(({ chainId }) => chainId).sort()).toEqual(ids);
  expect(accuracy).toMatchObject({ wrong: 1, exact: 1, right: 2, none: 2, f1: 1, skipped: 1 });
});

test('the plan of a repair has no texts of chains, and leaves out none that is named', async () => {
  const folder = await datasetOf('http://127.0.0.1:1/v1');
  const dataset = await Dataset.open(folder);
  const chains = [...dataset.index.chains()].map(({ id }) => id);
  const args = { dataset: folder, chains, limit: CHAINS - 1 };
  await expect(run('repair-chains', { ...RepairArgs.parse(args), plan: true })).rejects.toMatchObject({
    message: '--chains names 20 chains, and --limit is 19.',
  });
  const few = { dataset: folder, chains, limit: 5, budget: 4, batch: 2, certainty: 0.9, plan: true };
  await expect(run('step-values', few)).rejects.toMatchObject({ kind: 'continue' });
  const { plan, report } = await planRepair(
    dataset,
    RepairArgs.parse({ dataset: folder }),
    new AbortController().signal,
  );
  expect(report).toMatchObject({ chains: CHAINS });
  expect(plan.problemIds).toHaveLength(CHAINS);
  expect(JSON.stringify([plan, report])).not.toContain('Second.');
  await dataset.close();
});
