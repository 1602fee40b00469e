// A SCRIPTED dashboard, for answers that a real Ray can't be made to give. Everything else is tested with a real one in ray.test.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { RayEngine } from '../../../src/engines/ray/engine.ts';
import { packFiles } from '../../../src/engines/ray/package.ts';
import { addressWarning, rayTokenFromEnvironment } from '../../../src/engines/ray/token.ts';
import { quoteCommand } from '../../../src/engines/shell.ts';
import { engineChecks } from '../../../src/trainers/preflight/engine-checks.ts';
import { listen } from '../../fixtures/listen.ts';
import { jobSpec, logOf, NEVER } from '../../unit/engines/fixtures.ts';

type Script = (request: IncomingMessage, response: ServerResponse, asked: number) => void;

/** @param script by `METHOD path`; all other requests get a 404. */
async function scripted(script: Record<string, Script>, env: NodeJS.ProcessEnv = {}) {
  const asked: string[] = [];
  const address = await listen((request, response) => {
    const what = `${request.method} ${request.url}`;
    asked.push(what);
    const play = script[what];
    if (play) play(request, response, asked.filter((one) => one === what).length);
    else response.writeHead(404).end('Job does not exist');
  });
  return { address, engine: new RayEngine({ address }, { dataset: '/tmp/longhand-ray-scripted', env }), asked };
}

const json =
  (value: unknown, status = 200): Script =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const job = (rest: object) => ({ type: 'SUBMISSION', submission_id: 'longhand-run-1-1', status: 'RUNNING', ...rest });

describe('a job with a time limit', () => {
  const MINUTE = 60_000;
  const LIMITED = 'exec timeout --kill-after=10s 2m python train.py';
  it.each([
    ['its limit was exceeded', LIMITED, 124, 2 * MINUTE + 50, 'The time limit of 2 minutes was exceeded.'],
    ['it was killed after the limit', LIMITED, 137, 2.2 * MINUTE, 'The time limit of 2 minutes was exceeded.'],
    ['it was killed before the limit', LIMITED, 137, MINUTE, 'It failed with 137.'],
    ['it failed by itself', LIMITED, 1, 3 * MINUTE, 'It failed with 1.'],
    ['it has no limit', 'exec python train.py', 124, 3 * MINUTE, 'It failed with 124.'],
  ])('reports the reason of its end when %s', async (_why, entrypoint, code, took, message) => {
    const times = { start_time: 1_000_000, end_time: 1_000_000 + Math.round(took), driver_exit_code: code };
    const answer = job({ status: 'FAILED', message: `It failed with ${code}.`, entrypoint, ...times });
    const { engine } = await scripted({ 'GET /api/jobs/longhand-run-1-1': json(answer) });
    const handle = { engine: 'ray' as const, jobId: 'longhand-run-1-1', runId: 'run-1', attempt: 1 };
    expect(await engine.status(handle, NEVER)).toMatchObject({ state: 'failed', message });
  });
});

describe('a dashboard with unusual answers', () => {
  it.each([
    ['a page', (_request: IncomingMessage, response: ServerResponse) => void response.end('<html>')],
    ['an unexpected format', json({ version: '4' })],
    [
      'a redirect',
      (_request: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(302, { location: '/login' }).end(),
    ],
    ['an error', json({ error: 'no' }, 500)],
  ])('is no Ray when it answers with %s', async (_what, answer) => {
    const { engine } = await scripted({ 'GET /api/version': answer });
    expect((await engine.probe(NEVER)).problem).toMatch(/does not answer as Ray's Jobs API does/);
  });

  it('is not Ray when nothing listens', async () => {
    const engine = new RayEngine({ address: 'http://127.0.0.1:9' }, { dataset: '/tmp/x', env: {} });
    expect((await engine.probe(NEVER)).problem).toMatch(/does not answer: .*tunnel/s);
    await expect(engine.status(engine.handle({ runId: 'a', attempt: 1 }), NEVER)).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it('waits for the agent of a head node that has just started', async () => {
    const { engine, asked } = await scripted({
      'POST /api/jobs/': (request, response, times) =>
        times < 3
          ? json('Traceback\nRuntimeError: No available agent to submit job, please try again later.', 500)(
              request,
              response,
              times,
            )
          : json({ job_id: 'x', submission_id: 'x' })(request, response, times),
    });
    await engine.submit(jobSpec({ command: ['true'] }), NEVER);
    expect(asked.filter((one) => one === 'POST /api/jobs/').length).toBe(3);
  });

  it('reports why a job is refused', async () => {
    const { engine } = await scripted({ 'POST /api/jobs/': json('ValueError: entrypoint_num_cpus', 400) });
    await expect(engine.submit(jobSpec({ command: ['true'] }), NEVER)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('entrypoint_num_cpus'),
    });
  });

  it('reads lists of jobs as an array and as an object, and skips entries that are no jobs', async () => {
    const mine = job({ metadata: { longhand_run: 'run-1', longhand_attempt: '2' } });
    const other = [
      null,
      7,
      job({ metadata: { longhand_run: 'run-1', longhand_attempt: '-1' } }),
      { ...mine, status: 'ODD' },
    ];
    const handle = { engine: 'ray', jobId: 'longhand-run-1-1', runId: 'run-1', attempt: 2 };
    for (const list of [[...other, mine], { a: mine, b: other[2] }]) {
      const { engine } = await scripted({ 'GET /api/jobs/': json(list) });
      expect(await engine.list('longhand_run', 'run-1', NEVER)).toEqual([handle]);
    }
  });

  it('ends a log at the end of the job even if Ray can’t return more of it', async () => {
    const { engine, asked } = await scripted({
      'GET /api/jobs/x': json(job({ status: 'FAILED' })),
      'GET /api/jobs/x/logs': json('UnicodeDecodeError', 500),
    });
    expect(await logOf(engine, { engine: 'ray', jobId: 'x', runId: 'r', attempt: 1 })).toBe('');
    expect(asked.filter((one) => one.endsWith('/logs')).length).toBeGreaterThan(1);
  });

  it('does not report a log as complete when its end can’t be read', async () => {
    const { engine, asked } = await scripted({
      'GET /api/jobs/x': json(job({ status: 'SUCCEEDED' })),
      'GET /api/jobs/x/logs': (_request, response) => void response.destroy(),
    });
    const log = logOf(engine, { engine: 'ray', jobId: 'x', runId: 'r', attempt: 1 });
    await expect(log).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('read the end of the job'),
    });
    expect(asked.filter((one) => one.endsWith('/logs')).length).toBe(4);
  });

  it('shows no control characters in the description of a job', async () => {
    const { engine } = await scripted({
      'GET /api/jobs/x': json(
        job({ status: 'FAILED', message: `\u001b[31mbad\u0007 ${'y'.repeat(900)}\nlog`, start_time: -4 }),
      ),
    });
    const status = await engine.status({ engine: 'ray', jobId: 'x', runId: 'r', attempt: 1 }, NEVER);
    expect(status).toMatchObject({ state: 'failed' });
    expect(status.message).toMatch(/^ \[31mbad {2}y+…$/);
    expect(status.startedAt).toBeUndefined();
  });
});

describe('the files of a job', () => {
  const files = [
    { path: 'b/two.txt', content: 'zwei' },
    { path: 'a.py', content: 'print(1)' },
  ];

  it('make the same package in any order', async () => {
    const one = await packFiles(files, '/tmp');
    const other = await packFiles([...files].reverse(), '/tmp');
    expect(other).toEqual(one);
    expect(one.uri).toMatch(/^gcs:\/\/_ray_pkg_[0-9a-f]{32}\.zip$/);
    expect(Object.keys(unzipSync(one.bytes))).toEqual(['a.py', 'b/two.txt']);
    expect((await packFiles([{ path: 'a.py', content: 'print(2)' }], '/tmp')).uri).not.toBe(one.uri);
  });

  it('must exist', async () => {
    await expect(packFiles([{ path: 'x', source: '/tmp/longhand-is-not-there' }], '/tmp')).rejects.toMatchObject({
      kind: 'unusable',
    });
  });
});

describe('the token', () => {
  const env = { LONGHAND_RAY_TOKEN: 't' };

  it('is sent only to the named host, on this machine too', () => {
    const of = rayTokenFromEnvironment;
    expect(of('http://127.0.0.1:8265', env)).toBeUndefined();
    expect(of('http://127.0.0.1:8265', { ...env, LONGHAND_RAY_HOST: '127.0.0.1:8265' })).toBe('t');
    expect(of('http://127.0.0.1:9999', { ...env, LONGHAND_RAY_HOST: '127.0.0.1:8265' })).toBeUndefined();
    expect(of('https://ray.example', env)).toBeUndefined();
    expect(of('https://ray.example', { ...env, LONGHAND_RAY_HOST: 'ray.example' })).toBe('t');
    expect(of('http://ray.example', { ...env, LONGHAND_RAY_HOST: 'ray.example' })).toBeUndefined();
    expect(of('http://ray.example:8265', { ...env, LONGHAND_RAY_HOST: 'http://ray.example:8265' })).toBe('t');
    expect(of('http://127.0.0.1:8265', { ...env, LONGHAND_RAY_HOST: 'ray.example' })).toBeUndefined();
    const several = { ...env, LONGHAND_RAY_TOKENS: '{"a.example":"a","http://b.example:8265":"b"}' };
    const addresses = ['https://a.example', 'http://a.example', 'http://b.example:8265', 'http://127.0.0.1:8265'];
    expect(addresses.map((address) => of(address, several))).toEqual(['a', undefined, 'b', undefined]);
    expect(of('https://a.example', { LONGHAND_RAY_TOKENS: '{' })).toBeUndefined();
  });

  it('is requested at an address that others can reach, with a warning where it is sent in plain text', () => {
    expect(addressWarning('http://127.0.0.1:8265', undefined)).toBeUndefined();
    expect(addressWarning('http://ray.example:8265', undefined)).toMatch(
      /can run programs.*ssh -N -L 8265:127\.0\.0\.1:8265 ray\.example/,
    );
    expect(addressWarning('http://ray.example:8265', 't')).toMatch(/plain http/);
    expect(addressWarning('https://ray.example', 't')).toBeUndefined();
  });
});

it('a quoted command is read back unchanged by a shell', () => {
  expect(quoteCommand(['python', '-c', `print('a b')`, '', '$HOME'])).toBe(
    `python -c 'print('\\''a b'\\'')' '' '$HOME'`,
  );
});

describe('the preflight of a training on Ray', () => {
  const where = { dataset: '/tmp/longhand-ray-scripted', distFolder: '', env: {}, signal: NEVER };

  it('names the Ray version, and warns that checkpoints need a folder that all nodes share', async () => {
    const { address } = await scripted({ 'GET /api/version': json({ ray_version: '2.60.0' }) });
    const without = await engineChecks({ engine: 'ray', address }, where);
    expect(without.map(({ state }) => state)).toEqual(['ok', 'warning']);
    expect(without[1]?.message).toMatch(/lost when the job ends/);
    expect(await engineChecks({ engine: 'ray', address, sharedFolder: '/shared' }, where)).toHaveLength(1);
  });

  it('stops when nothing listens', async () => {
    const checks = await engineChecks({ engine: 'ray', address: 'http://127.0.0.1:9', sharedFolder: '/shared' }, where);
    expect(checks.map(({ state }) => state)).toEqual(['error']);
  });
});
