// dist/supervisor.mjs runs one attempt of a job in a process of its own that outlives the window and the extension host.
// The command inherits its stdout and stderr, the log of the attempt, so it can write even after the supervisor has ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { plural, pluralAmount } from '../../core/text/format.ts';
import { createAtomic, writeAtomic } from '../../system/atomic-write.ts';
import { type ProcessId, processRow, startProblem } from '../../system/process.ts';
import { exists, readWholeText } from '../../system/regular-file.ts';
import { inherited } from '../job-environment.ts';
import { HEARTBEAT_MS, jobFileOf, LocalJob, type LocalState, MARK_VARIABLE, stateFileOf, stopFileOf } from './state.ts';
import { JobTree } from './tree.ts';

const RETRY_MS = 1_000;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  error?: Error;
}

class Supervisor {
  readonly #attempt: string;
  /** Where the command runs. */
  readonly #folder: string;
  readonly #job: LocalJob;
  #state: LocalState;
  #tree: JobTree;
  /** Why this supervisor ended the job. */
  #reason: { state: 'stopped' | 'failed'; message: string } | undefined;
  #ending: Promise<unknown> | undefined;
  #unwritten = false;

  constructor(attempt: string, folder: string, job: LocalJob, self: ProcessId) {
    this.#attempt = attempt;
    this.#folder = folder;
    this.#job = job;
    this.#state = {
      version: 1,
      state: 'pending',
      host: hostname(),
      mark: randomBytes(16).toString('hex'),
      supervisor: self,
      startedAt: new Date().toISOString(),
    };
    this.#tree = new JobTree(this.#state);
  }

  async run(): Promise<void> {
    // Concurrent submits may start two supervisors; only one creates the file.
    if (!(await createAtomic(stateFileOf(this.#attempt), text(this.#state)))) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => this.#end('stopped', `Its supervisor received ${signal}.`));
    }
    process.on('SIGHUP', () => {});
    const heart = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    try {
      await this.#finish(await this.#runCommand());
    } finally {
      clearInterval(heart);
    }
  }

  async #runCommand(): Promise<Ended> {
    if ((await this.#isAskedToStop()) || this.#reason) return { code: null, signal: null };
    let child: ChildProcess;
    try {
      child = this.#spawn();
    } catch (error) {
      return { code: null, signal: null, error: error instanceof Error ? error : new Error(String(error)) };
    }
    const ended = new Promise<Ended>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const row = child.pid === undefined ? undefined : await processRow(child.pid);
    const command = row && { pid: row.pid, start: row.start };
    this.#state = { ...this.#state, state: 'running', ...defined({ process: command }) };
    this.#tree = new JobTree(this.#state);
    await this.#write();
    return ended;
  }

  #spawn(): ChildProcess {
    const [program = '', ...args] = this.#job.command;
    return spawn(program, args, {
      cwd: this.#folder,
      env: {
        ...inherited(process.env, { keys: this.#job.keys ?? false }),
        ...this.#job.env,
        [MARK_VARIABLE]: this.#state.mark,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
      // A group of its own; on Windows this would open a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  }

  async #finish(ended: Ended): Promise<void> {
    await this.#ending;
    const asked = await this.#isAskedToStop();
    const left = await this.#tree.end(this.#job.graceSeconds).catch((error: unknown) => messageOf(error));
    const outcome = this.#outcome(ended, asked);
    const remaining = (count: number): string =>
      `It left ${plural(count, 'process, which was ended', 'processes, which were ended')}.`;
    const rest = typeof left === 'string' ? left : left > 0 && !asked ? remaining(left) : undefined;
    const message = [outcome.message, rest].filter((sentence) => sentence !== undefined).join(' ');
    this.#state = {
      ...this.#state,
      state: outcome.state,
      exitCode: ended.code,
      endedAt: new Date().toISOString(),
      ...defined({ signal: ended.signal ?? undefined, message: message || undefined }),
    };
    // The result of a long training is worth waiting until the disk has space again.
    while (!(await this.#write()) && (await exists(this.#attempt))) await sleep(RETRY_MS);
  }

  /** A failed write is logged, and repeated with the next heartbeat. */
  async #write(): Promise<boolean> {
    try {
      // writeAtomic creates missing folders, and a deleted one stays deleted.
      if (await exists(this.#attempt)) await writeAtomic(stateFileOf(this.#attempt), text(this.#state));
      this.#unwritten = false;
    } catch (error) {
      if (!this.#unwritten) process.stderr.write(`longhand: the state could not be written: ${messageOf(error)}\n`);
      this.#unwritten = true;
    }
    return !this.#unwritten;
  }

  #outcome({ code, signal, error }: Ended, asked: boolean): Pick<LocalState, 'state' | 'message'> {
    if (error) return { state: 'failed', message: startProblem(this.#job.command[0] ?? '', error) };
    if (asked) return { state: 'stopped' };
    if (this.#reason) return this.#reason;
    if (code === 0) return { state: 'succeeded' };
    return { state: 'failed', message: signal ? `It was ended by ${signal}.` : `It ended with code ${code}.` };
  }

  #end(state: 'stopped' | 'failed', message: string): void {
    this.#reason ??= { state, message };
    this.#ending ??= this.#tree.end(this.#job.graceSeconds).catch(() => {});
  }

  async #beat(): Promise<void> {
    const now = new Date();
    if (this.#unwritten) await this.#write();
    else await utimes(stateFileOf(this.#attempt), now, now).catch(() => {});
    const { timeLimit } = this.#job;
    const minutes = (now.getTime() - Date.parse(this.#state.startedAt ?? '')) / 60_000;
    if (timeLimit !== undefined && minutes > timeLimit) {
      this.#end('failed', `The time limit of ${pluralAmount(timeLimit, 'minute')} was exceeded.`);
    }
  }

  #isAskedToStop(): Promise<boolean> {
    return exists(stopFileOf(this.#attempt));
  }
}

function text(state: LocalState): string {
  return `${JSON.stringify(state)}\n`;
}

async function main(attempt: string, folder: string): Promise<void> {
  const job = LocalJob.parse(JSON.parse(await readWholeText(jobFileOf(attempt))));
  const self = await processRow(process.pid);
  if (!self) throw new Error('The system does not report when a process started.');
  await new Supervisor(attempt, folder, job, { pid: self.pid, start: self.start }).run();
}

const [attempt = '', folder = ''] = process.argv.slice(2);
await main(attempt, folder);
// Signal handlers and leftovers of the command must not keep the process alive.
process.exit(0);
