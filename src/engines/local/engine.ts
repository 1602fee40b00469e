import { execFile, spawn } from 'node:child_process';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, homedir, hostname, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import type { JobHandle, JobStatus } from '../../core/schemas/index.ts';
import { readJson, readText } from '../../store/lines/files.ts';
import { refuseLinks, refuseLinksIn } from '../../store/links.ts';
import { attemptFolder, JOB_FOLDER, LOG_FILE, localAttempts, runFolder, runNames } from '../../store/runs.ts';
import { createAtomic, writeAtomic } from '../../system/atomic-write.ts';
import { isHeld, withLock } from '../../system/lock.ts';
import { lives } from '../../system/process.ts';
import {
  type Engine,
  type EngineContext,
  EngineError,
  type JobSpec,
  jobIdOf,
  type LogPart,
  type Probe,
} from '../engine.ts';
import { checkJob, placeFiles } from '../files.ts';
import { inherited } from '../job-environment.ts';
import { followFile } from '../log-file.ts';
import { isOver, jobFileOf, LocalJob, LocalState, stateFileOf, stopFileOf } from './state.ts';
import { JobTree } from './tree.ts';

const GRACE_SECONDS = 10;
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
/** How long a supervisor has to write the result of a job whose processes have all ended. */
const RESULT_LIMIT_MS = 5_000;
/** A supervisor on another machine whose heartbeat is older than this is gone. */
const SILENT_MS = 60_000;

/** Jobs on this machine: one supervisor process for each, which keeps its state in the folder of the run. */
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
      ...defined({ timeLimit }),
      graceSeconds: graceSeconds ?? GRACE_SECONDS,
    };
    await writeAtomic(jobFileOf(attempt), `${JSON.stringify(job, null, 2)}\n`);
    await this.#spawnSupervisor(attempt, join(run, JOB_FOLDER), spec.keys ?? false);
  }

  /** Two attempts running together would write the same checkpoints. Called with the lock of the run. */
  async #refuseSecond({ runId, attempt }: JobSpec): Promise<void> {
    for (const other of await localAttempts(this.#context.dataset, runId)) {
      if (other === attempt) continue;
      if (other < attempt && (await this.#neverStarts(attemptFolder(this.#context.dataset, runId, other)))) continue;
      const { state } = await this.#statusOf(runId, other);
      if (state !== 'running' && state !== 'pending') continue;
      throw new EngineError(
        'refused',
        `Attempt ${other} of run ${runId} is still running.`,
        'Stop it, or wait until it ends.',
      );
    }
  }

  /** Whether an earlier attempt has no state. Its submitter was killed, since the lock is held here, and its supervisor must not start the command now. */
  async #neverStarts(attempt: string): Promise<boolean> {
    await refuseLinks(this.#context.dataset, attempt);
    return (await this.#claimStopped(attempt)) !== undefined;
  }

  /** Resolves when the job has a supervisor, from this call or from a concurrent one. */
  async #spawnSupervisor(attempt: string, folder: string, keys: boolean): Promise<void> {
    const { distFolder, env } = this.#context;
    const log = await open(join(attempt, LOG_FILE), 'a');
    try {
      const child = spawn(process.execPath, [join(distFolder, 'supervisor.mjs'), attempt, folder], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        // A working folder can't be moved or deleted on Windows.
        cwd: homedir(),
        // In the editor, execPath is Electron; this makes it Node.
        env: { ...inherited(env, { keys }), ELECTRON_RUN_AS_NODE: '1' },
        windowsHide: true,
      });
      let failure: string | undefined;
      child.once('error', (error) => {
        failure = messageOf(error);
      });
      child.once('exit', (code) => {
        failure ??= `it ended with code ${code}`;
      });
      child.unref();
      for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(POLL_MS)) {
        const before = failure;
        if (await readJson(stateFileOf(attempt), LocalState)) return;
        if (before !== undefined) break;
      }
      const message = `The supervisor of the job did not start: ${failure ?? 'it did not start in time'}.`;
      throw new EngineError('unusable', message, `See ${join(attempt, LOG_FILE)}.`);
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
    if (state.host !== hostname()) return remoteStatus(attempt, state);
    if (await lives(state.supervisor)) return statusOf(state);
    // It may have written the result before it ended.
    const last = (await this.#stateOf(attempt)) ?? state;
    if (isOver(last)) return statusOf(last);
    const living = await new JobTree(last).living();
    if (living.length > 0) {
      const message = 'Its supervisor has ended, so its result will be unknown.';
      return { ...statusOf(last), state: 'running', message };
    }
    const message = 'It ended without a supervisor, so its result is unknown.';
    return { ...statusOf(last), state: 'lost', message };
  }

  #stateOf(attempt: string): Promise<LocalState | undefined> {
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
        `Stop it there. If this machine was renamed, restore the old name while you stop the job, or end process ${state.supervisor.pid} and its child processes.`,
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

  /** Writes the state of a job that has not started, so that its supervisor never starts the command. */
  async #claimStopped(attempt: string): Promise<LocalState | undefined> {
    if ((await readText(stateFileOf(attempt))) !== undefined) return undefined;
    const never: LocalState = {
      version: 1,
      state: 'stopped',
      host: hostname(),
      mark: '0'.repeat(32),
      supervisor: { pid: process.pid, start: 'none' },
      endedAt: new Date().toISOString(),
      message: 'It was stopped before it started.',
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
      if (watched && Date.now() - quietSince < RESULT_LIMIT_MS) continue;
      // The supervisor is dead or hangs, so the state is written here.
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

/** The supervisor on another machine touches its state as a heartbeat. */
async function remoteStatus(attempt: string, state: LocalState): Promise<JobStatus> {
  const { mtimeMs } = await stat(stateFileOf(attempt));
  if (Date.now() - mtimeMs < SILENT_MS) return statusOf(state);
  const message = `It was started on ${state.host}, which has not reported since ${new Date(mtimeMs).toISOString()}.`;
  return { ...statusOf(state), state: 'lost', message };
}

function statusOf(state: LocalState): JobStatus {
  return {
    state: state.state,
    node: state.host,
    ...defined({
      message: state.message,
      exitCode: state.exitCode,
      signal: state.signal,
      startedAt: state.startedAt,
      endedAt: state.endedAt,
    }),
  };
}

const NVIDIA_LIMIT_MS = 20_000;

/** What this machine has; GPUs as `nvidia-smi` lists them. */
export async function probeMachine(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Probe> {
  const gpus = await countGpus(env, signal);
  return {
    version: `${type()} ${release()}`,
    resources: { cpus: availableParallelism(), memory: totalmem(), gpus },
  };
}

async function countGpus(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=index,name,memory.total', '--format=csv,noheader'],
      // Windows looks for programs in the working folder first: never in a workspace.
      { env, signal, cwd: homedir(), timeout: NVIDIA_LIMIT_MS, windowsHide: true },
    );
    return stdout.split('\n').filter((line) => /^\d+,/.test(line)).length;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}
