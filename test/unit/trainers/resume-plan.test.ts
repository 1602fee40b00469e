// A SCRIPTED engine that counts submits.
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { attemptsOf } from '../../../src/store/runs.ts';
import { resumeTraining } from '../../../src/trainers/runs/resume.ts';
import { handleOf, runRecord, scriptedEngine, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a planned resume shows the current command, not the recorded one, and neither writes nor submits', async () => {
  const dataset = await temporaryFolder();
  const training = trainingOf({ trainer: 'custom', config: 'custom.json' });
  const record = runRecord('r', { command: ['/stranger/program'], training });
  const run = await storedRun(dataset, record, [], new Map([['custom.json', '{}']]));
  let submitted = 0;
  const engine = scriptedEngine({
    submit: async () => {
      submitted++;
      return handleOf('r');
    },
  });
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
