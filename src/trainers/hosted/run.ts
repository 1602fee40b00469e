import { setTimeout as pause } from 'node:timers/promises';
import type { ProgressLine } from '../../core/model/index.ts';
import type { HostedReport } from '../../core/training/hosted.ts';
import { again, isPassing, waitMs } from './again.ts';
import { HostedError } from './errors.ts';
import type { HostedFile } from './host.ts';
import { type JobMaking, makeJob } from './make-job.ts';

export interface HostedRun extends Omit<JobMaking, 'sleep'> {
  file: HostedFile;
  /** What was told so far, of all attempts. */
  told: readonly ProgressLine[];
  /** Appends to the run's progress. */
  tell: (line: ProgressLine) => Promise<void>;
  pollSeconds: number;
  /** Milliseconds; for tests. */
  sleep?: (ms: number) => Promise<void>;
}

/** A host that looks through a file for so long will not end on its own. */
const READY_MS = 2 * 60 * 60_000;
/** Between two lines of the log that say it waits. */
const WAITING_MS = 5 * 60_000;

/**
 * Brings a training to its end at a host: sends the file, makes the job, looks at it until it is over. May be ended at any moment and called again: what
 * was sent or made is in the journal or found at the host by its name; a job that was perhaps made and is not found there is a person's to look for (make-job.ts).
 * That a look fails, however often, ends nothing: the job goes on there.
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
    await run.tell({ event: 'end', message: model, t: Date.now() / 1000 });
    return model;
  }
  const ended = state === 'cancelled' ? 'cancelled' : 'failed';
  await journal.write({ event: 'ended', state: ended });
  const words = message ?? 'The host does not say why.';
  await run.tell({ event: 'error', message: words, t: Date.now() / 1000 });
  throw overError(ended, words);
}

function overError(state: 'succeeded' | 'failed' | 'cancelled', words?: string): HostedError {
  const what = state === 'cancelled' ? 'The job was cancelled at the host' : 'The job failed at the host';
  const advice = 'A host does not go on with such a job: train again.';
  return new HostedError('over', words === undefined ? `${what}.` : `${what}: ${words.replace(/\.$/, '')}.`, advice);
}

type Running = HostedRun & JobMaking;

async function sendAndMake(run: Running): Promise<string> {
  const file = await sendFile(run);
  await untilReady(file, run);
  return makeJob(file, run);
}

async function sendFile(run: Running): Promise<string> {
  const { host, journal, file, say } = run;
  const { fileId } = await journal.read();
  if (fileId !== undefined) return fileId;
  if (file.bytes > host.largestFile) {
    const size = `${Math.ceil(file.bytes / 1e6)} MB`;
    const most = `${Math.floor(host.largestFile / 1e6)} MB`;
    throw new HostedError('limit', `The rows are ${size}, and ${most} can be sent.`, 'Export fewer rows.');
  }
  await journal.write({ event: 'uploading', file: file.name });
  return again(run, 'Sending the rows', async () => {
    const found = await host.findFile(file);
    const id = found ?? (await host.upload(file));
    await journal.write({ event: 'uploaded', file: file.name, id });
    say(found === undefined ? `Sent ${file.name} as ${id}.` : `${file.name} is there already as ${id}.`);
    return id;
  });
}

/** @throws HostedError `limit` when the host looks through the file for too long. */
async function untilReady(file: string, run: Running): Promise<void> {
  const { host, pollSeconds, sleep, say, takeOver } = run;
  let said = -WAITING_MS;
  for (let waited = 0; !(await again(run, 'Looking at the file', () => host.isReady(file))); ) {
    const minutes = Math.round(waited / 60_000);
    if (waited >= READY_MS) {
      const message = `${takeOver.host} still looks through file ${file} after ${minutes} minutes; no job was made.`;
      throw new HostedError('limit', message, 'Look there how the file stands. Resume to wait on.');
    }
    if (waited - said >= WAITING_MS) {
      say(
        `The host looks through file ${file} before a job may use it${minutes > 0 ? `, for ${minutes} minutes` : ''}.`,
      );
      said = waited;
    }
    await sleep(pollSeconds * 1000);
    waited += pollSeconds * 1000;
  }
}

/** Tells what is new, until the job is over. */
async function watch(jobId: string, run: Running): Promise<HostedReport> {
  const { host, tell, say, told, pollSeconds, sleep, signal } = run;
  let reached = lastStep(told);
  const saved = new Set(told.flatMap(({ event, step }) => (event === 'save' && step !== undefined ? [step] : [])));
  await tell({ event: 'begin', t: Date.now() / 1000, ...(reached > 0 ? { step: reached } : {}) });
  let words: string | undefined;
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
        await tell(line);
      }
      if (report.message !== undefined && report.message !== words) say(report.message);
      words = report.message;
      if (report.state !== 'waiting' && report.state !== 'running') return report;
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures++;
      say(`${error.message} The job goes on there; looking again.`);
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
