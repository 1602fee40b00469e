// dist/supervisor.mjs: runs one attempt of a job to its end, in a process of its own that outlives window and host.
// Its stdout and stderr are the log of the attempt, which the command inherits: the command needs no living supervisor to write.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, readFile, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAtomic, errorCode, messageOf, writeAtomic } from '../../store/files.ts';
import { type ProcessId, processRow } from '../../system/process-table.ts';
import { inherited } from '../job-environment.ts';
import { HEARTBEAT_MS, jobFileOf, LocalJob, type LocalState, MARK_VARIABLE, stateFileOf, stopFileOf } from './state.ts';
import { JobTree } from './tree.ts';

const RETRY_MS = 1_000;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It could not be started. */
  error?: Error;
}

class Supervisor {
  readonly #attempt: string;
  /** Where the command runs. */
  readonly #folder: string;
  readonly #job: LocalJob;
  #state: LocalState;
  #tree: JobTree;
  /** Why the job was ended from here. */
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
    // Two submits at once may start two supervisors; only one makes the file.
    if (!(await createAtomic(stateFileOf(this.#attempt), text(this.#state)))) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => this.#end('stopped', `Its supervisor was asked to end (${signal}).`));
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
    this.#state = { ...this.#state, state: 'running', ...(command ? { process: command } : {}) };
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
    const rest = typeof left === 'string' ? left : left > 0 && !asked ? `It had left ${processes(left)}.` : undefined;
    const message = [outcome.message, rest].filter((words) => words !== undefined).join(' ');
    this.#state = {
      ...this.#state,
      state: outcome.state,
      exitCode: ended.code,
      ...(ended.signal === null ? {} : { signal: ended.signal }),
      endedAt: new Date().toISOString(),
      ...(message ? { message } : {}),
    };
    // How a training of days ended is worth waiting for a disk that has room again.
    while (!(await this.#write()) && (await isThere(this.#attempt))) await sleep(RETRY_MS);
  }

  /** A write that fails is told in the log, and tried again with the next sign of life. */
  async #write(): Promise<boolean> {
    try {
      // It makes missing folders: one that somebody took away is not made again.
      if (await isThere(this.#attempt)) await writeAtomic(stateFileOf(this.#attempt), text(this.#state));
      this.#unwritten = false;
    } catch (error) {
      if (!this.#unwritten) process.stderr.write(`longhand: the state could not be written: ${messageOf(error)}\n`);
      this.#unwritten = true;
    }
    return !this.#unwritten;
  }

  #outcome({ code, signal, error }: Ended, asked: boolean): Pick<LocalState, 'state' | 'message'> {
    if (error) return { state: 'failed', message: this.#whyNotStarted(error) };
    if (asked) return { state: 'stopped' };
    if (this.#reason) return this.#reason;
    if (code === 0) return { state: 'succeeded' };
    return { state: 'failed', message: signal ? `It was ended by ${signal}.` : `It ended with code ${code}.` };
  }

  #whyNotStarted(error: Error): string {
    const program = this.#job.command[0];
    if (errorCode(error) === 'ENOENT') return `There is no program “${program}”.`;
    if (errorCode(error) === 'EACCES') return `“${program}” may not be run as a program.`;
    return `“${program}” could not be started: ${error.message}.`;
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
      this.#end('failed', `Its time limit of ${timeLimit} ${timeLimit === 1 ? 'minute' : 'minutes'} was over.`);
    }
  }

  #isAskedToStop(): Promise<boolean> {
    return isThere(stopFileOf(this.#attempt));
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function text(state: LocalState): string {
  return `${JSON.stringify(state)}\n`;
}

function processes(count: number): string {
  return count === 1 ? 'a process, which was ended' : `${count} processes, which were ended`;
}

async function main(attempt: string, folder: string): Promise<void> {
  const job = LocalJob.parse(JSON.parse(await readFile(jobFileOf(attempt), 'utf8')));
  const self = await processRow(process.pid);
  if (!self) throw new Error('The system does not tell when a process began.');
  await new Supervisor(attempt, folder, job, { pid: self.pid, start: self.start }).run();
}

const [attempt = '', folder = ''] = process.argv.slice(2);
await main(attempt, folder);
// Signal handlers and what the command left must not hold the process.
process.exit(0);
