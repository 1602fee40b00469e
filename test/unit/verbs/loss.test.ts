import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROGRESS_FILE } from '../../../src/store/runs.ts';
import { print } from '../../../src/verbs/training/loss.ts';
import { runRecord, storedRun } from '../../fixtures/training-run.ts';
import { run, temporaryFolder } from './run.ts';

async function dataset() {
  const root = join(await temporaryFolder(), 'set');
  await run('init', { dataset: root });
  const add = async (id: string, createdAt: string, losses: readonly number[]) => {
    const { folder } = await storedRun(root, runRecord(id, { createdAt }));
    const lines = losses.map((value, i) => `${JSON.stringify({ event: 'log', step: i + 1, loss: value, lr: 1e-6 })}\n`);
    await appendFile(join(folder, PROGRESS_FILE), lines.join(''));
  };
  await add('sft', '2026-11-26T12:00:00Z', [3, 2]);
  await add('sft-2', '2026-11-26T13:00:00Z', [4, 1, 0.5]);
  return root;
}

test('reports the newest training, and saves picture and table of the named ones', async () => {
  const root = await dataset();
  const newest = await run('loss', { dataset: root });
  expect(newest.runs).toMatchObject([{ run: 'sft-2', points: 3, step: 3, first: 4, last: 0.5 }]);
  expect(print(newest)).toMatch(/^sft-2, step 3: loss 4\.000 at first, 0\.5000 now/);
  const [svg, csv] = [join(root, 'loss.svg'), join(root, 'loss.csv')];
  await run('loss', { dataset: root, runs: ['sft', 'sft-2'], svg, csv });
  expect((await readFile(svg, 'utf8')).match(/<polyline class="raw"/g)).toHaveLength(2);
  const rows = (await readFile(csv, 'utf8')).trim().split('\r\n');
  expect(rows).toHaveLength(6);
  expect(rows[1]).toBe('sft,1,,3,3,0.000001,,,');
});

test('a dataset without a training is an error', async () => {
  const root = join(await temporaryFolder(), 'set');
  await run('init', { dataset: root });
  await expect(run('loss', { dataset: root })).rejects.toMatchObject({ message: 'The dataset has no training yet.' });
});
