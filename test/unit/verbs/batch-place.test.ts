// A round of a dataset by another person, with a batch on an engine that only its files name. The dashboard is SCRIPTED and records requests.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CallSettings, type EngineChoice, type RoundPlan } from '../../../src/core/schemas/index.ts';
import { rememberEngine } from '../../../src/engines/known.ts';
import { RoundBatches } from '../../../src/verbs/sampling/batch/batches.ts';
import { listen } from '../../fixtures/listen.ts';
import { handleOf, runRecord, storedRun } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DIST, newDataset, ROOT } from './run.ts';

const NEVER = new AbortController().signal;

async function theirRound() {
  const asked: string[] = [];
  const address = await listen((request, response) => {
    asked.push(`${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    const job = { type: 'SUBMISSION', submission_id: 'j', status: 'SUCCEEDED' };
    response.end(JSON.stringify(request.url?.endsWith('/logs') ? { logs: '' } : job));
  });
  const engine: EngineChoice = { engine: 'ray', address };
  const dataset = await newDataset();
  const env: NodeJS.ProcessEnv = { LONGHAND_CACHE: await temporaryFolder() };
  const collect = async (choice: EngineChoice, on?: EngineChoice) => {
    const id = `${choice.engine}-batch`;
    const record = runRecord(id, { kind: 'sample', engine: choice, sampling: { round: 'r', requests: 0 } });
    await storedRun(dataset, record, [handleOf(id, 1, choice.engine)]);
    const context = {
      ...{ signal: NEVER, progress: () => {}, log: () => {}, env, distFolder: DIST, mediaFolder: join(ROOT, 'media') },
      ...{ input: () => process.stdin, rows: () => process.stdout, endsBadly: () => {} },
    };
    const plan = { kind: 'sampling' } as RoundPlan;
    const batches = new RoundBatches({
      dataset,
      plan,
      calls: CallSettings.parse({}),
      context,
      ...(on ? { on: { engine: on, batch: {} } } : {}),
    });
    await batches.collect('r', async () => {}, NEVER);
  };
  return { asked, engine, env, collect };
}

test('a resume does not connect to an engine that only the dataset names, and advises how to', async () => {
  const { asked, engine, collect } = await theirRound();
  const { address = '' } = engine as { address?: string };
  await expect(collect(engine)).rejects.toMatchObject({
    message: expect.stringContaining(`ray-batch of this round was started at ${address}`),
    advice: expect.stringContaining(`resume DATASET ROUND --engine ray --address ${address}`),
  });
  const slurm: EngineChoice = { engine: 'slurm', host: 'evil.example.org', sharedFolder: '/shared' };
  const other = await theirRound();
  await expect(other.collect(slurm, engine)).rejects.toMatchObject({
    message: expect.stringContaining('evil.example.org'),
  });
  expect([...asked, ...other.asked]).toEqual([]);
});

test('a resume connects to an engine that the user names or used before', async () => {
  const named = await theirRound();
  await named.collect(named.engine, named.engine);
  const known = await theirRound();
  await rememberEngine(known.engine, known.env.LONGHAND_CACHE ?? '', known.env);
  await known.collect(known.engine);
  expect([named.asked.length > 0, known.asked.length > 0]).toEqual([true, true]);
});
