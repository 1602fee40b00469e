import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { RunnerState } from '../../../src/protocol/runner.ts';
import { NO_TALLY } from '../../../src/store/chain-index/grade-counts.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { LOCK_FILE, lockRound, roundStatus } from '../../../src/store/lock.ts';
import { plan, temporaryFolder } from '../../unit/store/fixtures.ts';

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

function runner(rest: Partial<RunnerState>): RunnerState {
  return {
    version: 1,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    updatedAt: new Date().toISOString(),
    state: 'running',
    problemsDone: 0,
    problemsTotal: 1,
    calls: 0,
    callsReused: 0,
    retries: 0,
    completionTokens: 0,
    promptTokens: 0,
    tokensPerSecond: 0,
    chains: 0,
    chainsPassed: 0,
    byClass: { FT: 0, TT: 0, TF: 0, FF: 0 },
    ...rest,
  };
}

async function round(kind: 'dialogue' | 'handwritten' = 'dialogue'): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan('0-first', { kind })));
  return folder;
}

const state = async (folder: string): Promise<string> => (await roundStatus(folder, NO_TALLY)).state;

describe('the lock of a round', () => {
  test('one process holds it until it is released', async () => {
    const folder = await temporaryFolder();
    const lock = await lockRound(folder);
    await expect(lockRound(folder)).rejects.toThrow(StoreError);
    await lock.release();
    await (await lockRound(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('a lock whose process was killed is taken over', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, LOCK_FILE), JSON.stringify({ pid: await deadPid(), host: hostname(), at: 'then' }));
    const lock = await lockRound(folder);
    expect(JSON.parse(await readFile(join(folder, LOCK_FILE), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  test.runIf(process.platform === 'linux')('a living process that only has the same pid does not hold it', async () => {
    const folder = await temporaryFolder();
    const reused = { pid: process.pid, host: hostname(), processStart: '1', at: 'then' };
    await writeFile(join(folder, LOCK_FILE), JSON.stringify(reused));
    await (await lockRound(folder)).release();
  });

  test.runIf(process.platform === 'linux')(
    'a killed process that its parent has not collected does not hold it',
    async () => {
      const folder = await temporaryFolder();
      // The shell becomes a sleep that never collects the child that it started.
      const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const [line] = (await once(parent.stdout, 'data')) as [Buffer];
        const pid = Number(line.toString());
        // Until then it is still the shell, which would collect it.
        await vi.waitFor(async () => expect(await readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'));
        process.kill(pid, 'SIGKILL');
        await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
        await writeFile(join(folder, LOCK_FILE), JSON.stringify({ pid, host: hostname(), at: 'then' }));
        await (await lockRound(folder)).release();
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  test('a damaged lock is taken over', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, LOCK_FILE), '{"pid":');
    await (await lockRound(folder)).release();
  });

  test('exactly one of many concurrent processes gets a stale lock', async () => {
    const stale = JSON.stringify({ pid: await deadPid(), host: hostname(), at: 'then' });
    for (let round = 0; round < 10; round++) {
      const folder = await temporaryFolder();
      await writeFile(join(folder, LOCK_FILE), stale);
      const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockRound(folder)));
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('a lock of another machine is valid while its heartbeat continues', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, LOCK_FILE);
    await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', at: '2026-01-01T00:00:00Z' }));
    await expect(lockRound(folder, 'grading')).rejects.toThrow('The grading is being run by process 1 on elsewhere.');
    const silentSince = new Date(Date.now() - 61_000);
    await utimes(path, silentSince, silentSince);
    await (await lockRound(folder, 'grading')).release();
  });

  test('a held lock is touched, also where no process waits for it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, LOCK_FILE);
    const lock = await lockRound(folder, 'grading');
    const silentSince = new Date(Date.now() - 61_000);
    await utimes(path, silentSince, silentSince);
    await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 10_000), 8_000);
    await lock.release();
  }, 15_000);
});

describe('the status of a round', () => {
  test('planned before anything ran', async () => {
    expect(await state(await round())).toBe('planned');
  });

  test('finished for a handwritten round', async () => {
    expect(await state(await round('handwritten'))).toBe('finished');
  });

  test('running only while the process lives and has written recently', async () => {
    const folder = await round();
    const write = (rest: Partial<RunnerState>): Promise<void> =>
      writeFile(join(folder, 'runner.json'), JSON.stringify(runner(rest)));
    await write({});
    expect(await state(folder)).toBe('running');
    await write({ pid: await deadPid() });
    expect(await state(folder)).toBe('interrupted');
    await write({ updatedAt: new Date(Date.now() - 11_000).toISOString() });
    expect(await state(folder)).toBe('interrupted');
    await write({ state: 'cancelled' });
    expect(await state(folder)).toBe('cancelled');
    await write({ state: 'failed' });
    expect(await state(folder)).toBe('failed');
  });

  test('a folder without a plan is no round', async () => {
    await expect(roundStatus(await temporaryFolder(), NO_TALLY)).rejects.toThrow('plan.json');
  });
});
