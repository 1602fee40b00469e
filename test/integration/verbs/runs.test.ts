import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineChoice, JobHandle } from '../../../src/core/schemas/index.ts';
import { rememberEngine } from '../../../src/engines/known.ts';
import { attemptsOf } from '../../../src/store/runs.ts';
import { print } from '../../../src/verbs/training/runs.ts';
import { listen } from '../../fixtures/listen.ts';
import { runRecord, storedRun } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { newDataset, run } from '../../unit/verbs/run.ts';

const REST: EngineChoice = { engine: 'slurm', rest: 'http://127.0.0.1:9', sharedFolder: '/shared' };

const runIn = (root: string, id: string, engine: EngineChoice, ...handles: JobHandle[]) =>
  storedRun(root, runRecord(id, { engine }), handles);

test('a run whose engine can’t be reached has an error, and the others are still listed', async () => {
  const dataset = await newDataset();
  await runIn(dataset, 'a-local', { engine: 'local' });
  await runIn(dataset, 'b-slurm', REST, { engine: 'slurm', jobId: 'j', runId: 'b-slurm', attempt: 1 });
  const { runs } = await run('runs', { dataset, ask: true });
  expect(runs).toMatchObject([
    { run: 'a-local', state: 'prepared' },
    { run: 'b-slurm', state: 'unreachable', attempts: 1, message: expect.stringContaining('SLURM_JWT') },
  ]);
});

test('an attempt of another run is not listed in this one', async () => {
  const dataset = await newDataset();
  const local = (runId: string, attempt: number): JobHandle => ({ engine: 'local', jobId: 'j', runId, attempt });
  const stored = await runIn(dataset, 'mine', { engine: 'local' }, local('../..', 1), local('theirs', 2));
  expect(await attemptsOf(stored)).toEqual([]);
  expect((await run('runs', { dataset })).runs).toMatchObject([{ run: 'mine', state: 'prepared', attempts: 0 }]);
});

/** A SCRIPTED dashboard with a job that has succeeded; it counts its requests. */
async function dashboard() {
  const asked: string[] = [];
  const tokens = new Set<string | undefined>();
  const address = await listen((request, response) => {
    asked.push(`${request.url}`);
    tokens.add(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' });
    const job = { type: 'SUBMISSION', submission_id: 'j', status: 'SUCCEEDED' };
    const log = '@@LONGHAND {"event":"log","step":4,"total":4,"loss":0.5}\n';
    response.end(JSON.stringify(request.url?.endsWith('/logs') ? { logs: log } : job));
  });
  return { address, asked, tokens };
}

async function onRay() {
  const { address, asked } = await dashboard();
  const engine: EngineChoice = { engine: 'ray', address };
  const dataset = await newDataset();
  await runIn(dataset, 'theirs', engine, { engine: 'ray', jobId: 'j', runId: 'theirs', attempt: 1 });
  const env = { LONGHAND_CACHE: await temporaryFolder() };
  const list = async (more: object = {}) => (await run('runs', { dataset, ...more }, { env })).runs;
  return { engine, address, asked, dataset, env, list };
}

test('a place that only the dataset names gets no request until the user confirms it', async () => {
  const { address, asked, dataset, env, list } = await onRay();
  const [theirs] = await list();
  expect([theirs?.state, asked]).toEqual(['unasked', []]);
  expect(theirs?.message).toContain(`no job was sent to ${address}`);
  expect(print(await run('runs', { dataset }, { env }))).toContain('longhand runs DATASET --ask');
  expect(await list({ ask: true })).toMatchObject([{ state: 'succeeded' }]);
  expect(asked).not.toEqual([]);
});

test.each([
  [
    'a job was sent',
    (place: Awaited<ReturnType<typeof onRay>>) => rememberEngine(place.engine, place.env.LONGHAND_CACHE, {}),
  ],
  [
    'the environment holds a token',
    async ({ env, address }: Awaited<ReturnType<typeof onRay>>) =>
      void Object.assign(env, { LONGHAND_RAY_TOKENS: JSON.stringify({ [new URL(address).host]: 't' }) }),
  ],
])('a place gets requests where %s, and only until the end of the run is known', async (_why, know) => {
  const place = await onRay();
  await know(place);
  const first = await place.list();
  expect(first).toMatchObject([{ state: 'succeeded', step: 4, loss: 0.5 }]);
  const { length } = place.asked;
  expect(length).toBeGreaterThan(0);
  expect(await place.list()).toEqual(first);
  expect(place.asked).toHaveLength(length);
});

test('each of two clusters gets its own token and no other', async () => {
  const [one, two] = [await dashboard(), await dashboard()];
  const dataset = await newDataset();
  for (const [id, { address }] of Object.entries({ one, two })) {
    await runIn(dataset, id, { engine: 'ray', address }, { engine: 'ray', jobId: 'j', runId: id, attempt: 1 });
  }
  const kept = { [new URL(one.address).host]: 'first', [new URL(two.address).host]: 'second' };
  const env = { LONGHAND_CACHE: await temporaryFolder(), LONGHAND_RAY_TOKENS: JSON.stringify(kept) };
  expect((await run('runs', { dataset }, { env })).runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  expect([[...one.tokens], [...two.tokens]]).toEqual([['Bearer first'], ['Bearer second']]);
});

test('a run that can’t be read is listed with its error and path, and hides no other', async () => {
  const dataset = await newDataset();
  await runIn(dataset, 'good', { engine: 'local' });
  const file = join(dataset, 'runs', 'bad', 'run.json');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, '{"version": 1,');
  await mkdir(join(dataset, 'runs', 'empty'));
  const result = await run('runs', { dataset });
  expect(result.runs.map((one) => one.run)).toEqual(['good']);
  expect(result.broken.map((one) => one.run).sort()).toEqual(['bad', 'empty']);
  const words = print(result);
  expect(words).toContain(`bad: can’t be read: ${file} is not valid JSON`);
  expect(words).toContain(`empty: can’t be read: ${join(dataset, 'runs', 'empty', 'run.json')} is missing`);
});
