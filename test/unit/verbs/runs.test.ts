import { expect, test } from 'vitest';
import { type EngineChoice, type JobHandle, RunRecord } from '../../../src/core/model/index.ts';
import { appendAttempt, attemptsOf, createRun } from '../../../src/store/runs.ts';
import { newDataset, run } from './run.ts';

const AT = '2026-11-26T12:00:00Z';
const REST: EngineChoice = { engine: 'slurm', rest: 'http://127.0.0.1:9', sharedFolder: '/shared' };

async function runIn(root: string, id: string, engine: EngineChoice, ...handles: JobHandle[]) {
  const record = { version: 1, id, kind: 'train', createdAt: AT, engine, command: ['x'], resources: {} };
  const stored = await createRun(root, RunRecord.parse(record));
  for (const handle of handles) await appendAttempt(stored, { handle, at: AT });
  return stored;
}

test('a run whose engine can’t be asked says why, and the others are told all the same', async () => {
  const dataset = await newDataset();
  await runIn(dataset, 'a-local', { engine: 'local' });
  await runIn(dataset, 'b-slurm', REST, { engine: 'slurm', jobId: 'j', runId: 'b-slurm', attempt: 1 });
  const { runs } = await run('runs', { dataset });
  expect(runs).toMatchObject([
    { run: 'a-local', state: 'prepared' },
    { run: 'b-slurm', state: 'unreachable', attempts: 1, message: expect.stringContaining('SLURM_JWT') },
  ]);
});

test('an attempt of another run is none of this one', async () => {
  const dataset = await newDataset();
  const local = (runId: string, attempt: number): JobHandle => ({ engine: 'local', jobId: 'j', runId, attempt });
  const stored = await runIn(dataset, 'mine', { engine: 'local' }, local('../..', 1), local('theirs', 2));
  expect(await attemptsOf(stored)).toEqual([]);
  expect((await run('runs', { dataset })).runs).toMatchObject([{ run: 'mine', state: 'prepared', attempts: 0 }]);
});
