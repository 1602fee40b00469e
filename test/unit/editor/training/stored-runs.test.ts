import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storedRuns } from '../../../../src/editor/training/stored-runs.ts';
import { PROGRESS_FILE } from '../../../../src/store/runs.ts';
import { handleOf, runRecord, storedRun } from '../../../fixtures/training-run.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

async function runIn(root: string, id: string, attempts: number, ...lines: object[]): Promise<void> {
  const handles = Array.from({ length: attempts }, (_, i) => handleOf(id, i + 1));
  const run = await storedRun(root, runRecord(id), handles);
  await appendFile(join(run.folder, PROGRESS_FILE), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

test('runs by their files alone: how far they are, and never that one runs, which only its engine knows', async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, 'runs'), { recursive: true });
  expect(await storedRuns(root)).toEqual({ runs: [], broken: [] });
  await runIn(root, 'a-never', 0);
  await runIn(root, 'b-going', 1, { event: 'begin', step: 0, total: 8 }, { event: 'log', step: 3, loss: 1 });
  await runIn(root, 'c-done', 2, { event: 'log', step: 8, loss: 1 }, { event: 'end', step: 8 });
  await runIn(root, 'd-failed', 1, { event: 'error', message: 'out of memory' });
  await mkdir(join(root, 'runs', 'e-broken'));
  const { runs: reports, broken } = await storedRuns(root);
  expect(broken).toMatchObject([{ run: 'e-broken', message: expect.stringContaining('run.json is missing') }]);
  expect(Object.fromEntries(reports.map(({ run, state }) => [run, state]))).toEqual({
    'a-never': 'prepared',
    'b-going': 'unreachable',
    'c-done': 'succeeded',
    'd-failed': 'failed',
  });
  expect(reports.find(({ run }) => run === 'b-going')).toMatchObject({ step: 3, total: 8, attempts: 1 });
  expect(reports.find(({ run }) => run === 'd-failed')?.message).toBe('out of memory');
});
