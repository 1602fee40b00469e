// A SCRIPTED engine that counts submits.
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { RunRecord } from '../../../src/core/schemas/index.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { attemptsOf, createRun } from '../../../src/store/runs.ts';
import { resumeTraining } from '../../../src/trainers/runs/resume.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a planned resume shows the current command, not the recorded one, and neither writes nor submits', async () => {
  const dataset = await temporaryFolder();
  const record = RunRecord.parse({
    ...{ version: 1, id: 'r', kind: 'train', createdAt: '2026-01-01T00:00:00Z', engine: { engine: 'local' } },
    ...{ command: ['/stranger/program'], resources: {} },
    training: {
      ...{ trainer: 'custom', model: 'm', export: 'e', rows: 'r.jsonl', rowsHash: 'h', rowCount: 1, maxLength: 64 },
      ...{ longestRow: 1, lengthsExact: true, cutRows: 0, steps: 10, settings: {}, device: 'cpu' },
      config: 'custom.json',
    },
  });
  const run = await createRun(dataset, record, new Map([['custom.json', '{}']]));
  const handle = { engine: 'local' as const, jobId: 'j', runId: 'r', attempt: 1 };
  let submitted = 0;
  const engine: Engine = {
    name: 'local',
    probe: async () => ({}),
    handle: () => handle,
    submit: async () => {
      submitted++;
      return handle;
    },
    status: async () => ({ state: 'failed' }),
    tail: async function* () {},
    stop: async () => {},
    list: async () => [],
  };
  const options = {
    ...{ dataset, engine, mediaFolder: '/media', distFolder: '/dist', cache: '/cache' },
    ...{ signal: new AbortController().signal, program: { command: ['my-trainer', '--epochs=9'] }, longer: {} },
  };
  const planned = await resumeTraining(run, { ...options, plan: true });
  expect(planned).toMatchObject({ from: 0, total: 10, command: ['my-trainer', '--epochs=9'] });
  expect(submitted).toBe(0);
  expect(await attemptsOf(run)).toEqual([]);
  expect((await readdir(run.folder)).sort()).toEqual(['job', 'run.json']);

  const resumed = await resumeTraining(run, { ...options, plan: false });
  expect(resumed).toEqual(planned);
  expect(submitted).toBe(1);
  expect(await attemptsOf(run)).toHaveLength(1);
});
