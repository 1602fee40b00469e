// A hosted job is paid once. The hosts are SCRIPTED.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Dataset } from '../../../src/store/index.ts';
import type { StoredRun } from '../../../src/store/runs.ts';
import { cancelHosted } from '../../../src/trainers/hosted/cancel.ts';
import { hostedNames } from '../../../src/trainers/hosted/host.ts';
import { Api } from '../../../src/trainers/hosted/http.ts';
import { HostedJournal } from '../../../src/trainers/hosted/journal.ts';
import { takeOverJob } from '../../../src/trainers/hosted/make-job.ts';
import { hostedFile } from '../../../src/trainers/hosted/open.ts';
import { type Fault, type HostedServer, hostedServer } from '../../fixtures/hosted-server.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { hostedRun, type LiveOptions, liveOnce } from './hosted-run.ts';

const signal = new AbortController().signal;
const OTHER = 'lh-another-run-0123456789ab';
const CREATE = 'POST /fine_tuning/jobs';

let server: HostedServer;
let run: StoredRun;
let journal: HostedJournal;
let job: string;

const live = (options: LiveOptions = {}) => liveOnce(run, options);
const creates = () => server.asked.filter((one) => one === CREATE || one === 'POST /fine-tunes').length;
const withoutNames = (jobs: HostedServer['jobs']) => jobs.map(({ id }) => ({ id, training_file: 'file-1' }));

async function begin(host: string): Promise<void> {
  const dataset = await Dataset.create(await temporaryFolder(), {
    name: 'hosted',
    mediaFolder: resolve(import.meta.dirname, '../../../media'),
  });
  run = await hostedRun(dataset, server, host);
  journal = new HostedJournal(run.folder);
  job = hostedNames(run, await hostedFile(run)).job;
}

beforeEach(async () => {
  server = await hostedServer();
  await begin('openai');
});
afterEach(() => server.close());

describe('a job that may exist', () => {
  const lost: [string, Fault][] = [
    ['a server error', { what: CREATE, status: 500, done: true }],
    ['a closed connection', { what: CREATE, cut: 'after' }],
    ['a response of an unknown format', { what: CREATE, answer: { job_id: 'job-1' } }],
  ];
  const lists: [string, HostedServer['list']][] = [
    ['shows no names', withoutNames],
    ['is missing', () => undefined],
    ['is empty', () => []],
  ];
  it.each(lost.flatMap(([how, fault]) => lists.map(([list, names]) => [how, list, fault, names] as const)))(
    'after %s is not created again, now or later, where the list %s',
    async (_how, _list, fault, names) => {
      server.faults.push(fault);
      server.list = names;
      for (const _life of [1, 2]) {
        const error = await live().catch((error: unknown) => error);
        expect(error).toMatchObject({
          kind: 'unclear',
          message: expect.stringMatching(/^the host (?:may have )?created a job/),
          advice: expect.stringContaining('longhand resume-run d r --job ID'),
        });
        expect((error as { advice: string }).advice).toContain(job);
      }
      expect([creates(), server.jobs.length]).toEqual([1, 1]);
    },
  );

  it('is not created again after a journal with unreadable lines, where the list shows no names', async () => {
    server.faults.push({ what: CREATE, cut: 'after' });
    server.list = withoutNames;
    await live().catch(() => undefined);
    const path = join(run.folder, 'hosted.jsonl');
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.map((line) => (line.includes('creating') ? line.slice(0, 20) : line)).join('\n'));
    await expect(live()).rejects.toMatchObject({ kind: 'unclear' });
    expect([creates(), server.jobs.length]).toEqual([1, 1]);
  });

  it('is not created again by Together either, when its list does not show suffixes', async () => {
    await begin('together');
    server.list = withoutNames;
    server.faults.push({ what: 'POST /fine-tunes', status: 502, done: true });
    await expect(live()).rejects.toMatchObject({ kind: 'unclear' });
    expect(server.jobs.length).toBe(1);
  });

  it('is not created again after a kill -9 between the request and its record', async () => {
    await journal.write({ event: 'creating', job });
    await expect(live()).rejects.toMatchObject({ kind: 'unclear' });
    expect(creates()).toBe(0);
  });

  it('is created again where the list shows the names of other runs and not this one, after three requests', async () => {
    server.list = (jobs) => [
      { id: 'other', metadata: { longhand_run: OTHER } },
      ...jobs.map(({ id, body }) => ({ id, ...body })),
    ];
    server.faults.push({ what: CREATE, status: 503 });
    const waits: number[] = [];
    expect(await live({ waits })).toBe('ft:tiny:me');
    expect([creates(), server.jobs.length]).toEqual([2, 1]);
    expect(waits.filter((ms) => ms === 5000).length).toBe(2);
  });

  it('is adopted when the list shows it late, also where the response had an unknown format', async () => {
    for (const fault of [lost[0]?.[1], lost[2]?.[1]]) {
      await begin('openai');
      server.jobs.length = 0;
      server.faults.push(fault as Fault);
      let lists = 0;
      server.list = (jobs) => (++lists < 4 ? [] : jobs.map(({ id, body }) => ({ id, ...body })));
      expect(await live()).toBe('ft:tiny:me');
      expect(server.jobs.length).toBe(1);
    }
  });

  it('counts as created where the response had an unknown format, whatever names the list shows', async () => {
    server.list = () => [{ id: 'other', metadata: { longhand_run: OTHER } }];
    server.faults.push({ what: CREATE, answer: 'made it' });
    for (const _life of [1, 2])
      await expect(live()).rejects.toMatchObject({ message: expect.stringContaining('host created a job') });
    expect(creates()).toBe(1);
  });

  it('was not created where the host refuses it, so that the request is repeated', async () => {
    server.list = withoutNames;
    server.faults.push({ what: CREATE, status: 429 });
    expect(await live()).toBe('ft:tiny:me');
    expect([creates(), server.jobs.length]).toEqual([2, 1]);
  });

  it('may still exist when a second request is refused', async () => {
    server.list = () => [{ id: 'other', metadata: { longhand_run: OTHER } }];
    server.faults.push({ what: CREATE, status: 500, done: true }, { what: CREATE, status: 400 });
    await expect(live()).rejects.toMatchObject({ kind: 'refused' });
    expect(await journal.read()).toMatchObject({ creating: expect.any(String) });
  });

  it('does not exist where there was no connection', async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
    const { port } = gone.address() as AddressInfo;
    await new Promise((done) => gone.close(done));
    const api = new Api({ baseURL: `http://127.0.0.1:${port}`, key: undefined, signal });
    await expect(api.post('/jobs', {}, z.unknown())).rejects.toMatchObject({ kind: 'unreachable', undone: true });
    const cut = new Api({ baseURL: server.baseURL, key: undefined, signal });
    server.faults.push({ what: 'POST /jobs', cut: 'before' });
    await expect(cut.post('/jobs', {}, z.unknown())).rejects.toMatchObject({ kind: 'unreachable', undone: false });
  });
});

describe('a job that the user found on the host', () => {
  beforeEach(async () => {
    server.list = withoutNames;
    server.faults.push({ what: CREATE, status: 500, done: true });
    await live().catch(() => undefined);
  });

  it('is adopted, followed to its end and not created again', async () => {
    await takeOverJob(run, 'job-1', () => undefined, signal);
    expect(await live()).toBe('ft:tiny:me');
    expect(creates()).toBe(1);
    await expect(takeOverJob(run, 'job-2', () => undefined, signal)).rejects.toMatchObject({ kind: 'over' });
  });

  it('must exist, and the run must have no other', async () => {
    const before = await readFile(join(run.folder, 'hosted.jsonl'), 'utf8');
    await expect(takeOverJob(run, 'job-9', () => undefined, signal)).rejects.toMatchObject({ kind: 'refused' });
    expect(await readFile(join(run.folder, 'hosted.jsonl'), 'utf8')).toBe(before);
    await takeOverJob(run, 'job-1', () => undefined, signal);
    await takeOverJob(run, 'job-1', () => undefined, signal);
    await expect(takeOverJob(run, 'job-9', () => undefined, signal)).rejects.toMatchObject({
      message: expect.stringContaining('has job job-1'),
    });
  });
});

describe('a stop', () => {
  const stop = () =>
    cancelHosted(
      run,
      () => undefined,
      signal,
      async () => {},
    );
  const made = () => {
    server.jobs.push({ id: 'job-1', body: { metadata: { longhand_run: job } }, status: 'running', looks: 0 });
    server.script = () => ({ status: 'running' });
  };

  it('cancels a job that was found again after its journal was lost', async () => {
    made();
    await journal.write({ event: 'created', job, id: 'job-1' });
    await stop();
    expect(server.jobs.map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('looks for a job that may exist as often as a resume does', async () => {
    made();
    await journal.write({ event: 'creating', job });
    let lists = 0;
    server.list = (jobs) => (++lists < 3 ? [] : jobs.map(({ id, body }) => ({ id, ...body })));
    await stop();
    expect(server.jobs.map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('reports that the job may still run when it is not found', async () => {
    await journal.write({ event: 'creating', job });
    await expect(stop()).rejects.toMatchObject({
      message: expect.stringContaining('may continue'),
      advice: expect.stringContaining(job),
    });
    await journal.write({ event: 'refused', job });
    server.asked.length = 0;
    await stop();
    expect(server.asked).toEqual([]);
  });
});

describe('a file that the host validates', () => {
  it('is waited for with a message, for at most two hours; a resume continues the wait', async () => {
    server.isProcessed = () => false;
    const log: string[] = [];
    await expect(live({ log })).rejects.toMatchObject({
      kind: 'limit',
      message: 'the host has not finished checking file file-1 after 120 minutes; no job was created.',
    });
    const waiting = log.filter((line) => line.includes('is checking'));
    expect([waiting.length, waiting[0], waiting[1]]).toEqual([
      24,
      'The host is checking file file-1.',
      'The host is checking file file-1, for 5 minutes.',
    ]);
    server.isProcessed = () => true;
    expect(await live()).toBe('ft:tiny:me');
    expect(server.files.length).toBe(1);
  });

  it('is not waited for after a stop', async () => {
    const stopped = new AbortController();
    let looks = 0;
    server.isProcessed = () => {
      if (++looks === 3) stopped.abort(new Error('stopped'));
      return false;
    };
    await expect(live({ signal: stopped.signal })).rejects.toThrow('stopped');
    expect(looks).toBe(3);
    expect(server.jobs.length).toBe(0);
  });
});
