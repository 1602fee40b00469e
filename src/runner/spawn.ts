import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import type { Dataset } from '../store/index.ts';
import { readJson } from '../store/lines/files.ts';
import { openMakingFolder } from '../system/atomic-write.ts';
import { LARGEST_STATE, readEnd } from '../system/regular-file.ts';

/** Limits V8's young generation, which otherwise grows over 100 MB by a round's garbage. Documented by Node. */
const V8_FLAGS = ['--max-semi-space-size=4'];
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;

export interface SpawnContext {
  distFolder: string;
  /** Environment of the runner. The key is only in LONGHAND_API_KEY, with its host in LONGHAND_API_HOST. */
  env: NodeJS.ProcessEnv;
  /** More arguments of `resume`; no secrets, since every process can read a command line. */
  more?: Record<string, unknown>;
}

/**
 * Starts `longhand resume` for a round in a process that outlives the caller; its output is in `runner.log` in the round's folder. Resolves with its
 * pid after its first state.
 * @throws StoreError `symbolic-link`; UserError `round` with its last output when it ends before that.
 */
export async function spawnRunner(dataset: Dataset, round: string, context: SpawnContext): Promise<number> {
  // @throws when there is no such round
  await dataset.roundPlan(round);
  const folder = await dataset.writableRound(round);
  const logFile = join(folder, 'runner.log');
  const log = await openMakingFolder(logFile, 'a');
  const from = (await log.stat()).size;
  const args = JSON.stringify({ dataset: dataset.folder, round, ...context.more });
  const child = spawn(
    process.execPath,
    [...V8_FLAGS, join(context.distFolder, 'cli.mjs'), 'resume', '--args-json', args],
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      // In the editor, execPath is Electron; this makes it Node.
      env: { ...context.env, ELECTRON_RUN_AS_NODE: '1' },
      windowsHide: true,
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  child.unref();
  try {
    for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; ) {
      const state = await readJson(join(folder, RUNNER_FILE), RunnerState, LARGEST_STATE);
      if (child.pid !== undefined && state?.pid === child.pid) return child.pid;
      if (over) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new UserError(
      'round',
      `The runner of round ${round} did not start.`,
      (await lastOutput(logFile, from)) || `See ${logFile}.`,
    );
  } finally {
    await log.close();
  }
}

async function lastOutput(path: string, from: number): Promise<string> {
  const { size } = await stat(path);
  return (await readEnd(path, Math.min(size - from, 2000))).toString('utf8').trim();
}
