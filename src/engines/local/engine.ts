import { spawn } from 'node:child_process';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobHandle, JobStatus } from '../../core/model/index.ts';
import { createAtomic, messageOf, readJson, readText, writeAtomic } from '../../store/files.ts';
import { refuseLinks, refuseLinksIn } from '../../store/links.ts';
import { attemptFolder, JOB_FOLDER, LOG_FILE, localAttempts, runFolder, runNames } from '../../store/runs.ts';
import { isHeld, withLock } from '../../system/lock.ts';
import { lives } from '../../system/process-table.ts';
import type { EngineContext } from '../context.ts';
import { type Engine, EngineError, type JobSpec, type LogPart, type Probe } from '../engine.ts';
import { checkJob, placeFiles } from '../files.ts';
import { inherited } from '../job-environment.ts';
import { jobIdOf } from '../job-id.ts';
import { followFile } from '../log-file.ts';
import { probeMachine } from './probe.ts';
import { isOver, jobFileOf, LocalJob, LocalState, stateFileOf, stopFileOf } from './state.ts';
import { JobTree } from './tree.ts';

const GRACE_SECONDS = 10;
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
/** How long a supervisor has to write what became of a job whose processes have all ended. */
const LAST_WORD_MS = 5_000;
/** A supervisor of another machine that has given no sign of life for so long is gone. */
const SILENT_MS = 60_000;

/** Jobs on this machine: a supervisor process for each, its state a file in the folder of the run. */
export class LocalEngine implements Engine {
  readonly name = 'local';
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  probe(signal: AbortSignal): Promise<Probe> {
    return probeMachine(this.#context.env, signal);
  }

  handle({ runId, attempt }: Pick<JobSpec, 'runId' | 'attempt'>): JobHandle {
    return { engine: 'local', jobId: jobIdOf(runId, attempt), runId, attempt };
  }

  /** @throws EngineError; StoreError `bad-name` or `symbolic-link`. */
  async submit(spec: JobSpec, signal: AbortSignal): Promise<JobHandle> {
    checkJob(spec);
    const { dataset } = this.#context;
    const run = runFolder(dataset, spec.runId);
    const attempt = attemptFolder(dataset, spec.runId, spec.attempt);
    await refuseLinks(dataset, attempt);
    await mkdir(attempt, { recursive: true });
    await refuseLinksIn(dataset, run);
    await refuseLinksIn(dataset, attempt);
    await withLock(lockOf(run), () => this.#start(spec, { run, attempt }, signal), { signal });
    return this.handle(spec);
  }

  async #start(spec: JobSpec, { run, attempt }: { run: string; attempt: string }, signal: AbortSignal): Promise<void> {
    if ((await readText(stateFileOf(attempt))) !== undefined) return;
    await this.#refuseSecond(spec);
    const { dataset, graceSeconds } = this.#context;
    await placeFiles(spec.files, { dataset, root: dataset, folder: join(run, JOB_FOLDER), signal });
    const { timeLimit } = spec.resources;
    const job: LocalJob = {
      version: 1,
      jobId: jobIdOf(spec.runId, spec.attempt),
      kind: spec.kind,
      command: [...spec.command],
      env: { ...spec.env },
      metadata: { ...spec.metadata },
      ...(spec.keys ? { keys: true } : {}),
      ...(timeLimit === undefined ? {} : { timeLimit }),
      graceSeconds: graceSeconds ?? GRACE_SECONDS,
    };
    await writeAtomic(jobFileOf(attempt), `${JSON.stringify(job, null, 2)}\n`);
    await this.#spawnSupervisor(attempt, join(run, JOB_FOLDER), spec.keys ?? false);
  }

  /** Two attempts at once would write the same checkpoints. */
  async #refuseSecond({ runId, attempt }: JobSpec): Promise<void> {
    for (const other of await localAttempts(this.#context.dataset, runId)) {
      if (other === attempt) continue;
      const { state } = await this.#statusOf(runId, other);
      if (state !== 'running' && state !== 'pending') continue;
      throw new EngineError('refused', `Attempt ${other} of run ${runId} still runs.`, 'Stop it, or wait for its end.');
    }
  }

  /** Resolves when the job has a supervisor, be it this one or that of a submit in the same moment. */
  async #spawnSupervisor(attempt: string, folder: string, keys: boolean): Promise<void> {
    const { distFolder, env } = this.#context;
    const log = await open(join(attempt, LOG_FILE), 'a');
    try {
      const child = spawn(process.execPath, [join(distFolder, 'supervisor.mjs'), attempt, folder], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        // No folder that somebody wants to move away.
        cwd: homedir(),
        // In the editor, execPath is Electron; this makes it Node.
        env: { ...inherited(env, { keys }), ELECTRON_RUN_AS_NODE: '1' },
        windowsHide: true,
      });
      let over: string | undefined;
      child.once('error', (error) => {
        over = messageOf(error);
      });
      child.once('exit', (code) => {
        over ??= `it ended with code ${code}`;
      });
      child.unref();
      for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(POLL_MS)) {
        const ended = over;
        if (await readJson(stateFileOf(attempt), LocalState)) return;
        if (ended !== undefined) break;
      }
      const why = over === undefined ? 'it did not begin in time' : over;
      const words = `The process that watches over the job could not be started: ${why}.`;
      throw new EngineError('unusable', words, `See ${join(attempt, LOG_FILE)}.`);
    } finally {
      await log.close();
    }
  }

  status({ runId, attempt }: JobHandle): Promise<JobStatus> {
    return this.#statusOf(runId, attempt);
  }

  async #statusOf(runId: string, number: number): Promise<JobStatus> {
    const { dataset } = this.#context;
    const attempt = attemptFolder(dataset, runId, number);
    const state = await this.#stateOf(attempt);
    if (!state) {
      const starting = await isHeld(lockOf(runFolder(dataset, runId)));
      return starting ? { state: 'pending' } : { state: 'lost', message: 'It was never started.' };
    }
    if (isOver(state)) return statusOf(state);
    if (state.host !== hostname()) return elsewhere(attempt, state);
    if (await lives(state.supervisor)) return statusOf(state);
    // It may have written its last word before it ended.
    const last = (await this.#stateOf(attempt)) ?? state;
    if (isOver(last)) return statusOf(last);
    const living = await new JobTree(last).living();
    if (living.length > 0) {
      const message = 'The process that watched over it is gone: whether it succeeds will not be known.';
      return { ...statusOf(last), state: 'running', message };
    }
    const message = 'It ended when nobody watched over it: whether it succeeded is not known.';
    return { ...statusOf(last), state: 'lost', message };
  }

  async #stateOf(attempt: string): Promise<LocalState | undefined> {
    return readJson(stateFileOf(attempt), LocalState);
  }

  async *tail(handle: JobHandle, offset: number, signal: AbortSignal): AsyncGenerator<LogPart> {
    const path = join(attemptFolder(this.#context.dataset, handle.runId, handle.attempt), LOG_FILE);
    const isDone = async () => !['pending', 'running'].includes((await this.status(handle)).state);
    yield* followFile(path, offset, isDone, signal);
  }

  /** @throws EngineError `unusable` when a process can't be ended, or the job is another machine's; StoreError `symbolic-link`. */
  async stop({ runId, attempt: number }: JobHandle, signal: AbortSignal): Promise<void> {
    const { dataset } = this.#context;
    const attempt = attemptFolder(dataset, runId, number);
    await refuseLinks(dataset, attempt);
    await refuseLinksIn(dataset, attempt);
    const job = await readJson(jobFileOf(attempt), LocalJob);
    if (!job) return;
    const state = (await this.#claimStopped(attempt)) ?? (await this.#stateOf(attempt));
    if (!state || isOver(state)) return;
    if (state.host !== hostname()) {
      throw new EngineError(
        'unusable',
        `The job runs on ${state.host}, and this machine is ${hostname()}.`,
        `Stop it there. If this is the same machine under a new name, give it the old one back while you stop the job, or end process ${state.supervisor.pid} and those that it started.`,
      );
    }
    await writeFile(stopFileOf(attempt), '');
    try {
      await this.#endAll(attempt, job.graceSeconds, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new EngineError('unusable', messageOf(error), 'End it with the tools of the system.');
    }
  }

  /** A job whose supervisor has not begun never will, once its state says that it was stopped. */
  async #claimStopped(attempt: string): Promise<LocalState | undefined> {
    if ((await readText(stateFileOf(attempt))) !== undefined) return undefined;
    const now = new Date().toISOString();
    const never: LocalState = {
      version: 1,
      state: 'stopped',
      host: hostname(),
      mark: '0'.repeat(32),
      supervisor: { pid: process.pid, start: 'none' },
      endedAt: now,
      message: 'It was stopped before it began.',
    };
    return (await createAtomic(stateFileOf(attempt), `${JSON.stringify(never)}\n`)) ? never : undefined;
  }

  async #endAll(attempt: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    for (let quietSince: number | undefined; ; await sleep(POLL_MS)) {
      signal.throwIfAborted();
      const state = await this.#stateOf(attempt);
      if (!state) return;
      const watched = await lives(state.supervisor);
      const tree = new JobTree({ ...state, supervisor: watched ? state.supervisor : undefined });
      if ((await tree.end(graceSeconds)) > 0) quietSince = undefined;
      if (isOver(state)) return;
      quietSince ??= Date.now();
      if (watched && Date.now() - quietSince < LAST_WORD_MS) continue;
      // Dead or hung: its word is written for it.
      if (watched) process.kill(state.supervisor.pid, 'SIGKILL');
      const last = (await this.#stateOf(attempt)) ?? state;
      if (isOver(last)) return;
      const stopped: LocalState = { ...last, state: 'stopped', exitCode: null, endedAt: new Date().toISOString() };
      await writeAtomic(stateFileOf(attempt), `${JSON.stringify(stopped)}\n`);
      return;
    }
  }

  async list(key: string, value: string): Promise<JobHandle[]> {
    const { dataset } = this.#context;
    const found: JobHandle[] = [];
    for (const runId of await runNames(dataset)) {
      for (const attempt of await localAttempts(dataset, runId)) {
        const job = await readJson(jobFileOf(attemptFolder(dataset, runId, attempt)), LocalJob);
        if (job && Object.hasOwn(job.metadata, key) && job.metadata[key] === value) {
          found.push(this.handle({ runId, attempt }));
        }
      }
    }
    return found;
  }
}

function lockOf(run: string): string {
  return join(run, 'launch.lock');
}

/** A process of another machine can't be asked; its sign of life is the time of its state. */
async function elsewhere(attempt: string, state: LocalState): Promise<JobStatus> {
  const { mtimeMs } = await stat(stateFileOf(attempt));
  if (Date.now() - mtimeMs < SILENT_MS) return statusOf(state);
  const message = `It was started on ${state.host}, which has not been heard of since ${new Date(mtimeMs).toISOString()}.`;
  return { ...statusOf(state), state: 'lost', message };
}

function statusOf(state: LocalState): JobStatus {
  return {
    state: state.state,
    node: state.host,
    ...(state.message === undefined ? {} : { message: state.message }),
    ...(state.exitCode === undefined ? {} : { exitCode: state.exitCode }),
    ...(state.signal === undefined ? {} : { signal: state.signal }),
    ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
    ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
  };
}
