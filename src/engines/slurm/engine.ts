import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import type { EngineChoice, JobHandle, JobStatus } from '../../core/schemas/index.ts';
import { refuseLinksIn } from '../../store/links.ts';
import { LOG_FILE, runFolder } from '../../store/runs.ts';
import { readSettings } from '../../store/settings.ts';
import { isHeld, withLock } from '../../system/lock.ts';
import { type Engine, type EngineContext, EngineError, type JobSpec, type LogPart, type Probe } from '../engine.ts';
import { checkJob } from '../files.ts';
import { followLog } from '../log-file.ts';
import { quote, quoteCommand } from '../shell.ts';
import { SlurmCommands } from './commands.ts';
import type { SlurmControl } from './control.ts';
import { endedBy, isOver, type SlurmJob, signalName, statusOf } from './jobs.ts';
import { SlurmRest } from './rest.ts';
import { type Evidence, SharedFolder, type SharedJob } from './shared-folder.ts';
import { Shell } from './shell.ts';

const POLL_MS = 2_000;
const STOP_POLL_MS = 500;
/** Between tries over a broken connection. */
const RETRY_MS = 5_000;

export interface SlurmParts {
  control: SlurmControl;
  shared: SharedFolder;
  dataset: { id: string; folder: string };
  partition: string | undefined;
  /** Milliseconds between reads of a log that did not grow; for tests. */
  pollMs?: number;
}

/** Jobs on a Slurm cluster. Their files are in a shared folder, which also shows their state once Slurm has forgotten them. */
export class SlurmEngine implements Engine {
  readonly name = 'slurm';
  readonly #parts: SlurmParts;
  /** Known numbers of jobs. */
  readonly #numbers = new Map<string, number>();

  constructor(parts: SlurmParts) {
    this.#parts = parts;
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    try {
      const problem = await this.#parts.shared.problem(signal);
      const probe = await this.#parts.control.probe(signal);
      return problem === undefined ? probe : { ...probe, problem };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { problem: `${error.message} ${error.advice}` };
    }
  }

  /** All users of the cluster see this name. The hash distinguishes runs of the same name in different datasets. */
  handle({ runId, attempt }: Pick<JobSpec, 'runId' | 'attempt'>): JobHandle {
    const mark = createHash('sha256').update(`${this.#parts.dataset.id}\0${runId}`).digest('hex').slice(0, 10);
    const plain = runId.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
    return { engine: 'slurm', jobId: `longhand-${plain}-${mark}-${attempt}`, runId, attempt };
  }

  /** @throws EngineError; StoreError `bad-name` or `symbolic-link`. */
  async submit(spec: JobSpec, signal: AbortSignal): Promise<JobHandle> {
    checkJob(spec);
    const { dataset } = this.#parts;
    const run = runFolder(dataset.folder, spec.runId);
    await refuseLinksIn(dataset.folder, run);
    const handle = this.handle(spec);
    await withLock(join(run, 'launch.lock'), () => this.#submit(spec, handle, signal), { signal });
    return handle;
  }

  async #submit(spec: JobSpec, { jobId: name }: JobHandle, signal: AbortSignal): Promise<void> {
    const { control, shared, dataset, partition } = this.#parts;
    const { runId, attempt } = spec;
    const folder = shared.attempt(runId, attempt);
    const before = Array.from({ length: attempt - 1 }, (_, index) => this.handle({ runId, attempt: index + 1 }).jobId);
    const jobs = await control.jobs([name, ...before], signal);
    if (jobs.some((job) => job.name === name)) return;
    if (jobs.some((job) => !isOver(job))) {
      throw new EngineError(
        'refused',
        `An earlier attempt of run ${runId} is still running.`,
        'Stop it, or wait until it ends.',
      );
    }
    await shared.prepare(runId, attempt, signal);
    const { submitted, claim, stopped } = await shared.evidence(folder, signal);
    if (submitted !== undefined || claim !== undefined || stopped) return;
    for (const file of spec.files) await shared.send(shared.job(runId), file, signal);
    const record: SharedJob = { version: 1, dataset: dataset.id, runId, attempt, metadata: { ...spec.metadata } };
    await shared.send(folder, { path: 'job.json', content: JSON.stringify(record) }, signal);
    const id = await control.submit(
      {
        name,
        comment: name,
        script: batchScript(folder, spec.command, spec.env),
        folder: shared.job(runId),
        log: `${folder}/${LOG_FILE}`,
        resources: spec.resources,
        partition,
      },
      signal,
    );
    await shared.send(folder, { path: 'submitted', content: String(id) }, signal);
  }

  async status({ jobId, runId, attempt }: JobHandle, signal: AbortSignal): Promise<JobStatus> {
    const { control, shared } = this.#parts;
    const folder = shared.attempt(runId, attempt);
    if (control.byNumber && !this.#numbers.has(jobId)) this.#learn(jobId, await shared.evidence(folder, signal));
    const number = this.#numbers.get(jobId);
    const jobs = await control.jobs([jobId], signal, number);
    const [only] = jobs;
    if (only && jobs.length === 1 && !isOver(only)) return statusOf(only);
    const evidence = await shared.evidence(folder, signal);
    this.#learn(jobId, evidence);
    const newNumber = this.#numbers.get(jobId);
    const now = number === newNumber ? jobs : await control.jobs([jobId], signal, newNumber);
    const job = claimingJob(now, evidence);
    return job ? statusOf(job) : fromEvidence(evidence);
  }

  #learn(jobId: string, { claim, submitted }: Evidence): void {
    const number = claim ?? submitted;
    if (number !== undefined) this.#numbers.set(jobId, number);
  }

  async *tail(handle: JobHandle, offset: number, signal: AbortSignal): AsyncGenerator<LogPart> {
    const { shared, pollMs = POLL_MS } = this.#parts;
    const path = `${shared.attempt(handle.runId, handle.attempt)}/${LOG_FILE}`;
    const source = {
      read: (position: number) => this.#untilReached(() => shared.read(path, position, signal), signal),
      isDone: async () => {
        const { state } = await this.#untilReached(() => this.status(handle, signal), signal);
        return state !== 'running' && state !== 'pending';
      },
    };
    try {
      yield* followLog(source, offset, signal, { pollMs });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Repeats a call until Slurm can be reached. */
  async #untilReached<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind !== 'unreachable') throw error;
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
  }

  async stop({ jobId, runId, attempt }: JobHandle, signal: AbortSignal): Promise<void> {
    const { control, shared, dataset } = this.#parts;
    const lock = join(runFolder(dataset.folder, runId), 'launch.lock');
    // A pending submit would come after the stop.
    if (await isHeld(lock)) await withLock(lock, async () => {}, { signal });
    let jobs = (await control.jobs([jobId], signal)).filter((job) => !isOver(job));
    if (jobs.length > 0) {
      await shared.send(shared.attempt(runId, attempt), { path: 'stopped', content: '' }, signal);
    }
    for (const { job_id: number } of jobs) await control.cancel(number, signal);
    while (jobs.length > 0) {
      await sleep(STOP_POLL_MS, undefined, { signal });
      const number = jobs.length === 1 ? jobs[0]?.job_id : undefined;
      jobs = (await control.jobs([jobId], signal, number)).filter((job) => !isOver(job));
    }
  }

  async list(key: string, value: string, signal: AbortSignal): Promise<JobHandle[]> {
    const jobs = await this.#parts.shared.list(signal);
    return jobs
      .filter(({ metadata }) => Object.hasOwn(metadata, key) && metadata[key] === value)
      .map((job) => this.handle(job));
  }
}

/** @throws StoreError when the folder is not a dataset, whose id is part of the names of its jobs. */
export async function openSlurm(
  choice: Extract<EngineChoice, { engine: 'slurm' }>,
  { dataset: folder, env }: EngineContext,
): Promise<SlurmEngine> {
  const dataset = { id: (await readSettings(folder)).id, folder };
  const shell = new Shell(choice.host, env);
  const { rest, partition } = choice;
  return new SlurmEngine({
    control: rest === undefined ? new SlurmCommands(shell, partition) : new SlurmRest(rest, env),
    shared: new SharedFolder(shell, choice.sharedFolder, dataset),
    dataset,
    partition,
  });
}

/** Of jobs with the same name, the one that runs the command; undefined when Slurm has forgotten it. */
function claimingJob(jobs: readonly SlurmJob[], { claim }: Evidence): SlurmJob | undefined {
  if (claim !== undefined) return jobs.find(({ job_id: id }) => id === claim);
  return jobs.find((job) => !isOver(job)) ?? jobs.at(-1);
}

function fromEvidence({ exit, stopped, submitted, claim }: Evidence): JobStatus {
  if (stopped) return { state: 'stopped', ...defined({ exitCode: exit }) };
  if (exit === 0) return { state: 'succeeded', exitCode: 0 };
  // A shell reports a signal as 128 plus its number.
  if (exit !== undefined && exit > 128) {
    const by = { id: exit - 128 };
    const signal = signalName(by);
    return { state: 'failed', exitCode: null, message: endedBy(by), ...defined({ signal }) };
  }
  if (exit !== undefined) return { state: 'failed', exitCode: exit, message: `It ended with code ${exit}.` };
  const known = submitted ?? claim;
  const message = known === undefined ? 'It was never started.' : `Slurm no longer knows job ${known}.`;
  return { state: 'lost', message };
}

/**
 * The batch script of an attempt. The first job that runs it claims the attempt, so that a job submitted twice runs once. The script
 * stores the exit code in a file, since Slurm forgets a job some minutes after its end.
 * @param attempt absolute path of the attempt's folder.
 */
export function batchScript(
  attempt: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [
    '#!/bin/sh',
    `attempt=${quote(attempt)}`,
    // With noclobber, > creates the file or fails, so only one job claims it.
    '(set -C; echo "$SLURM_JOB_ID" > "$attempt/claim") 2>/dev/null',
    'if [ "$(cat "$attempt/claim")" != "$SLURM_JOB_ID" ]; then exit 0; fi',
    ...exports,
    // A shell handles a signal during wait only when the child runs in the background.
    'trap \'kill -TERM "$child" 2>/dev/null\' TERM INT',
    `${quoteCommand(command)} < /dev/null &`,
    'child=$!',
    'wait "$child"; code=$?',
    'while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done',
    'echo "$code" > "$attempt/exit.new" && mv -f "$attempt/exit.new" "$attempt/exit"',
    'exit "$code"',
    '',
  ].join('\n');
}
