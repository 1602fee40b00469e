import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../../../src/protocol/training.ts';
import { Dataset } from '../../../src/store/index.ts';
import { type HostedServer, hostedServer } from '../../fixtures/hosted-server.ts';
import { resultOf, type Started, startLonghand, until } from '../../fixtures/process.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const DIST = resolve(import.meta.dirname, '../../../dist');

let server: HostedServer;
let folder: string;

beforeEach(async () => {
  server = await hostedServer();
  folder = await temporaryFolder();
  const dataset = await Dataset.create(folder, { name: 'hosted', mediaFolder: resolve(DIST, '../media') });
  const exported = join(dataset.exportsFolder, 'e1');
  await mkdir(exported, { recursive: true });
  await writeFile(
    join(exported, 'train.prefix.jsonl'),
    `${JSON.stringify({ id: 'c', prompt: 'Q', completion: ' A' })}\n`,
  );
  await writeFile(join(exported, 'manifest.json'), '{}');
  const config = { host: 'openai', baseURL: server.baseURL, job: { model: 'm' }, pollSeconds: 1 };
  await writeFile(join(folder, 'mine.json'), JSON.stringify(config));
});
afterEach(() => server.close());

function start(...args: string[]): Started {
  const env = { LONGHAND_API_KEY: 'sk-secret', LONGHAND_API_HOST: new URL(server.baseURL).host };
  return startLonghand([...args, '--json'], { env });
}
const longhand = <T>(...args: string[]): Promise<T> => resultOf(start(...args));

const train = (...more: string[]) =>
  longhand<{ report: RunReport }>(
    'train',
    folder,
    '--trainer',
    'openai',
    '--model',
    'm',
    '--config',
    join(folder, 'mine.json'),
    ...more,
  );

describe('longhand train with a hosted trainer (scripted), under the local engine', () => {
  it('follows the run to its end; the keys reach Longhand’s own process and no file', async () => {
    server.script = ({ looks }) => ({
      status: looks < 2 ? 'running' : 'succeeded',
      more: { fine_tuned_model: 'ft:m' },
      events: [{ id: 'e', created_at: 1, type: 'metrics', data: { step: 1, train_loss: 0.5, total_steps: 1 } }],
    });
    const { report } = await train('--follow');
    expect(report).toMatchObject({ state: 'succeeded', step: 1, total: 1, loss: 0.5, trainer: 'openai' });
    expect(new Set(server.keys)).toEqual(new Set(['Bearer sk-secret']));
    const attempt = join(folder, 'runs', report.run, 'attempts', '1');
    for (const name of ['job.json', 'log.txt', 'state.json'])
      expect(await readFile(join(attempt, name), 'utf8')).not.toContain('sk-secret');
  });

  it('continues unwatched, is found again by a resume, and is cancelled on the host by a stop', async () => {
    server.script = () => ({ status: 'running' });
    const { report } = await train();
    await until(() => (server.jobs[0]?.looks ?? 0) > 0);
    const state = JSON.parse(
      await readFile(join(folder, 'runs', report.run, 'attempts', '1', 'state.json'), 'utf8'),
    ) as { supervisor: { pid: number }; process: { pid: number } };
    // As after a loss of power: no local process is left, and the hosted job continues.
    for (const { pid } of [state.supervisor, state.process]) process.kill(pid, 'SIGKILL');
    const looks = server.jobs[0]?.looks ?? 0;
    await appendFile(join(folder, 'runs', report.run, 'progress.jsonl'), '{"event":"log","step":3,"loss":0.5}\n');
    // The same hosted job continues: its reports are still its own.
    const resumed = await longhand<{ report: RunReport }>('resume-run', folder, report.run);
    expect(resumed.report).toMatchObject({ attempts: 2, step: 3, loss: 0.5 });
    await until(() => (server.jobs[0]?.looks ?? 0) > looks + 1);
    expect([server.files.length, server.jobs.length]).toEqual([1, 1]);
    expect(await longhand<RunReport>('stop-run', folder, report.run)).toMatchObject({ state: 'stopped' });
    expect(server.jobs.map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('describes how to find a job that may exist, and adopts it by its id', async () => {
    server.list = () => [];
    server.faults.push({ what: 'POST /fine_tuning/jobs', status: 500, done: true });
    const failed = await start(
      ...['train', folder, '--trainer', 'openai', '--model', 'm', '--config', join(folder, 'mine.json'), '--follow'],
    ).ended;
    expect(failed.code).toBe(1);
    const { report } = JSON.parse(failed.stdout) as { report: RunReport };
    expect(report.failure).toMatchObject({
      message: expect.stringContaining('may have created a job'),
      advice: expect.stringContaining(`longhand resume-run ${folder} ${report.run} --job ID`),
    });
    expect((await start('resume-run', folder, report.run, '--job', 'job-9').ended).stderr).toContain('does not have');
    const resumed = await longhand<{ report: RunReport }>(
      'resume-run',
      folder,
      report.run,
      '--job',
      'job-1',
      '--follow',
    );
    expect(resumed.report).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(server.jobs.length).toBe(1);
  });
});
