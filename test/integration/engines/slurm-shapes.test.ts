import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { EngineChoice } from '../../../src/core/schemas/index.ts';
import { quote } from '../../../src/engines/shell.ts';
import { gpusOf, SlurmCommands } from '../../../src/engines/slurm/commands.ts';
import { batchScript } from '../../../src/engines/slurm/engine.ts';
import { accountsOf, SlurmJob, statusOf } from '../../../src/engines/slurm/jobs.ts';
import { SlurmRest } from '../../../src/engines/slurm/rest.ts';
import { overSsh, Shell } from '../../../src/engines/slurm/shell.ts';
import { NEVER } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const choice = (rest: object) => EngineChoice.safeParse({ engine: 'slurm', sharedFolder: '/shared', ...rest }).success;

describe('a choice of Slurm', () => {
  test.each(['login', 'ada@login.example.org', '10.0.0.1', '[::1]', 'a_b-c.d'])('may name the host %s', (host) => {
    expect(choice({ host })).toBe(true);
  });
  test.each([
    '-oProxyCommand=x',
    '',
    'a b',
    'a;b',
    '$(x)',
    "a'",
    'a\nb',
    '-x@host',
    'a@-oX',
    'a@b@c',
    'ssh://x/y',
    '`x`',
    '.x',
  ])('may not name the host %j', (host) => {
    expect(choice({ host })).toBe(false);
  });
  test.each(['relative', '', '/a\nb', '/a\\b', '~/x', '/a\0'])('may not name the shared folder %j', (sharedFolder) => {
    expect(choice({ sharedFolder })).toBe(false);
  });
});

/** Every character with a meaning in some shell. */
const hostile = fc.string({
  unit: fc.constantFrom(...` '"\\$\`!*?[]{}()<>|&;#~=%^\t\n`, 'a', '-', '三', '😀'),
  maxLength: 12,
});

describe('a command that goes over ssh', () => {
  test.each(['sh', 'bash'])('arrives unchanged, with %s as the login shell', (shell) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (words) => {
        const command = [
          process.execPath,
          '-e',
          'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
          '--',
          ...words,
        ];
        const remote = overSsh('host', command).at(-1) ?? '';
        expect(JSON.parse(execFileSync(shell, ['-c', remote], { encoding: 'utf8' }))).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });

  test('shows the login shell none of its arguments, and passes no option to ssh', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1 }), (words) => {
        const ssh = overSsh('host', words);
        expect(ssh.slice(-3, -1)).toEqual(['--', 'host']);
        expect(ssh.at(-1)).toMatch(/^exec sh -c 'eval "\$\(printf %s "\$0" \| base64 -d\)"' [A-Za-z0-9+/=]+$/);
      }),
    );
  });

  test('forwards neither the agent nor ports, whatever the ssh configuration contains', () => {
    const options = overSsh('host', ['true']).filter((_word, i, all) => all[i - 1] === '-o');
    const off = ['ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'];
    expect(options).toEqual(expect.arrayContaining(off));
  });

  test('a batch script holds any command and any variable', async () => {
    const folder = await temporaryFolder();
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), hostile, (words, value) => {
        const attempt = join(folder, 'a');
        execFileSync('rm', ['-rf', attempt]);
        execFileSync('mkdir', [attempt]);
        const print = 'process.stdout.write(JSON.stringify([process.env.V, ...process.argv.slice(1)]))';
        const script = batchScript(attempt, [process.execPath, '-e', print, '--', ...words], { V: value });
        const env = { ...process.env, SLURM_JOB_ID: '7' };
        const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', env });
        expect(JSON.parse(output)).toEqual([value, ...words]);
      }),
      { numRuns: 25 },
    );
    expect([quote('--lr=1'), quote('A=1')]).toEqual(['--lr=1', "'A=1'"]);
    expect(quote("it's")).toBe(`'it'\\''s'`);
  });
});

const job = (rest: object) => SlurmJob.parse({ job_id: 1, name: 'x', job_state: ['RUNNING'], ...rest });
const exit = (code: number, signal = 0) => ({
  exit_code: { return_code: { set: true, number: code }, signal: { id: { set: signal > 0, number: signal } } },
});

describe('a state that Slurm reports', () => {
  test.each([
    ['PENDING', 'pending'],
    ['CONFIGURING', 'pending'],
    ['RUNNING', 'running'],
    ['SUSPENDED', 'running'],
    ['COMPLETED', 'succeeded'],
    ['CANCELLED', 'stopped'],
    ['FAILED', 'failed'],
    ['TIMEOUT', 'failed'],
    ['NODE_FAIL', 'failed'],
    ['OUT_OF_MEMORY', 'failed'],
    ['PREEMPTED', 'failed'],
    ['A_STATE_OF_A_LATER_RELEASE', 'running'],
  ])('%s is %s', (word, state) => {
    expect(statusOf(job({ job_state: [word] })).state).toBe(state);
    // The format of releases before 23.02.
    expect(statusOf(job({ job_state: word })).state).toBe(state);
  });

  test('is not final while the last processes are ending', () => {
    expect(statusOf(job({ job_state: ['CANCELLED', 'COMPLETING'] })).state).toBe('running');
  });

  test('is described in words', () => {
    const failed = { job_state: ['FAILED'], state_reason: 'NonZeroExitCode' };
    expect(statusOf(job({ ...failed, ...exit(3) }))).toMatchObject({ message: 'It ended with code 3.', exitCode: 3 });
    expect(statusOf(job({ ...failed, ...exit(0, 9) }))).toMatchObject({
      message: 'It was ended by SIGKILL.',
      exitCode: null,
      signal: 'SIGKILL',
    });
    const waits = { job_state: ['PENDING'], state_reason: 'Resources' };
    expect(statusOf(job(waits))).toEqual({ state: 'pending', message: 'Waiting: Resources.' });
    expect(statusOf(job({ job_state: ['TIMEOUT'] })).message).toBe('Time limit exceeded.');
  });

  test('is read from accounting records too', () => {
    const [one, two, ...rest] = accountsOf('12|n|CANCELLED by 0|0:15|n1\n13|n|COMPLETED|0:0|n2\n12.batch|x|y|0:0|\n\n');
    expect(rest).toEqual([]);
    expect(one && statusOf(one)).toMatchObject({ state: 'stopped', node: 'n1' });
    expect(two && statusOf(two)).toMatchObject({ state: 'succeeded', exitCode: 0 });
  });

  test('counts GPUs', () => {
    expect(['gpu:4', 'gpu:a100:4(S:0-1),nic:1', '(null)', 'gpu:a:1,gpu:b:2'].map(gpusOf)).toEqual([4, 4, 0, 3]);
  });
});

test('a job that only the accounting records list is looked up there (scripted squeue and sacct: the tests’ Slurm keeps no accounts)', async () => {
  const bin = await temporaryFolder();
  const program = async (name: string, text: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  };
  await program('squeue', `echo '{"jobs": []}'`);
  await program('sacct', `echo '12|searched|FAILED|3:0|n1'; echo '13|other|FAILED|3:0|n1'`);
  const commands = new SlurmCommands(
    new Shell(undefined, { ...process.env, PATH: `${bin}:${process.env.PATH}` }),
    undefined,
  );
  const jobs = await commands.jobs(['searched'], NEVER);
  expect(jobs.map(statusOf)).toMatchObject([{ state: 'failed', exitCode: 3, node: 'n1' }]);
  await program('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1');
  expect(await commands.jobs(['searched'], NEVER)).toEqual([]);
});

test('a host without Slurm reports what is missing', async () => {
  const commands = new SlurmCommands(new Shell(undefined, { PATH: await temporaryFolder() }), undefined);
  await expect(commands.jobs(['x'], NEVER)).rejects.toMatchObject({ kind: 'unusable' });
});

describe('the token of slurmrestd', () => {
  test.each([
    ['https://evil.example', {}, false],
    ['https://cluster.example', { LONGHAND_SLURM_HOST: 'cluster.example' }, true],
    ['http://cluster.example', { LONGHAND_SLURM_HOST: 'cluster.example' }, false],
    ['http://cluster.example:6820', { LONGHAND_SLURM_HOST: 'http://cluster.example:6820' }, true],
    ['https://cluster.example.evil.example', { LONGHAND_SLURM_HOST: 'cluster.example' }, false],
    ['http://127.0.0.1:6820', {}, false],
    ['http://127.0.0.1:6820', { LONGHAND_SLURM_HOST: '127.0.0.1:6820' }, true],
    ['http://127.0.0.1:9999', { LONGHAND_SLURM_HOST: '127.0.0.1:6820' }, false],
  ])('is sent to %s with %j: %s', async (base, env, sent) => {
    const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network in tests'));
    try {
      const rest = new SlurmRest(base, { SLURM_JWT: 't', ...env });
      await expect(rest.jobs(['x'], NEVER)).rejects.toMatchObject({ kind: sent ? 'unreachable' : 'denied' });
      expect(asked).toHaveBeenCalledTimes(sent ? 1 : 0);
    } finally {
      asked.mockRestore();
    }
  });

  test('is requested where there is none', async () => {
    await expect(new SlurmRest('http://127.0.0.1:1', {}).jobs(['x'], NEVER)).rejects.toMatchObject({
      kind: 'denied',
      advice: expect.stringMatching(/SLURM_JWT/),
    });
  });
});
