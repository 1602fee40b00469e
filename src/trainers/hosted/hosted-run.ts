import { setTimeout as pause } from 'node:timers/promises';
import type { ProgressLine } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { HostedReport } from '../../core/training/hosted.ts';
import { isPassing, waitMs, withRetries } from './again.ts';
import { HostedError } from './errors.ts';
import type { HostedFile } from './host.ts';
import { type JobMaking, makeJob } from './make-job.ts';

export interface HostedRun extends Omit<JobMaking, 'sleep'> {
  file: HostedFile;
  /** Progress lines of all attempts so far. */
  earlier: readonly ProgressLine[];
  /** Appends to the run's progress. */
  onProgress: (line: ProgressLine) => Promise<void>;
  pollSeconds: number;
  /** Milliseconds; for tests. */
  sleep?: (ms: number) => Promise<void>;
}

/** Longest check of a file by the host. */
const READY_MS = 2 * 60 * 60_000;
/** Between two log lines while waiting. */
const WAITING_MS = 5 * 60_000;

/**
 * Runs a training at a host: sends the file, creates the job and polls it until it ends. It may be killed and called again: sent files and jobs are
 * in the journal or found by name. A job that may exist and is not found must be checked by the user. Failed polls never end the run, since the job
 * continues.
 * @returns the name of the trained model.
 * @throws HostedError.
 */
export async function runHosted(run: HostedRun): Promise<string> {
  const { journal, signal } = run;
  const sleep = run.sleep ?? ((ms: number) => pause(ms, undefined, { signal }));
  const before = await journal.read();
  if (before.ended === 'succeeded' && before.model !== undefined) return before.model;
  if (before.ended !== undefined) throw overError(before.ended);
  const jobId = before.jobId ?? (await sendAndMake({ ...run, sleep }));
  const last = await watch(jobId, { ...run, sleep });
  const { state, model, message } = last;
  if (state === 'succeeded' && model !== undefined) {
    await journal.write({ event: 'ended', state, model });
    await run.onProgress({ event: 'end', message: model, t: Date.now() / 1000 });
    return model;
  }
  const ended = state === 'cancelled' ? 'cancelled' : 'failed';
  await journal.write({ event: 'ended', state: ended });
  const reason = message ?? 'The host gives no reason.';
  await run.onProgress({ event: 'error', message: reason, t: Date.now() / 1000 });
  throw overError(ended, reason);
}

function overError(state: 'succeeded' | 'failed' | 'cancelled', reason?: string): HostedError {
  const what = state === 'cancelled' ? 'The job was cancelled at the host' : 'The job failed at the host';
  const advice = 'A host can’t resume such a job. Train again.';
  return new HostedError('over', reason === undefined ? `${what}.` : `${what}: ${reason.replace(/\.$/, '')}.`, advice);
}

type Running = HostedRun & JobMaking;

async function sendAndMake(run: Running): Promise<string> {
  const file = await sendFile(run);
  await untilReady(file, run);
  return makeJob(file, run);
}

async function sendFile(run: Running): Promise<string> {
  const { host, journal, file, log } = run;
  const { fileId } = await journal.read();
  if (fileId !== undefined) return fileId;
  if (file.bytes > host.largestFile) {
    const size = `${Math.ceil(file.bytes / 1e6)} MB`;
    const most = `${Math.floor(host.largestFile / 1e6)} MB`;
    throw new HostedError(
      'limit',
      `The rows have ${size}, and the host accepts at most ${most}.`,
      'Export fewer rows.',
    );
  }
  await journal.write({ event: 'uploading', file: file.name });
  return withRetries(run, 'Sending the rows', async () => {
    const found = await host.findFile(file);
    const id = found ?? (await host.upload(file));
    await journal.write({ event: 'uploaded', file: file.name, id });
    log(found === undefined ? `Sent ${file.name} as ${id}.` : `${file.name} was already sent as ${id}.`);
    return id;
  });
}

/** @throws HostedError `limit` when the host checks the file for too long */
async function untilReady(file: string, run: Running): Promise<void> {
  const { host, pollSeconds, sleep, log, takeOver } = run;
  let loggedAt = -WAITING_MS;
  for (let waited = 0; !(await withRetries(run, 'Checking the file', () => host.isReady(file))); ) {
    const minutes = Math.round(waited / 60_000);
    if (waited >= READY_MS) {
      const message = `${takeOver.host} has not finished checking file ${file} after ${plural(minutes, 'minute')}; no job was created.`;
      throw new HostedError('limit', message, 'Check the status of the file there. Resume to continue waiting.');
    }
    if (waited - loggedAt >= WAITING_MS) {
      log(`The host is checking file ${file}${minutes > 0 ? `, for ${plural(minutes, 'minute')}` : ''}.`);
      loggedAt = waited;
    }
    await sleep(pollSeconds * 1000);
    waited += pollSeconds * 1000;
  }
}

/** Reports new progress until the job ends. */
async function watch(jobId: string, run: Running): Promise<HostedReport> {
  const { host, onProgress, log, earlier, pollSeconds, sleep, signal } = run;
  let reached = lastStep(earlier);
  const saved = new Set(earlier.flatMap(({ event, step }) => (event === 'save' && step !== undefined ? [step] : [])));
  await onProgress({ event: 'begin', t: Date.now() / 1000, ...(reached > 0 && { step: reached }) });
  let message: string | undefined;
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      const report = await host.look(jobId);
      failures = 0;
      for (const line of report.lines) {
        const step = line.step ?? 0;
        const isNew = line.event === 'save' ? !saved.has(step) : step > reached;
        if (!isNew) continue;
        if (line.event === 'save') saved.add(step);
        else reached = step;
        await onProgress(line);
      }
      if (report.message !== undefined && report.message !== message) log(report.message);
      message = report.message;
      if (report.state !== 'waiting' && report.state !== 'running') return report;
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures++;
      log(`${error.message} The job continues there; checking again.`);
    }
    await sleep(Math.max(pollSeconds * 1000, failures > 0 ? waitMs(failures) : 0));
  }
}

function lastStep(lines: readonly ProgressLine[]): number {
  return lines.reduce(
    (most, { event, step }) => (event === 'log' && step !== undefined ? Math.max(most, step) : most),
    0,
  );
}
