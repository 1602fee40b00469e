import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/engines/open.ts';
import { attemptFolder, runFolder } from '../../../src/store/runs.ts';
import { ended, jobSpec, localPlace, logOf, NEVER, stateOf } from '../../unit/engines/fixtures.ts';

const node = (script: string): string[] => [process.execPath, '-e', script];

describe('a job on this machine', () => {
  test('runs in its folder with its files, and reports how it ended', async () => {
    const { engine, submit, dataset } = await localPlace();
    const source = join(dataset, 'rows.jsonl');
    await writeFile(source, 'a row\n');
    const handle = await submit({
      command: node(
        'console.log(require("fs").readFileSync("sub/x.yaml","utf8"), process.cwd()); console.error("bad")',
      ),
      files: [
        { path: 'sub/x.yaml', content: 'lr: 1' },
        { path: 'rows.jsonl', source },
      ],
    });
    expect(handle).toEqual({ engine: 'local', jobId: 'longhand-run-1-1', runId: 'run-1', attempt: 1 });
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded', exitCode: 0 });
    const job = join(runFolder(dataset, 'run-1'), 'job');
    expect(await logOf(engine, handle)).toBe(`lr: 1 ${job}\nbad\n`);
    expect(await readFile(join(job, 'rows.jsonl'), 'utf8')).toBe('a row\n');
  });

  test('that exits with a code other than 0 has failed', async () => {
    const { engine, submit } = await localPlace();
    const status = await ended(engine, await submit({ command: node('process.exit(3)') }));
    expect(status).toMatchObject({ state: 'failed', exitCode: 3, message: 'It ended with code 3.' });
    expect(Date.parse(status.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(status.startedAt ?? ''));
  });

  test('that a signal ended has failed, and its report names the signal', async () => {
    const { engine, submit } = await localPlace();
    const status = await ended(engine, await submit({ command: node('process.kill(process.pid, "SIGKILL")') }));
    expect(status).toMatchObject({
      state: 'failed',
      exitCode: null,
      signal: 'SIGKILL',
      message: 'It was ended by SIGKILL.',
    });
  });

  test('whose program is missing has failed, and its report names the program', async () => {
    const { engine, submit } = await localPlace();
    const status = await ended(engine, await submit({ command: ['no-such-trainer', '--x'] }));
    expect(status).toMatchObject({ state: 'failed', message: 'Program “no-such-trainer” not found.' });
  });

  test('gets its arguments unchanged, without a shell', async () => {
    const { engine, submit } = await localPlace();
    const words = ['a b', '$(touch x)', '`id`', '"', "'", '\\', '*', '; rm -rf .', '', '-––', 'ĝ😀\n'];
    const handle = await submit({
      command: [...node('console.log(JSON.stringify(process.argv.slice(1)))'), '--', ...words],
    });
    expect(JSON.parse(await logOf(engine, handle))).toEqual(words);
  });

  test('inherits the environment without Longhand’s own keys', async () => {
    const env = {
      ...process.env,
      HF_TOKEN: 'theirs',
      LONGHAND_API_KEY: 'k',
      SLURM_JWT: 'k',
      ELECTRON_RUN_AS_NODE: '1',
    };
    const { engine, submit } = await localPlace({ env });
    const names = ['HF_TOKEN', 'LONGHAND_API_KEY', 'SLURM_JWT', 'ELECTRON_RUN_AS_NODE', 'ADDED'];
    const handle = await submit({
      command: node(`for (const n of ${JSON.stringify(names)}) console.log(n, process.env[n])`),
      env: { ADDED: 'by the job' },
    });
    expect(await logOf(engine, handle)).toBe(
      'HF_TOKEN theirs\nLONGHAND_API_KEY undefined\nSLURM_JWT undefined\nELECTRON_RUN_AS_NODE undefined\nADDED by the job\n',
    );
  });

  test('of Longhand itself has the key of a model, and no other', async () => {
    const { engine, submit } = await localPlace({ env: { ...process.env, LONGHAND_API_KEY: 'k', SLURM_JWT: 'k' } });
    const command = node('console.log(process.env.LONGHAND_API_KEY, process.env.SLURM_JWT)');
    expect(await logOf(engine, await submit({ command, keys: true }))).toBe('k undefined\n');
  });

  test('is found by its metadata only', async () => {
    const { engine, submit } = await localPlace();
    const one = await submit({ runId: 'one', metadata: { longhand_run: 'one' } });
    await submit({ runId: 'two', metadata: { longhand_run: 'two' } });
    expect(await engine.list('longhand_run', 'one')).toEqual([one]);
    expect(await engine.list('toString', 'one')).toEqual([]);
  });

  test('that was never submitted is lost, and a stop changes nothing', async () => {
    const { engine } = await localPlace();
    const handle = engine.handle(jobSpec({ runId: 'never' }));
    expect(await engine.status(handle)).toEqual({ state: 'lost', message: 'It was never started.' });
    await engine.stop(handle, NEVER);
    expect(await logOf(engine, handle)).toBe('');
  });

  test('starts its next attempt only after the previous one has ended', async () => {
    const { engine, submit } = await localPlace();
    const first = await submit({ command: node('setInterval(() => {}, 1000)') });
    await expect(submit({ attempt: 2 })).rejects.toMatchObject({ kind: 'refused' });
    await engine.stop(first, NEVER);
    const second = await submit({ attempt: 2, command: node('console.log("again")') });
    expect(await ended(engine, second)).toMatchObject({ state: 'succeeded' });
    expect(await logOf(engine, second)).toBe('again\n');
    expect(await engine.status(first)).toMatchObject({ state: 'stopped' });
  });

  test('starts its next attempt where the previous one was prepared and never started', async () => {
    const { engine, submit, dataset } = await localPlace();
    await mkdir(attemptFolder(dataset, 'run-1', 1), { recursive: true });
    const second = await submit({ attempt: 2, command: node('') });
    expect(await ended(engine, second)).toMatchObject({ state: 'succeeded' });
    // A supervisor of it that starts late finds that it was stopped.
    expect(await engine.status({ ...second, attempt: 1 })).toMatchObject({ state: 'stopped' });
  });

  test('ends when its time limit has expired', async () => {
    const { engine, submit, dataset } = await localPlace();
    // A hundredth of a minute: specs have whole minutes, so the supervisor gets a job that was written by hand.
    const handle = await submit({ runId: 'model' });
    await ended(engine, handle);
    const model = JSON.parse(await readFile(join(attemptFolder(dataset, 'model', 1), 'job.json'), 'utf8'));
    const job = { ...model, timeLimit: 0.01, command: node('setInterval(() => {}, 1000)') };
    const { supervise } = await import('./supervise.ts');
    const status = await ended(engine, await supervise(dataset, job));
    expect(status).toMatchObject({ state: 'failed', message: 'The time limit of 0.01 minutes was exceeded.' });
  });

  test('gets the resources of the machine', async () => {
    const engine = await openEngine({ engine: 'local' }, (await localPlace()).context);
    const probe = await engine.probe(NEVER);
    expect(probe.problem).toBeUndefined();
    expect(probe.resources?.cpus).toBe(availableParallelism());
    expect(probe.resources?.gpus).toBeGreaterThanOrEqual(0);
  });

  test('stores its state where any process can read it', async () => {
    const { engine, submit, dataset } = await localPlace();
    const handle = await submit({});
    await ended(engine, handle);
    const again = await localPlace({ dataset });
    expect(await again.engine.status(handle)).toMatchObject({ state: 'succeeded' });
    expect((await stateOf(dataset, handle)).process?.start).toMatch(/^\S+/);
  });
});
