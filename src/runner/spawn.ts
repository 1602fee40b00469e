import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import { readJson } from '../store/files.ts';
import type { Dataset } from '../store/index.ts';
import { RoundError } from './error.ts';

/** A round makes much short-lived garbage: left to itself V8 lets the young generation grow to over 100 MB. An option that Node documents. */
const V8_FLAGS = ['--max-semi-space-size=4'];
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;

export interface SpawnContext {
  distFolder: string;
  /** Environment of the runner; the key travels in LONGHAND_API_KEY, with its host in LONGHAND_API_HOST, and nowhere else. */
  env: NodeJS.ProcessEnv;
  /** Arguments of `resume` besides; no secret, since every process can read a command line. */
  more?: Record<string, unknown>;
}

/**
 * Starts `longhand resume` for a round in a process of its own that outlives the caller, with its words in `runner.log` of the round's folder.
 * Resolves with its pid once it has written its state.
 * @throws StoreError `symbolic-link`; RoundError when it ends before that; the advice holds its last words.
 */
export async function spawnRunner(dataset: Dataset, round: string, context: SpawnContext): Promise<number> {
  // Says so when there is no such round.
  await dataset.roundPlan(round);
  const folder = await dataset.writableRound(round);
  const logFile = join(folder, 'runner.log');
  const log = await open(logFile, 'a');
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
      const state = await readJson(join(folder, RUNNER_FILE), RunnerState);
      if (child.pid !== undefined && state?.pid === child.pid) return child.pid;
      if (over) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new RoundError(
      `The runner of round ${round} did not start.`,
      (await lastWords(logFile, from)) || `See ${logFile}.`,
    );
  } finally {
    await log.close();
  }
}

async function lastWords(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - 2000);
    const buffer = Buffer.alloc(size - start);
    await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trim();
  } finally {
    await file.close();
  }
}
