// That a host is paid once. The hosts are SCRIPTED.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Dataset } from '../../../src/store/index.ts';
import type { StoredRun } from '../../../src/store/runs.ts';
import { cancelHosted } from '../../../src/trainers/hosted/cancel.ts';
import { Api } from '../../../src/trainers/hosted/http.ts';
import { HostedJournal } from '../../../src/trainers/hosted/journal.ts';
import { hostedNames } from '../../../src/trainers/hosted/names.ts';
import { hostedFile } from '../../../src/trainers/hosted/open.ts';
import { takeOverJob } from '../../../src/trainers/hosted/take-over.ts';
import { type Fault, type HostedServer, hostedServer } from '../../fixtures/hosted-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';
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

describe('a job that was perhaps made', () => {
  const lost: [string, Fault][] = [
    ['an error of the server', { what: CREATE, status: 500, done: true }],
    ['a cut connection', { what: CREATE, cut: 'after' }],
    ['an answer of an unknown form', { what: CREATE, said: { job_id: 'job-1' } }],
  ];
  const lists: [string, HostedServer['list']][] = [
    ['shows no names', withoutNames],
    ['is not there', () => undefined],
    ['is empty', () => []],
  ];
  it.each(lost.flatMap(([how, fault]) => lists.map(([list, told]) => [how, list, fault, told] as const)))(
    'after %s is not made again, now or later, where the list %s',
    async (_how, _list, fault, told) => {
      server.faults.push(fault);
      server.list = told;
      for (const _life of [1, 2]) {
        const said = await live().catch((error: unknown) => error);
        expect(said).toMatchObject({
          problem: 'unclear',
          message: expect.stringMatching(/^the host (?:has perhaps )?made a job/),
          advice: expect.stringContaining('longhand resume-run d r --job ID'),
        });
        expect((said as { advice: string }).advice).toContain(job);
      }
      expect([creates(), server.jobs.length]).toEqual([1, 1]);
    },
  );

  it('is not made again by Together either, when its list does not show suffixes', async () => {
    await begin('together');
    server.list = withoutNames;
    server.faults.push({ what: 'POST /fine-tunes', status: 502, done: true });
    await expect(live()).rejects.toMatchObject({ problem: 'unclear' });
    expect(server.jobs.length).toBe(1);
  });

  it('is not made again after a kill -9 between asking for it and writing it down', async () => {
    await journal.write({ event: 'creating', job });
    await expect(live()).rejects.toMatchObject({ problem: 'unclear' });
    expect(creates()).toBe(0);
  });

  it('is made again where the list shows other runs by their names and not this one, after three looks', async () => {
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

  it('is taken when the list shows it late, also where its answer was of an unknown form', async () => {
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

  it('is surely made where the answer was of an unknown form, whatever names the list shows', async () => {
    server.list = () => [{ id: 'other', metadata: { longhand_run: OTHER } }];
    server.faults.push({ what: CREATE, said: 'made it' });
    for (const _life of [1, 2])
      await expect(live()).rejects.toMatchObject({ message: expect.stringContaining('host made a job') });
    expect(creates()).toBe(1);
  });

  it('was not made where the host refuses it, so that it is asked for again', async () => {
    server.list = withoutNames;
    server.faults.push({ what: CREATE, status: 429 });
    expect(await live()).toBe('ft:tiny:me');
    expect([creates(), server.jobs.length]).toEqual([2, 1]);
  });

  it('stays so when a second try is refused', async () => {
    server.list = () => [{ id: 'other', metadata: { longhand_run: OTHER } }];
    server.faults.push({ what: CREATE, status: 500, done: true }, { what: CREATE, status: 400 });
    await expect(live()).rejects.toMatchObject({ problem: 'refused' });
    expect(await journal.read()).toMatchObject({ creating: expect.any(String) });
  });

  it('is none where there was no connection', async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
    const { port } = gone.address() as AddressInfo;
    await new Promise((done) => gone.close(done));
    const api = new Api({ baseURL: `http://127.0.0.1:${port}`, key: undefined, signal });
    await expect(api.post('/jobs', {}, z.unknown())).rejects.toMatchObject({ problem: 'unreachable', undone: true });
    const cut = new Api({ baseURL: server.baseURL, key: undefined, signal });
    server.faults.push({ what: 'POST /jobs', cut: 'before' });
    await expect(cut.post('/jobs', {}, z.unknown())).rejects.toMatchObject({ problem: 'unreachable', undone: false });
  });
});

describe('a job that a person found at the host', () => {
  beforeEach(async () => {
    server.list = withoutNames;
    server.faults.push({ what: CREATE, status: 500, done: true });
    await live().catch(() => undefined);
  });

  it('is taken over, watched to its end and not made again', async () => {
    await takeOverJob(run, 'job-1', () => undefined, signal);
    expect(await live()).toBe('ft:tiny:me');
    expect(creates()).toBe(1);
    await expect(takeOverJob(run, 'job-2', () => undefined, signal)).rejects.toMatchObject({ problem: 'over' });
  });

  it('must be there, and the run must have no other', async () => {
    const before = await readFile(join(run.folder, 'hosted.jsonl'), 'utf8');
    await expect(takeOverJob(run, 'job-9', () => undefined, signal)).rejects.toMatchObject({ problem: 'refused' });
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

  it('looks as often for a job that was perhaps made as a resume does', async () => {
    made();
    await journal.write({ event: 'creating', job });
    let lists = 0;
    server.list = (jobs) => (++lists < 3 ? [] : jobs.map(({ id, body }) => ({ id, ...body })));
    await stop();
    expect(server.jobs.map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('says that it perhaps goes on there when it is not found', async () => {
    await journal.write({ event: 'creating', job });
    await expect(stop()).rejects.toMatchObject({
      message: expect.stringContaining('perhaps it goes on there'),
      advice: expect.stringContaining(job),
    });
    await journal.write({ event: 'refused', job });
    server.asked.length = 0;
    await stop();
    expect(server.asked).toEqual([]);
  });
});

describe('a file that the host looks through', () => {
  it('is waited for in words, and for no more than two hours; a resume waits on', async () => {
    server.isProcessed = () => false;
    const say: string[] = [];
    await expect(live({ say })).rejects.toMatchObject({
      problem: 'limit',
      message: 'the host still looks through file file-1 after 120 minutes; no job was made.',
    });
    const waiting = say.filter((words) => words.includes('looks through'));
    expect([waiting.length, waiting[0], waiting[1]]).toEqual([
      24,
      'The host looks through file file-1 before a job may use it.',
      'The host looks through file file-1 before a job may use it, for 5 minutes.',
    ]);
    server.isProcessed = () => true;
    expect(await live()).toBe('ft:tiny:me');
    expect(server.files.length).toBe(1);
  });

  it('is not waited for any longer when the run is stopped', async () => {
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
