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
  /** Environment of the process. The key is only in LONGHAND_API_KEY, with its host in LONGHAND_API_HOST. */
  env: NodeJS.ProcessEnv;
}

interface Work {
  verb: string;
  /** Sent on stdin, so that the list of processes does not show them. */
  args: object;
  /** In an error: `round 1-first`. */
  what: string;
  /** Its output is appended to `runner.log` here. */
  folder: string;
  /** Whether the process with this pid has begun its work. */
  isStarted: (pid: number) => Promise<boolean>;
}

/** Starts `longhand resume` for a round, as `spawnVerb`. Resolves with its pid after its first state. */
export async function spawnRunner(
  dataset: Dataset,
  round: string,
  context: SpawnContext & { more?: Record<string, unknown> },
): Promise<number> {
  // @throws when there is no such round
  await dataset.roundPlan(round);
  const folder = await dataset.writableRound(round);
  const isStarted = async (pid: number): Promise<boolean> =>
    (await readJson(join(folder, RUNNER_FILE), RunnerState, LARGEST_STATE))?.pid === pid;
  const args = { dataset: dataset.folder, round, ...context.more };
  return spawnVerb({ verb: 'resume', args, what: `round ${round}`, folder, isStarted }, context);
}

/**
 * Starts a verb in a process that outlives the caller. Resolves with its pid when it has begun.
 * @throws UserError `round` with its last output when it ends before that.
 */
export async function spawnVerb({ verb, args, what, folder, isStarted }: Work, context: SpawnContext): Promise<number> {
  const logFile = join(folder, 'runner.log');
  const log = await openMakingFolder(logFile, 'a');
  const from = (await log.stat()).size;
  const child = spawn(process.execPath, [...V8_FLAGS, join(context.distFolder, 'cli.mjs'), verb, '--args-json', '-'], {
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    // In the editor, execPath is Electron; this makes it Node.
    env: { ...context.env, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  });
  let over = false;
  const ended = (): void => {
    over = true;
  };
  child.once('exit', ended).once('error', ended);
  // A process that ends early closes its input.
  child.stdin?.on('error', () => undefined).end(JSON.stringify(args));
  child.unref();
  try {
    for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; ) {
      if (child.pid !== undefined && (await isStarted(child.pid))) return child.pid;
      if (over) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new UserError(
      'round',
      `The runner of ${what} did not start.`,
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
