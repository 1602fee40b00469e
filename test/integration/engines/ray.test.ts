import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, JobSpec } from '../../../src/engines/engine.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { type RayHead, rayEnvironment, startRay } from '../../fixtures/ray.ts';
import { startTcpProxy } from '../../fixtures/tcp-proxy.ts';
import { ended, jobSpec, logOf, NEVER } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const environment = await rayEnvironment();
const without = typeof environment === 'string' ? ` (skipped: ${environment})` : '';
const TOKEN = 'a-token-that-only-these-tests-know-0123456789';

let head: RayHead;

function engineAt(address: string, env: NodeJS.ProcessEnv = {}, dataset = '/tmp/longhand-ray-test'): Promise<Engine> {
  return openEngine({ engine: 'ray', address }, { dataset, distFolder: '', env });
}

/** A Python program in a file of the job, so that no quoting is involved. */
function python(text: string, rest: Partial<JobSpec> = {}): JobSpec {
  return jobSpec({ command: ['python', 'job.py'], files: [{ path: 'job.py', content: text }], ...rest });
}

const TICKS = `
import os, sys, time
print('começa', flush=True)
for i in range(40):
    print('tick', i, '✓', flush=True)
    time.sleep(float(os.environ.get('PAUSE', '0')))
print('fim', flush=True)
`;

describe.skipIf(without !== '')(`a real Ray without a token${without}`, () => {
  beforeAll(async () => {
    if (typeof environment !== 'string') head = await startRay(environment);
  });
  afterAll(() => head?.stop());

  it('answers, reports its resources, and requires no warning on loopback', async () => {
    const engine = await engineAt(head.address);
    let probe = await engine.probe(NEVER);
    for (; !probe.resources; probe = await engine.probe(NEVER)) await sleep(200);
    expect(probe).toEqual({ version: '2.60.0', resources: { cpus: 2, gpus: 0 } });
  });

  it('runs a job with its files, arguments and variables, and returns its log from any offset', async () => {
    const engine = await engineAt(head.address);
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'rows.jsonl'), '{"a":"ü"}\n');
    const spec = python(
      "import os, sys\nprint(sys.argv[1:], os.environ['WHO'], open('data/rows.jsonl', encoding='utf8').read())",
      { runId: 'files', env: { WHO: "it's me" } },
    );
    const handle = await engine.submit(
      {
        ...spec,
        command: [...spec.command, "a 'b' $HOME", '', 'c\nd'],
        files: [...spec.files, { path: 'data/rows.jsonl', source: join(folder, 'rows.jsonl') }],
      },
      NEVER,
    );
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded', exitCode: 0 });
    const whole = await logOf(engine, handle);
    expect(whole).toContain(`["a 'b' $HOME", '', 'c\\nd'] it's me {"a":"ü"}`);
    const offset = Buffer.byteLength(whole.slice(0, whole.indexOf('it')));
    expect(await logOf(engine, handle, offset)).toBe(whole.slice(whole.indexOf('it')));
  });

  it('returns the log while the job runs, each byte once, over connections that break', async () => {
    const proxy = await startTcpProxy(head.address);
    try {
      const engine = await engineAt(proxy.address);
      const handle = await engine.submit(python(TICKS, { runId: 'cut', env: { PAUSE: '0.2' } }), NEVER);
      let text = '';
      let cuts = 0;
      let runningAtFirst: string | undefined;
      for await (const part of engine.tail(handle, 0, NEVER)) {
        text += part.text;
        expect(part.offset).toBe(Buffer.byteLength(text));
        runningAtFirst ??= (await engine.status(handle, NEVER)).state;
        if (cuts < 3 && text.includes(`tick ${cuts * 8 + 3} `)) {
          expect(proxy.cut()).toBeGreaterThan(0);
          cuts += 1;
        }
      }
      expect(cuts).toBe(3);
      expect(runningAtFirst).toBe('running');
      expect(text.split('\n').filter((line) => line.startsWith('tick'))).toEqual(
        Array.from({ length: 40 }, (_, i) => `tick ${i} ✓`),
      );
      expect(text).toContain('começa');
      expect(text.trimEnd().endsWith('fim')).toBe(true);
      expect((await engine.status(handle, NEVER)).state).toBe('succeeded');
    } finally {
      await proxy.close();
    }
  });

  it('starts a job once, however often it is submitted, and refuses a different job of the same name', async () => {
    const engine = await engineAt(head.address);
    const spec = python('print("once")', { runId: 'twice' });
    const handles = await Promise.all([engine.submit(spec, NEVER), engine.submit(spec, NEVER)]);
    expect(handles[0]).toEqual(handles[1]);
    expect(await engine.submit(spec, NEVER)).toEqual(engine.handle(spec));
    expect((await engine.list('longhand_run', 'twice', NEVER)).length).toBe(1);
    await expect(engine.submit({ ...spec, env: { OTHER: '1' } }, NEVER)).rejects.toMatchObject({ kind: 'refused' });
    // The same run of another dataset is another job.
    const other = await engineAt(head.address, {}, '/tmp/longhand-ray-test-2');
    expect(other.handle(spec).jobId).not.toBe(engine.handle(spec).jobId);
  });

  it('stops a job with its child processes, and a second stop changes nothing', async () => {
    const engine = await engineAt(head.address);
    const handle = await engine.submit(
      python('import subprocess\nprint("up", flush=True)\nsubprocess.run(["sleep", "600"])', { runId: 'stop' }),
      NEVER,
    );
    for await (const { text } of engine.tail(handle, 0, NEVER)) if (text.includes('up')) break;
    await engine.stop(handle, NEVER);
    expect((await engine.status(handle, NEVER)).state).toBe('stopped');
    await engine.stop(handle, NEVER);
  });

  it('reports how a job failed, with the end of its log', async () => {
    const engine = await engineAt(head.address);
    const handle = await engine.submit(python('print("so far")\nraise SystemExit(7)', { runId: 'fail' }), NEVER);
    const status = await ended(engine, handle);
    expect(status).toMatchObject({
      state: 'failed',
      exitCode: 7,
      message: 'Job entrypoint command failed with exit code 7.',
    });
    expect(await logOf(engine, handle)).toContain('so far');
  });

  it('ends a job at its time limit, and not earlier', async () => {
    const engine = await engineAt(head.address);
    const limited = (text: string, runId: string, timeLimit: number) => {
      const spec = python(text, { runId });
      return engine.submit({ ...spec, resources: { ...spec.resources, timeLimit } }, NEVER);
    };
    // A tenth of a minute, so that the test is short.
    const slow = await limited(
      'import time\nprint("begun", time.time(), flush=True)\nwhile True: time.sleep(0.2); print("at", time.time(), flush=True)',
      'limit',
      0.1,
    );
    const quick = await limited('print("done")', 'within', 1);
    expect(await ended(engine, slow)).toMatchObject({
      state: 'failed',
      message: 'The time limit of 0.1 minutes was exceeded.',
    });
    const times = [...(await logOf(engine, slow)).matchAll(/^(?:begun|at) ([\d.]+)/gm)].map(([, at]) => Number(at));
    const ran = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(ran).toBeGreaterThan(3);
    expect(ran).toBeLessThan(7);
    expect(await ended(engine, quick)).toMatchObject({ state: 'succeeded' });
  });

  it('is found by another process through its metadata', async () => {
    const spec = python('print(1)', { runId: 'again', attempt: 3, metadata: { round: '7-sampling' } });
    const handle = await (await engineAt(head.address)).submit(spec, NEVER);
    const later = await engineAt(head.address);
    expect(await later.list('round', '7-sampling', NEVER)).toEqual([handle]);
    expect(await later.list('round', '8-sampling', NEVER)).toEqual([]);
    expect(await later.list('constructor', 'x', NEVER)).toEqual([]);
    expect((await ended(later, handle)).state).toBe('succeeded');
  });

  it('reports an unknown job as lost, not as failed', async () => {
    const engine = await engineAt(head.address);
    const handle = engine.handle({ runId: 'never', attempt: 1 });
    expect((await engine.status(handle, NEVER)).state).toBe('lost');
    expect(await logOf(engine, handle)).toBe('');
    await engine.stop(handle, NEVER);
  });
});

describe.skipIf(without !== '')(`a real Ray with a token${without}`, () => {
  let locked: RayHead;
  beforeAll(async () => {
    if (typeof environment !== 'string') locked = await startRay(environment, { token: TOKEN });
  });
  afterAll(() => locked?.stop());

  it('reports that it requires a token, or a different one', async () => {
    const none = await (await engineAt(locked.address)).probe(NEVER);
    expect(none.problem).toContain('requires a token');
    const host = new URL(locked.address).host;
    const unnamed = await (await engineAt(locked.address, { LONGHAND_RAY_TOKEN: TOKEN })).probe(NEVER);
    expect(unnamed.problem).toContain('requires a token');
    const env = { LONGHAND_RAY_TOKEN: `${TOKEN}x`, LONGHAND_RAY_HOST: host };
    const wrong = await (await engineAt(locked.address, env)).probe(NEVER);
    expect(wrong.problem).toContain('rejected the token');
    const engine = await engineAt(locked.address);
    await expect(engine.submit(python(''), NEVER)).rejects.toMatchObject({ kind: 'denied' });
  });

  it('runs jobs with the right one, and returns their logs by socket', async () => {
    const env = { LONGHAND_RAY_TOKEN: TOKEN, LONGHAND_RAY_HOST: new URL(locked.address).host };
    const engine = await engineAt(locked.address, env);
    expect((await engine.probe(NEVER)).problem).toBeUndefined();
    const handle = await engine.submit(python(TICKS, { runId: 'locked', env: { PAUSE: '0.1' } }), NEVER);
    let states = '';
    for await (const { text } of engine.tail(handle, 0, NEVER)) {
      if (text.includes('tick 3 ')) states = (await engine.status(handle, NEVER)).state;
    }
    expect(states).toBe('running');
    expect((await ended(engine, handle)).state).toBe('succeeded');
  });
});
