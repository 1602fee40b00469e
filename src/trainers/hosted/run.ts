import { setTimeout as pause } from 'node:timers/promises';
import type { ProgressLine } from '../../core/model/index.ts';
import type { HostedReport } from '../../core/training/hosted.ts';
import { HostedError } from './errors.ts';
import type { Host, HostedFile, HostedNames } from './host.ts';
import type { HostedJournal } from './journal.ts';

export interface HostedRun {
  host: Host;
  journal: HostedJournal;
  names: HostedNames;
  file: HostedFile;
  /** What was told so far, of all attempts. */
  told: readonly ProgressLine[];
  /** Appends to the run's progress. */
  tell: (line: ProgressLine) => Promise<void>;
  /** A line for the log. */
  say: (words: string) => void;
  pollSeconds: number;
  signal: AbortSignal;
  /** Milliseconds; for tests. */
  sleep?: (ms: number) => Promise<void>;
}

/** Tries of what may be tried again, before the file is there and the job is made; what was made is then looked at for ever. */
const TRIES = 6;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
/** A list may show a job some moments after it was made: so often is looked, before it is made again. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 5_000;

/**
 * Brings a training to its end at a host: sends the file, makes the job, looks at it until it is over. May be ended at any moment and called again: what
 * was sent or made is in the journal or found at the host by its name, and is never sent or made twice. That a look fails, however often, ends
 * nothing: the job goes on there.
 * @returns the name of the trained model.
 * @throws HostedError.
 */
export async function runHosted(run: HostedRun): Promise<string> {
  const { journal, signal } = run;
  const sleep = run.sleep ?? ((ms: number) => pause(ms, undefined, { signal }));
  const before = await journal.read();
  if (before.ended === 'succeeded' && before.model !== undefined) return before.model;
  if (before.ended !== undefined) throw overError(before.ended);
  const jobId = before.jobId ?? (await makeJob({ ...run, sleep }));
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

type Running = HostedRun & { sleep: (ms: number) => Promise<void> };

async function makeJob(run: Running): Promise<string> {
  const { host, journal, names, say } = run;
  const file = await sendFile(run);
  await untilReady(file, run);
  let begun = (await journal.read()).creating;
  return again(run, 'Making the job', async () => {
    const found = await findJob(file, begun ? LOOKS : 1, run);
    if (found === undefined && !begun) await journal.write({ event: 'creating', job: names.job });
    begun = true;
    const id = found ?? (await host.create(names.job, file));
    await journal.write({ event: 'created', job: names.job, id });
    say(found === undefined ? `Made job ${id}.` : `Found job ${id}, which was made before.`);
    return id;
  });
}

async function findJob(file: string, looks: number, { host, names, sleep }: Running): Promise<string | undefined> {
  for (let look = 1; ; look++) {
    const found = await host.findJob(names.job, file);
    if (found !== undefined || look >= looks) return found;
    await sleep(LOOK_AGAIN_MS);
  }
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

async function untilReady(file: string, run: Running): Promise<void> {
  const { host, pollSeconds, sleep } = run;
  while (!(await again(run, 'Looking at the file', () => host.isReady(file)))) await sleep(pollSeconds * 1000);
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

/** Calls `attempt` until it succeeds, fails for good or was tried often enough. It must find out itself what an earlier try has done. */
async function again<T>({ say, sleep, signal }: Running, what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || tried >= TRIES) throw error;
      const wait = error.retryAfterMs ?? waitMs(tried);
      if (wait > 10 * LONGEST_WAIT_MS) throw error;
      say(`${what}: ${error.message} Trying again in ${Math.ceil(wait / 1000)} s.`);
      await sleep(wait);
    }
  }
}

function isPassing(error: unknown): error is HostedError {
  return error instanceof HostedError && (error.problem === 'busy' || error.problem === 'unreachable');
}

function waitMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}
