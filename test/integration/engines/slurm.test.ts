import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { installSlurm, type SlurmCluster, slurmImpossible, startSlurm } from '../../../scripts/lib/slurm.ts';
import { type SshServer, startSshd } from '../../../scripts/lib/sshd.ts';
import type { EngineChoice, JobHandle } from '../../../src/core/schemas/index.ts';
import { type Engine, EngineError, type JobSpec } from '../../../src/engines/engine.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { isAlive } from '../../../src/system/process.ts';
import { until } from '../../fixtures/process.ts';
import { ended, jobSpec, logOf, NEVER, ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const impossible = slurmImpossible();
const reason = impossible === undefined ? '' : ` (skipped: ${impossible})`;
const capture = promisify(execFile);

let place: string;
let cluster: SlurmCluster;
let sshd: SshServer;

/** Why there is no cluster on a machine that could have one, for example because apt has no network. */
let missing: string | undefined;

beforeAll(async () => {
  if (impossible !== undefined) return;
  missing = await installSlurm();
  if (missing !== undefined) return;
  place = await mkdtemp(join(tmpdir(), 'longhand-ssh-'));
  cluster = await startSlurm({ forgetAfter: 2 });
  const env = { SLURM_CONF: cluster.env.SLURM_CONF ?? '', PATH: process.env.PATH ?? '' };
  sshd = await startSshd(place, env);
}, 600_000);

beforeEach(({ skip }) => skip(missing !== undefined, missing));

afterAll(async () => {
  await sshd?.stop();
  await cluster?.stop();
  if (place) await rm(place, { recursive: true, force: true });
});

interface Place {
  engine: Engine;
  dataset: string;
  shared: string;
  submit(rest: Partial<JobSpec>): Promise<JobHandle>;
}

type Way = 'commands' | 'ssh' | 'slurmrestd';

async function open(way: Way, rest: { dataset?: string; shared?: string; id?: string } = {}): Promise<Place> {
  const dataset = rest.dataset ?? (await temporaryFolder());
  const shared = rest.shared ?? (await temporaryFolder());
  const settings = { version: 1, id: rest.id ?? `of-${dataset}`, name: 'x', promptSet: 'full' };
  await writeFile(join(dataset, 'longhand.json'), JSON.stringify(settings));
  const env: NodeJS.ProcessEnv = { ...cluster.env, LONGHAND_API_KEY: 'secret' };
  if (way === 'ssh') env.PATH = `${sshd.bin}:${env.PATH}`;
  if (way === 'ssh') delete env.SLURM_CONF;
  if (way === 'slurmrestd') {
    env.SLURM_JWT = await cluster.token();
    env.LONGHAND_SLURM_HOST = cluster.restURL;
  }
  const choice: EngineChoice = {
    engine: 'slurm',
    sharedFolder: shared,
    ...(way === 'ssh' ? { host: sshd.host } : {}),
    ...(way === 'slurmrestd' ? { rest: cluster.restURL } : {}),
  };
  const engine = await openEngine(choice, { dataset, distFolder: join(ROOT, 'dist'), env });
  return { engine, dataset, shared, submit: (spec) => engine.submit(jobSpec({ command: ['true'], ...spec }), NEVER) };
}

const queue = async (): Promise<string[]> => {
  const { stdout } = await capture('squeue', ['-h', '-o', '%j'], { env: cluster.env });
  return stdout.trim().split('\n').filter(Boolean);
};
const forgotten = (): Promise<void> =>
  until(async () => {
    const { stdout } = await capture('squeue', ['-h', '--states=all'], { env: cluster.env });
    return stdout.trim() === '';
  }, 100_000);

describe.skipIf(impossible !== undefined)(`a job on a real Slurm${reason}`, () => {
  describe.each<Way>(['commands', 'ssh', 'slurmrestd'])('by %s', (way) => {
    test('runs with its files and variables, and reports how it ended', async () => {
      const { engine, submit, shared, dataset } = await open(way);
      await writeFile(join(dataset, 'rows.jsonl'), 'a row\n');
      const runId = `-r $(id) 'x" %j; 三`;
      const handle = await submit({
        runId,
        command: [
          'sh',
          '-c',
          'cat "sub/x y.yaml" rows.jsonl; pwd; echo "$ADDED"; echo "$1" >&2; exit 3',
          'sh',
          `a'b "$HOME"`,
        ],
        env: { ADDED: `it's $(id)` },
        files: [
          { path: 'sub/x y.yaml', content: 'lr: 1 三\n' },
          { path: 'rows.jsonl', source: join(dataset, 'rows.jsonl') },
        ],
      });
      expect(await ended(engine, handle)).toMatchObject({
        state: 'failed',
        exitCode: 3,
        message: 'It ended with code 3.',
      });
      const folder = `${shared}/${runId}/job`;
      expect(await logOf(engine, handle)).toBe(`lr: 1 三\na row\n${folder}\nit's $(id)\na'b "$HOME"\n`);
    });

    test('is submitted once, and its log is followed while it runs', async () => {
      const { engine, submit, shared } = await open(way);
      const command = ['sh', '-c', 'echo one; while [ ! -f go ]; do sleep 0.1; done; echo 三; echo x >> count'];
      const handles = await Promise.all([submit({ command }), submit({ command })]);
      expect(handles[0]).toEqual(handles[1]);
      const handle = await submit({ command });
      let log = '';
      for await (const part of engine.tail(handle, 0, NEVER)) {
        log += part.text;
        if (log === 'one\n') await writeFile(join(shared, 'run-1', 'job', 'go'), '');
      }
      expect(log).toBe('one\n三\n');
      expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded', exitCode: 0 });
      expect(await readFile(join(shared, 'run-1', 'job', 'count'), 'utf8')).toBe('x\n');
    });

    test('is stopped with its child processes, and Slurm reports it', async () => {
      const { engine, submit, shared } = await open(way);
      const pids = join(shared, 'pids');
      const deaf = `trap '' TERM; echo $$ >> ${pids}; (trap '' TERM; sleep 1000 & echo $! >> ${pids}; wait); sleep 1000`;
      const handle = await submit({ command: ['sh', '-c', deaf] });
      const read = async () => (await readFile(pids, 'utf8').catch(() => '')).trim().split('\n').map(Number);
      await until(async () => (await read()).length === 2);
      expect(await engine.status(handle, NEVER)).toMatchObject({
        state: 'running',
        node: expect.stringMatching(/^n\d$/),
      });
      await engine.stop(handle, NEVER);
      expect(await engine.status(handle, NEVER)).toMatchObject({ state: 'stopped' });
      await until(async () => !(await read()).some(isAlive));
      expect(await queue()).not.toContain(handle.jobId);
      await engine.stop(handle, NEVER);
    });

    test('is found by its metadata from any process', async () => {
      const { engine, submit, dataset, shared } = await open(way);
      const handle = await submit({ metadata: { longhand_run: 'run-1' } });
      const again = await open(way, { dataset, shared });
      expect(await again.engine.list('longhand_run', 'run-1', NEVER)).toEqual([handle]);
      expect(await again.engine.list('longhand_run', 'run-2', NEVER)).toEqual([]);
      const stranger = await open(way, { shared });
      expect(await stranger.engine.list('longhand_run', 'run-1', NEVER)).toEqual([]);
      await ended(engine, handle);
    });

    test('gets the resources of the cluster', async () => {
      const probe = await (await open(way)).engine.probe(NEVER);
      expect(probe).toMatchObject({ resources: { nodes: 2, cpus: 2, gpus: 0, memory: 1000 * 1024 * 1024 } });
      expect(probe.version).toMatch(/\d\d\.\d\d/);
      expect(probe.problem).toBeUndefined();
      const nowhere = await open(way, { shared: '/nowhere/at/all' });
      expect((await nowhere.engine.probe(NEVER)).problem).toMatch(/shared folder \/nowhere\/at\/all does not exist/);
    });
  });

  test('that Slurm has forgotten is recognised by its files', async () => {
    const { engine, submit } = await open('commands');
    const good = await submit({ runId: 'good' });
    const bad = await submit({ runId: 'bad', command: ['sh', '-c', 'exit 7'] });
    const stopped = await submit({ runId: 'stopped', command: ['sleep', '1000'] });
    // The script that would record the exit code is killed by its own command.
    const gone = await submit({ runId: 'gone', command: ['sh', '-c', 'kill -9 $PPID'] });
    const killed = await submit({ runId: 'killed', command: ['sh', '-c', 'kill -9 $$'] });
    await ended(engine, good);
    await ended(engine, bad);
    await engine.stop(stopped, NEVER);
    expect(await ended(engine, gone)).toMatchObject({ state: 'failed', message: 'It was ended by SIGKILL.' });
    await ended(engine, killed);
    await forgotten();
    expect(await engine.status(good, NEVER)).toEqual({ state: 'succeeded', exitCode: 0 });
    expect(await engine.status(bad, NEVER)).toMatchObject({ state: 'failed', exitCode: 7 });
    expect(await engine.status(killed, NEVER)).toMatchObject({
      ...{ state: 'failed', signal: 'SIGKILL', message: 'It was ended by SIGKILL.' },
    });
    expect(await engine.status(stopped, NEVER)).toMatchObject({ state: 'stopped' });
    expect(await engine.status(gone, NEVER)).toMatchObject({
      state: 'lost',
      message: expect.stringMatching(/no longer knows/),
    });
    // A job that has ended is still the same job.
    await submit({ runId: 'good' });
    expect(await queue()).not.toContain(good.jobId);
  });

  test('of the same name in two datasets is two jobs, which do not share a folder', async () => {
    const one = await open('commands');
    const two = await open('commands', { shared: one.shared });
    const handle = await one.submit({});
    expect(two.engine.handle({ runId: 'run-1', attempt: 1 }).jobId).not.toBe(handle.jobId);
    await expect(two.submit({})).rejects.toMatchObject({
      kind: 'unusable',
      message: expect.stringMatching(/another dataset/),
    });
    await ended(one.engine, handle);
  });

  test('twice in the queue runs its command once', async () => {
    const { engine, submit, shared } = await open('commands');
    const handle = await submit({ command: ['sh', '-c', 'echo x >> count; sleep 1'] });
    // As if two machines had submitted it in the same moment: the queued script is queued again.
    const { SlurmCommands } = await import('../../../src/engines/slurm/commands.ts');
    const { batchScript } = await import('../../../src/engines/slurm/engine.ts');
    const { Shell } = await import('../../../src/engines/slurm/shell.ts');
    const second = new SlurmCommands(new Shell(undefined, cluster.env), undefined);
    await second.submit(
      {
        name: handle.jobId,
        comment: '',
        script: batchScript(`${shared}/run-1/attempts/1`, ['sh', '-c', 'echo x >> count; sleep 1'], {}),
        folder: `${shared}/run-1/job`,
        log: `${shared}/run-1/attempts/1/log.txt`,
        resources: jobSpec({}).resources,
        partition: undefined,
      },
      NEVER,
    );
    await until(async () => !(await queue()).includes(handle.jobId));
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded' });
    expect(await readFile(join(shared, 'run-1', 'job', 'count'), 'utf8')).toBe('x\n');
  });

  test('starts its next attempt only after the previous one has ended', async () => {
    const { engine, submit } = await open('commands');
    const first = await submit({ command: ['sleep', '1000'] });
    await expect(submit({ attempt: 2 })).rejects.toMatchObject({ kind: 'refused' });
    await engine.stop(first, NEVER);
    expect(await ended(engine, await submit({ attempt: 2 }))).toMatchObject({ state: 'succeeded' });
  });

  test('uses the requested number of nodes', async () => {
    const { engine, submit } = await open('commands');
    const handle = await submit({
      command: ['srun', 'sh', '-c', 'echo "$SLURMD_NODENAME"'],
      resources: { cpus: 1, gpus: 0, nodes: 2, memory: 0, timeLimit: 5 },
    });
    await ended(engine, handle);
    expect((await logOf(engine, handle)).trim().split('\n').sort()).toEqual(['n1', 'n2']);
  });

  test('does not see the keys of Longhand', async () => {
    const { engine, submit } = await open('commands');
    const handle = await submit({ command: ['sh', '-c', 'echo "[$LONGHAND_API_KEY][$SLURM_JWT]"'] });
    expect(await logOf(engine, handle)).toBe('[][]\n');
  });

  test('that no partition accepts is refused with the message of Slurm', async () => {
    for (const way of ['commands', 'slurmrestd'] as const) {
      const { submit } = await open(way);
      const spec = { resources: { cpus: 1, gpus: 0, nodes: 9, memory: 0 } };
      await expect(submit(spec)).rejects.toMatchObject({ kind: 'refused', message: expect.stringMatching(/node/i) });
    }
  });

  test('writes through no symbolic link in the shared folder', async () => {
    for (const way of ['commands', 'ssh'] as const) {
      const { submit, shared } = await open(way);
      await symlink(await temporaryFolder(), join(shared, 'run-1'));
      await expect(submit({})).rejects.toMatchObject({ message: expect.stringMatching(/symbolic link/) });
    }
  });

  test('is refused for an unreachable host, or an invalid token', async () => {
    const dataset = (await open('commands')).dataset;
    const context = { dataset, distFolder: ROOT, env: { ...cluster.env, PATH: `${sshd.bin}:${process.env.PATH}` } };
    const shared = { engine: 'slurm', sharedFolder: '/tmp' } as const;
    const away = await openEngine({ ...shared, host: '127.0.0.1' }, context);
    const handle = away.handle({ runId: 'run-1', attempt: 1 });
    await expect(away.status(handle, NEVER)).rejects.toBeInstanceOf(EngineError);
    const env = { ...context.env, SLURM_JWT: 'no-token', LONGHAND_SLURM_HOST: cluster.restURL };
    const denied = await openEngine({ ...shared, rest: cluster.restURL }, { ...context, env });
    await expect(denied.status(handle, NEVER)).rejects.toMatchObject({ kind: 'denied' });
  });
});
