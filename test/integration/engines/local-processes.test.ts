import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { stateFileOf } from '../../../src/engines/local/state.ts';
import { attemptFolder, runFolder } from '../../../src/store/runs.ts';
import { isAlive } from '../../../src/system/process.ts';
import { until } from '../../fixtures/process.ts';
import {
  commandLines,
  ended,
  jobSpec,
  localPlace,
  logOf,
  NEVER,
  processesWith,
  ROOT,
  stateOf,
} from '../../unit/engines/fixtures.ts';
import { supervise } from './supervise.ts';

const node = (script: string): string[] => [process.execPath, '-e', script];
const FOREVER = 'setInterval(() => {}, 1000);';
const DEAF = `for (const s of ['SIGTERM','SIGINT','SIGHUP']) process.on(s, () => {});`;
const onLinux = process.platform === 'linux';

const others: ChildProcess[] = [];
afterEach(() => {
  for (const child of others.splice(0)) child.kill('SIGKILL');
});

/** A process that submits the job, and stays when asked to. */
function submitter(dataset: string, spec: object, stay = ''): ChildProcess {
  const script = join(ROOT, 'test/integration/engines/submit-other.mjs');
  const child = spawn(process.execPath, [script, dataset, JSON.stringify(spec), stay], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  others.push(child);
  return child;
}

/**
 * A command that ignores requests to end and starts a child, a grandchild in its own session whose parent ends
 * immediately, and such a grandchild with another environment whose parent lives. Each adds a line to `pids`.
 */
function deafTree(folder: string): string[] {
  const tell = `require('fs').appendFileSync(${JSON.stringify(join(folder, 'pids'))}, process.pid + '\\n');`;
  const leaf = `${DEAF}${tell}${FOREVER}`;
  const orphanMaker = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(leaf)}], {detached: true, stdio: 'ignore'}).unref();`;
  const start = (script: string, options: string): string =>
    `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], ${options});`;
  return node(
    `${DEAF}${tell}${start(leaf, "{stdio: 'ignore'}")}${start(orphanMaker, "{stdio: 'ignore', detached: true}")}` +
      `${start(leaf, "{stdio: 'ignore', detached: true, env: {}}")}${FOREVER}`,
  );
}

async function pidsIn(folder: string, count: number): Promise<number[]> {
  const read = async () => (await readFile(join(folder, 'pids'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await until(async () => (await read()).length >= count);
  return (await read()).map(Number);
}

async function killSupervisor(dataset: string, handle: Parameters<typeof stateOf>[1]): Promise<void> {
  const { supervisor } = await stateOf(dataset, handle);
  process.kill(supervisor.pid, 'SIGKILL');
  await until(async () => !isAlive(supervisor.pid));
}

describe('stopping a job', () => {
  test.runIf(onLinux)(
    'ends a process tree that ignores requests, also processes without their parent and session',
    async () => {
      const { engine, submit, dataset } = await localPlace();
      const handle = await submit({ command: deafTree(dataset) });
      const pids = await pidsIn(dataset, 4);
      expect(pids.every(isAlive)).toBe(true);
      await engine.stop(handle, NEVER);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(await engine.status(handle)).toMatchObject({ state: 'stopped' });
      expect(processesWith((await stateOf(dataset, handle)).mark)).toEqual([]);
    },
  );

  test('lets a command that handles SIGTERM end in its own time', async () => {
    const { engine, submit } = await localPlace({ graceSeconds: 60 });
    const handle = await submit({
      command: node(
        `process.on('SIGTERM', () => { console.log('saved'); process.exit(0); }); console.log('up'); ${FOREVER}`,
      ),
    });
    for await (const part of engine.tail(handle, 0, NEVER)) if (part.text.includes('up')) break;
    await engine.stop(handle, NEVER);
    expect(await engine.status(handle)).toMatchObject({ state: 'stopped', exitCode: 0 });
    expect(await logOf(engine, handle)).toBe('up\nsaved\n');
  });

  test('twice, or after the end, changes nothing', async () => {
    const { engine, submit } = await localPlace();
    const handle = await submit({});
    const status = await ended(engine, handle);
    await engine.stop(handle, NEVER);
    expect(await engine.status(handle)).toEqual(status);
  });

  test.runIf(onLinux)('ends the processes that the command left running', async () => {
    const { engine, submit, dataset } = await localPlace();
    const tell = `require('fs').appendFileSync(${JSON.stringify(join(dataset, 'pids'))}, process.pid + '\\n');`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${tell}${FOREVER}`)}], {detached: true, stdio: 'ignore'}).unref();`;
    const script = `${child}const t = setInterval(() => require('fs').existsSync(${JSON.stringify(join(dataset, 'pids'))}) && clearInterval(t), 20)`;
    const status = await ended(engine, await submit({ command: node(script) }));
    expect(status).toMatchObject({ state: 'succeeded', message: 'It left 1 process, which was ended.' });
    expect((await pidsIn(dataset, 1)).filter(isAlive)).toEqual([]);
  });

  test('is requested by ending the supervisor itself', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({ command: node(FOREVER) });
    await until(async () => (await stateOf(dataset, handle)).state === 'running');
    const { supervisor, process: command } = await stateOf(dataset, handle);
    process.kill(supervisor.pid, 'SIGTERM');
    expect(await ended(engine, handle)).toMatchObject({ state: 'stopped' });
    expect(isAlive(command?.pid ?? 0)).toBe(false);
  });
});

describe('a supervisor that was killed', () => {
  test.runIf(onLinux)('leaves a job that runs, is found, continues to write, and can be stopped', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({ command: deafTree(dataset) });
    const pids = await pidsIn(dataset, 4);
    await killSupervisor(dataset, handle);
    expect(await engine.status(handle)).toMatchObject({
      state: 'running',
      message: expect.stringMatching(/supervisor has ended/),
    });
    await expect(submit({ attempt: 2 })).rejects.toMatchObject({ kind: 'refused' });
    await engine.stop(handle, NEVER);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await engine.status(handle)).toMatchObject({ state: 'stopped', exitCode: null });
  });

  test('leaves a job that is lost once it has ended', async () => {
    const { engine, submit, dataset } = await localPlace();
    const go = join(dataset, 'go');
    const script = `const t = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(go)})) { console.log('last words'); clearInterval(t); } }, 20)`;
    const handle = await submit({ command: node(script) });
    await until(async () => (await stateOf(dataset, handle)).process !== undefined);
    await killSupervisor(dataset, handle);
    await writeFile(go, '');
    expect(await ended(engine, handle)).toMatchObject({
      state: 'lost',
      message: expect.stringMatching(/without a supervisor/),
    });
    expect(await logOf(engine, handle)).toBe('last words\n');
    expect(await ended(engine, await submit({ attempt: 2 }))).toMatchObject({ state: 'succeeded' });
  });

  test('is not confused with another process that has its pid, which is left alone', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({});
    await ended(engine, handle);
    const bystander = spawn(process.execPath, ['-e', FOREVER], { detached: true, stdio: 'ignore' });
    others.push(bystander);
    const state = await stateOf(dataset, handle);
    const reused = { pid: bystander.pid, start: state.supervisor.start };
    const { exitCode: _, endedAt: __, ...rest } = state;
    const file = stateFileOf(attemptFolder(dataset, handle.runId, handle.attempt));
    await writeFile(file, JSON.stringify({ ...rest, state: 'running', supervisor: reused, process: reused }));
    expect(await engine.status(handle)).toMatchObject({ state: 'lost' });
    await engine.stop(handle, NEVER);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    expect(await engine.status(handle)).toMatchObject({ state: 'stopped' });
  });

  test.skipIf(process.platform === 'win32')('and hangs does not prevent the job from being stopped', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({ command: node(FOREVER) });
    await until(async () => (await stateOf(dataset, handle)).process !== undefined);
    const { supervisor, process: command } = await stateOf(dataset, handle);
    process.kill(supervisor.pid, 'SIGSTOP');
    await engine.stop(handle, NEVER);
    expect(await engine.status(handle)).toMatchObject({ state: 'stopped' });
    await until(async () => ![supervisor.pid, command?.pid ?? 0].some(isAlive));
  });

  test('on another machine is recognised by its heartbeat only', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({});
    await ended(engine, handle);
    const { exitCode: _, endedAt: __, ...rest } = await stateOf(dataset, handle);
    const file = stateFileOf(attemptFolder(dataset, handle.runId, handle.attempt));
    await writeFile(file, JSON.stringify({ ...rest, state: 'running', host: `not-${hostname()}` }));
    expect(await engine.status(handle)).toMatchObject({ state: 'running' });
    await expect(engine.stop(handle, NEVER)).rejects.toMatchObject({
      kind: 'unusable',
      message: `The job runs on not-${hostname()}, and this machine is ${hostname()}.`,
      advice: expect.stringMatching(/^Stop it there\..*renamed.*process \d+/),
    });
    await utimes(file, new Date(0), new Date(0));
    expect(await engine.status(handle)).toMatchObject({ state: 'lost' });
  });
});

describe('the submitting process', () => {
  test('may be killed with its process group: the job continues, and any process finds it', async () => {
    const { engine, dataset } = await localPlace();
    const go = join(dataset, 'go');
    const script = `const t = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(go)})) clearInterval(t); }, 20)`;
    const spec = jobSpec({ command: node(script), metadata: { longhand_run: 'run-1' } });
    const window = submitter(dataset, spec, 'stay');
    await once(window.stdout ?? window, 'data');
    process.kill(-(window.pid ?? 0), 'SIGKILL');
    await once(window, 'exit');
    const [handle] = await engine.list('longhand_run', 'run-1');
    if (!handle) throw new Error('the job was not found');
    await until(async () => (await engine.status(handle)).state === 'running');
    await writeFile(go, '');
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded', exitCode: 0 });
  });

  test('starts one job when several submit it concurrently, or again', async () => {
    const { engine, dataset, submit } = await localPlace();
    const count = join(dataset, 'count');
    const command = node(`require('fs').appendFileSync(${JSON.stringify(count)}, 'x')`);
    const spec = jobSpec({ command });
    const windows = [1, 2, 3].map(() => submitter(dataset, spec));
    const codes = await Promise.all(windows.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    const handle = await submit({ command });
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded' });
    expect(await readFile(count, 'utf8')).toBe('x');
  });

  test('starts one job even where several supervisors start, as after a submit that was killed', async () => {
    const { engine, dataset } = await localPlace();
    const count = join(dataset, 'count');
    const command = node(`require('fs').appendFileSync(${JSON.stringify(count)}, 'x')`);
    const job = { version: 1, jobId: 'x', kind: 'train', command, env: {}, metadata: {}, graceSeconds: 1 } as const;
    const handle = await supervise(dataset, job, 5);
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded' });
    // The other supervisors have ended too.
    const attempt = attemptFolder(dataset, handle.runId, handle.attempt);
    const others = () => commandLines().filter((words) => words.includes(attempt));
    await until(async () => others().length === 0);
    expect(await readFile(count, 'utf8')).toBe('x');
  });

  test.runIf(onLinux)('may remove the folder of the run: it is not created again', async () => {
    const { engine, dataset, submit } = await localPlace();
    const go = join(dataset, 'go');
    const script = `const t = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(go)})) clearInterval(t); }, 20)`;
    const handle = await submit({ command: node(script) });
    await until(async () => (await stateOf(dataset, handle)).process !== undefined);
    const { supervisor } = await stateOf(dataset, handle);
    await rm(runFolder(dataset, handle.runId), { recursive: true });
    await writeFile(go, '');
    await until(async () => !isAlive(supervisor.pid));
    expect(await readdir(join(dataset, 'runs'))).toEqual([]);
    expect(await engine.status(handle)).toMatchObject({ state: 'lost' });
  });

  test('starts the job that a killed process had prepared but not started', async () => {
    const { engine, dataset, submit } = await localPlace();
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await mkdir(attemptFolder(dataset, 'run-1', 1), { recursive: true });
    await writeFile(
      join(runFolder(dataset, 'run-1'), 'launch.lock'),
      JSON.stringify({ pid: dead.pid, host: hostname(), nonce: 'x' }),
    );
    const handle = engine.handle(jobSpec({}));
    expect(await engine.status(handle)).toMatchObject({ state: 'lost' });
    await submit({});
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded' });
  });
});
