import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { Dataset } from '../../../src/store/index.ts';
import { appendProgress, progressOf, type StoredRun } from '../../../src/store/runs.ts';
import { cancelHosted } from '../../../src/trainers/hosted/cancel.ts';
import { type HostedError, hostedErrorLine, hostedFailure } from '../../../src/trainers/hosted/errors.ts';
import { hostedNames } from '../../../src/trainers/hosted/host.ts';
import { HostedJournal } from '../../../src/trainers/hosted/journal.ts';
import { hostedConfig, hostedFile, openHost } from '../../../src/trainers/hosted/open.ts';
import { type Fault, type HostedServer, hostedServer } from '../../fixtures/hosted-server.ts';
import { type Started, startLonghand } from '../../fixtures/process.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { hostedRun, type LiveOptions, liveOnce, ROWS } from './hosted-run.ts';

const DIST = resolve(import.meta.dirname, '../../../dist');
const signal = new AbortController().signal;

let server: HostedServer;
let dataset: Dataset;
let run: StoredRun;

const aRun = (host: string) => hostedRun(dataset, server, host);
const live = (options: LiveOptions = {}) => liveOnce(run, options);

const losses = (lines: readonly ProgressLine[]) =>
  lines.filter(({ event }) => event === 'log').map(({ step, loss }) => [step, loss]);
const made = (what: RegExp) => server.asked.filter((one) => what.test(one)).length;

beforeEach(async () => {
  server = await hostedServer();
  dataset = await Dataset.create(await temporaryFolder(), {
    name: 'hosted',
    mediaFolder: resolve(DIST, '../media'),
  });
  run = await aRun('openai');
});
afterEach(() => server.close());

describe('a hosted training (scripted)', () => {
  it('uploads the rows unchanged, creates the job, and reports what the host reports', async () => {
    const event = (step: number, loss: number) => ({
      id: `e${step}`,
      created_at: step,
      type: 'metrics',
      data: { step, train_loss: loss, total_steps: 3 },
    });
    server.script = ({ looks }) => ({
      status: looks < 3 ? 'running' : 'succeeded',
      more: looks < 3 ? {} : { fine_tuned_model: 'ft:tiny:me' },
      events: [event(2, 0.4), event(1, 0.9)].slice(looks === 1 ? 1 : 0),
    });
    expect(await live()).toBe('ft:tiny:me');
    expect(server.files.map(({ text }) => text)).toEqual([ROWS]);
    const file = await hostedFile(run);
    const { job } = hostedNames(run, file);
    expect(server.jobs.map(({ body }) => body)).toEqual([
      { model: 'm', training_file: 'file-1', suffix: job, metadata: { longhand_run: job } },
    ]);
    const events = await progressOf(run);
    expect(events.map(({ event: name }) => name)).toEqual(['begin', 'log', 'log', 'end']);
    expect(losses(events)).toEqual([
      [1, 0.9],
      [2, 0.4],
    ]);
    // The run has ended: another process makes no further request.
    server.asked.length = 0;
    expect(await live()).toBe('ft:tiny:me');
    expect(server.asked).toEqual([]);
  });

  it.each<[string, Fault]>([
    ['a rate limit', { what: 'POST /files', status: 429, headers: { 'retry-after': '7' } }],
    ['a rate limit without a wait', { what: 'POST /files', status: 429, headers: { 'retry-after': '0' } }],
    ['a server error', { what: 'POST /files', status: 500 }],
    ['an interrupted upload', { what: 'POST /files', cut: 'before' }],
    ['an upload whose response is lost', { what: 'POST /files', cut: 'after' }],
    ['a rate limit before the job', { what: 'POST /fine_tuning/jobs', status: 429 }],
    ['a job whose response is lost', { what: 'POST /fine_tuning/jobs', cut: 'after' }],
    ['a status request that fails', { what: 'GET /fine_tuning/jobs/', status: 503 }],
  ])('survives %s with one file and one job', async (_name, fault) => {
    server.faults.push(fault);
    const waits: number[] = [];
    expect(await live({ waits })).toBe('ft:tiny:me');
    expect(server.faults).toEqual([]);
    expect([server.files.length, server.jobs.length]).toEqual([1, 1]);
    // Its own back-off of 2 s is the minimum.
    if (fault.status === 429 && fault.headers)
      expect(waits).toContain(fault.headers['retry-after'] === '7' ? 7000 : 2000);
  });

  it('follows the job without a limit, whatever errors come between', async () => {
    for (let i = 0; i < 30; i++) server.faults.push({ what: 'GET /fine_tuning/jobs/', status: 502 });
    const log: string[] = [];
    expect(await live({ log })).toBe('ft:tiny:me');
    expect(log.filter((line) => line.includes('The job continues there')).length).toBe(30);
    expect(made(/cancel/)).toBe(0);
  });

  it('fails immediately when the job is refused or access is denied, with the message of the host', async () => {
    server.faults.push({ what: 'POST /fine_tuning/jobs', status: 400 });
    await expect(live()).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('scripted 400'),
    });
    server.faults.push({ what: 'GET /fine_tuning/jobs', status: 401 });
    await expect(live()).rejects.toMatchObject({ kind: 'denied' });
    expect(await live()).toBe('ft:tiny:me');
    expect([server.files.length, server.jobs.length]).toEqual([1, 1]);
  });

  it('finds its job even when the journal is lost, and never adopts that of another run', async () => {
    await live();
    await writeFile(join(run.folder, 'hosted.jsonl'), '');
    expect(await live()).toBe('ft:tiny:me');
    expect([server.files.length, server.jobs.length]).toEqual([1, 1]);
    run = { ...run, record: { ...run.record, createdAt: '2026-11-02T00:00:00.000Z' } };
    await writeFile(join(run.folder, 'hosted.jsonl'), '');
    await live();
    // The rows are the same, the job is not.
    expect([server.files.length, server.jobs.length]).toEqual([1, 2]);
  });

  it('reports nothing twice after a restart', async () => {
    const events = [1, 2, 3].map((step) => ({
      id: `e${step}`,
      created_at: step,
      type: 'metrics',
      data: { step, train_loss: 1 / step },
    }));
    await appendProgress(run, { event: 'begin' });
    await appendProgress(run, { event: 'log', step: 1, loss: 1 });
    await appendProgress(run, { event: 'log', step: 2, loss: 0.5 });
    server.script = () => ({ status: 'succeeded', more: { fine_tuned_model: 'm' }, events });
    await live();
    expect(losses(await progressOf(run))).toEqual([
      [1, 1],
      [2, 0.5],
      [3, 1 / 3],
    ]);
  });

  it('a job that failed or was cancelled on the host fails here, and is not created again', async () => {
    server.script = () => ({ status: 'failed', more: { error: { message: 'Row 2 is bad.' } } });
    const failed = await live().catch((error: HostedError) => error);
    expect(failed).toMatchObject({ kind: 'over', message: 'The job failed at the host: Row 2 is bad.' });
    expect(hostedFailure(`before\n${hostedErrorLine(failed as HostedError)}\nlonghand: …`)).toMatchObject({
      message: (failed as HostedError).message,
    });
    await expect(live()).rejects.toMatchObject({ kind: 'over' });
    expect(server.jobs.length).toBe(1);
  });

  it('Together: the suffix identifies the job, and losses come from the metrics', async () => {
    run = await aRun('together');
    server.script = ({ looks }) => ({
      status: looks < 2 ? 'running' : 'completed',
      more: { model_output_name: 'me/tiny-ft' },
      events: [{ type: 'training_start', total_steps: 4 }],
      metrics: [{ 'train/global_step': looks, 'train/loss': 1 / looks }],
    });
    server.faults.push({ what: 'POST /fine-tunes', cut: 'after' });
    expect(await live()).toBe('me/tiny-ft');
    expect(server.jobs.map(({ body }) => body)).toEqual([
      { model: 'm', training_file: 'file-1', suffix: hostedNames(run, await hostedFile(run)).job },
    ]);
    expect(losses(await progressOf(run))).toEqual([
      [1, 1],
      [2, 0.5],
    ]);
  });

  it('Fireworks: Longhand chooses the ids, the account is that of the key, and no loss is reported', async () => {
    run = await aRun('fireworks');
    server.script = () => ({
      status: 'JOB_STATE_COMPLETED',
      more: { outputModel: 'accounts/me/models/x', jobProgress: { percent: 100 } },
    });
    server.faults.push({ what: 'POST /v1/accounts/me/supervisedFineTuningJobs', status: 500 });
    expect(await live()).toBe('accounts/me/models/x');
    const { job } = hostedNames(run, await hostedFile(run));
    expect(server.jobs.map(({ id }) => id)).toEqual([job]);
    expect(job).toMatch(/^[a-z0-9-]{1,63}$/);
    expect(losses(await progressOf(run))).toEqual([]);
  });

  it('is cancelled on the host by a stop, once, and not after its end', async () => {
    const journal = new HostedJournal(run.folder);
    await cancelHosted(run, () => undefined, signal);
    expect(server.asked).toEqual([]);
    await journal.write({ event: 'uploaded', file: 'f', id: 'file-1' });
    // Killed between the creation of the job and its record.
    await journal.write({ event: 'creating', job: 'x' });
    const { job } = hostedNames(run, await hostedFile(run));
    server.jobs.push({
      id: 'job-1',
      body: { training_file: 'file-1', metadata: { longhand_run: job } },
      status: 'running',
      looks: 0,
    });
    server.script = () => ({ status: 'running' });
    server.faults.push({ what: 'GET /fine_tuning/jobs/job-1', status: 500 });
    await cancelHosted(run, () => undefined, signal);
    expect(server.jobs.map(({ status }) => status)).toEqual(['cancelled']);
    await cancelHosted(run, () => undefined, signal);
    expect(made(/cancel/)).toBe(1);
    await expect(live()).rejects.toMatchObject({ kind: 'over' });
  });

  it('reports that the job still runs when it could not be cancelled', async () => {
    const journal = new HostedJournal(run.folder);
    await journal.write({ event: 'creating', job: 'x' });
    await journal.write({ event: 'created', job: 'x', id: 'job-1' });
    server.faults.push({ what: 'GET /fine_tuning/jobs/job-1', status: 403 });
    await expect(cancelHosted(run, () => undefined, signal)).rejects.toMatchObject({
      message: expect.stringContaining('it continues at 127.0.0.1'),
    });
  });
});

describe('the process of a hosted training (scripted)', () => {
  /** Its key is for the host that it names. */
  function start(): Started {
    const env = { LONGHAND_API_KEY: 'sk-secret', LONGHAND_API_HOST: new URL(server.baseURL).host };
    return startLonghand(['hosted-job', dataset.folder, run.record.id], { env });
  }

  it('is killed between the creation of the job and its record: the next one finds the job, and the dataset gets the model', async () => {
    let first: Started | undefined;
    server.faults.push({
      what: 'POST /fine_tuning/jobs',
      hold: async () => {
        first?.child.kill('SIGKILL');
        await first?.ended;
      },
    });
    first = start();
    await first.ended;
    expect(server.jobs.length).toBe(1);
    expect(await readFile(join(run.folder, 'hosted.jsonl'), 'utf8')).not.toContain('created');
    const { code, stdout, stderr } = await start().ended;
    const log = stdout + stderr;
    expect(code, log).toBe(0);
    expect([server.files.length, server.jobs.length]).toEqual([1, 1]);
    expect(server.keys.every((key) => key === 'Bearer sk-secret')).toBe(true);
    expect(log).not.toContain('sk-secret');
    expect((await dataset.reloadSettings()).fineTuned).toEqual({
      kind: 'openai',
      baseURL: server.baseURL,
      model: 'ft:tiny:me',
    });
    for (const name of ['hosted.jsonl', 'progress.jsonl', 'job/hosted.json'])
      expect(await readFile(join(run.folder, name), 'utf8')).not.toContain('sk-secret');
  });
});

describe('a key', () => {
  it('is not sent to an address that it was not given for', async () => {
    const config = await hostedConfig(run);
    const elsewhere = { ...config, baseURL: 'https://example.invalid/v1' };
    await expect(openHost(elsewhere, () => undefined, signal)).rejects.toMatchObject({
      kind: 'denied',
      advice: expect.stringContaining('LONGHAND_API_HOST=example.invalid'),
    });
  });

  it('is refused in an address', async () => {
    await mkdir(join(run.folder, 'job'), { recursive: true });
    await writeFile(
      join(run.folder, 'job', 'hosted.json'),
      JSON.stringify({ host: 'openai', baseURL: 'https://u:p@h/v1', job: {} }),
    );
    await expect(hostedConfig(run)).rejects.toMatchObject({ kind: 'refused' });
  });
});
