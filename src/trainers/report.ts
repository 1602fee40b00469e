import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import {
  type JobFailure,
  type JobStatus,
  type ProgressLine,
  type RunAttempt,
  RunEnd,
  type RunRecord,
} from '../core/model/index.ts';
import { explainServerFailure } from '../core/serving/failure.ts';
import { type Ended, explainFailure } from '../core/training/failure.ts';
import { framesOf, linesOf, progressSoFar } from '../core/training/progress.ts';
import { withBeginnings } from '../core/training/trainer-logs.ts';
import { type Engine, EngineError } from '../engines/engine.ts';
import type { RunReport } from '../protocol/training.ts';
import { StoreError } from '../store/errors.ts';
import { readText } from '../store/files.ts';
import { plainName } from '../store/names.ts';
import { keepRunEnd, readRunEnd } from '../store/run-ends.ts';
import { attemptsOf, jobFolderOf, OUT_FOLDER, progressOf, type StoredRun } from '../store/runs.ts';
import { checkpointsOf } from './checkpoints.ts';
import { TRAINERS } from './index.ts';
import { sharedResults } from './place.ts';
import { type LogRead, type LogSeen, readLog } from './read-log.ts';
import type { ProgressSource } from './trainer.ts';

const NO_LOG: LogRead = { end: '', frames: '' };

/** How a run stands, with what it was read from. */
export interface RunRead {
  report: RunReport;
  /** What counts of the trainer's progress; see `progressSoFar`. */
  progress: ProgressLine[];
  /** Those of the last attempt. */
  attempt: ProgressLine[];
  /** Lines that the attempts so far have left where the next one adds its own. */
  told: number;
  /** The end of the log of the last attempt. */
  log: string;
}

/**
 * Asks the engine and reads what the job has left. An engine that does not answer is no failed job: the state is `unreachable` then.
 * @param engine of the run's record.
 * @param seen what looks before this one read of a remote log, kept by whoever looks again: only what is new is fetched then.
 */
export async function readRunState(
  run: StoredRun,
  dataset: string,
  engine: Engine,
  signal: AbortSignal,
  seen: LogSeen = {},
): Promise<RunRead> {
  const attempts = await attemptsOf(run);
  const last = attempts.at(-1);
  const status = last ? await statusOf(last, engine, signal) : { state: 'prepared' as const };
  const reached = status.state !== 'unreachable' && status.state !== 'prepared';
  const read = last && reached ? await readLog(last, dataset, engine, signal, seen) : { ...NO_LOG, whole: false };
  const { end: log } = read;
  const results = await resultsOf(run);
  const { lines, alone } = await progressLines(run, results, read);
  const said = progressSoFar(lines, alone ? 0 : last?.told);
  const report = await reportOf(run, { attempts: attempts.length, status, said, log, results });
  if (last && read.whole) await keepEnd(run, dataset, last, { status, report, ...(alone ? { progress: lines } : {}) });
  return { report, progress: said.lines, attempt: said.attempt, told: alone ? 0 : lines.length, log };
}

/** Of an attempt on a cluster: it is not asked again. What can't be written down is asked again, which is slower and no worse. */
async function keepEnd(
  { record }: StoredRun,
  dataset: string,
  { handle }: RunAttempt,
  { status, report, progress }: { status: Status; report: RunReport; progress?: ProgressLine[] },
): Promise<void> {
  if (handle.engine === 'local') return;
  const { failure } = report;
  const end = RunEnd.safeParse({
    version: 1,
    status,
    ...(failure ? { failure } : {}),
    ...(progress ? { progress } : {}),
  });
  if (end.success) await keepRunEnd(dataset, record.id, handle.attempt, end.data).catch(() => undefined);
}

/** How a run stands whose last attempt is known to have ended, without asking its engine; undefined for any other. */
export async function endedReport(run: StoredRun, dataset: string): Promise<RunReport | undefined> {
  const attempts = await attemptsOf(run);
  const last = attempts.at(-1);
  if (!last || last.handle.engine === 'local') return undefined;
  const end = await readRunEnd(dataset, run.record.id, last.handle.attempt);
  if (!end) return undefined;
  const results = await resultsOf(run);
  const { lines, alone } = await progressLines(run, results, NO_LOG);
  const said = alone ? progressSoFar(end.progress ?? []) : progressSoFar(lines, last.told);
  const report = await reportOf(run, { attempts: attempts.length, status: end.status, said, log: '', results });
  return end.failure ? { ...report, failure: end.failure } : report;
}

/**
 * How a run stands that can't be asked after: what this machine has of it, and why no more is known.
 * @param error what asking ended with.
 */
export function unreachedReport(run: StoredRun, error: EngineError | StoreError): Promise<RunReport> {
  return storedReport(run, { state: 'unreachable', message: `${error.message} ${error.advice}` });
}

/** How a run stands whose engine is not asked: by its files alone. @param message why, and how it can be asked. */
export function unaskedReport(run: StoredRun, message: string): Promise<RunReport> {
  return storedReport(run, { state: 'unasked', message });
}

async function storedReport(run: StoredRun, otherwise: Status): Promise<RunReport> {
  const attempts = await attemptsOf(run);
  const status: Status = attempts.length === 0 ? { state: 'prepared' } : otherwise;
  const results = await resultsOf(run);
  const { lines } = await progressLines(run, results, NO_LOG).catch((problem: unknown) => {
    if (problem instanceof StoreError) return { lines: [] };
    throw problem;
  });
  const said = progressSoFar(lines, attempts.at(-1)?.told);
  return reportOf(run, { attempts: attempts.length, status, said, log: '', results });
}

type Status = Omit<JobStatus, 'state'> & { state: RunReport['state'] };

async function statusOf({ handle }: RunAttempt, engine: Engine, signal: AbortSignal): Promise<Status> {
  try {
    return await engine.status(handle, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'unreachable') throw error;
    return { state: 'unreachable', message: error.message };
  }
}

/** Where checkpoints and progress are: in the run, or in what the nodes share, where this machine sees it too. */
async function resultsOf({ folder, record }: StoredRun): Promise<string> {
  const shared = sharedResults(record.engine, folder, record.id);
  const there = shared !== undefined && (await stat(shared).catch(() => undefined))?.isDirectory();
  return there ? shared : folder;
}

interface Lines {
  lines: ProgressLine[];
  /** They are of the last attempt alone: a log is. */
  alone: boolean;
}

/** Steps of the whole checkpoints of a run; undefined where they are not seen from this machine, or stay at a host. */
export async function wholeSteps(run: StoredRun): Promise<number[] | undefined> {
  const { engine, training } = run.record;
  const results = await resultsOf(run);
  const elsewhere = engine.engine !== 'local' && results === run.folder;
  if (elsewhere || TRAINERS.find(({ name }) => name === training?.trainer)?.hosted) return undefined;
  return (await checkpointsOf(results, [])).flatMap(({ step, whole }) => (whole ? [step] : []));
}

/** What the trainer said: by Longhand's callback, else in a file of its own, else in the log. */
async function progressLines(run: StoredRun, results: string, log: LogRead): Promise<Lines> {
  const source = await sourceOf(run);
  for (const folder of new Set([run.folder, results])) {
    const own = await progressOf({ ...run, folder });
    if (own.length > 0) return { lines: own, alone: false };
    if (source?.from !== 'file') continue;
    const text = await readText(join(folder, OUT_FOLDER, source.path));
    if (text === undefined) continue;
    return { lines: withBeginnings(linesOf(text).flatMap((line) => source.parse(line) ?? [])), alone: false };
  }
  const frames = framesOf(log.frames);
  if (frames.length > 0 || source?.from !== 'log') return { lines: frames, alone: true };
  return { lines: withBeginnings(linesOf(log.end).flatMap((line) => source.parse(line) ?? [])), alone: true };
}

async function sourceOf(run: StoredRun): Promise<ProgressSource | undefined> {
  const { training } = run.record;
  const progress = TRAINERS.find(({ name }) => name === training?.trainer)?.progress;
  if (typeof progress !== 'function' || !training) return typeof progress === 'function' ? undefined : progress;
  return progress((await readText(join(jobFolderOf(run), plainName(training.config, 'a configuration')))) ?? '');
}

async function reportOf(
  { folder, record }: StoredRun,
  read: { attempts: number; status: Status; said: ReturnType<typeof progressSoFar>; log: string; results: string },
): Promise<RunReport> {
  const { said, results } = read;
  // Not every trainer ends when its own loss is no number: what it leaves then is no model.
  const broken = read.status.state === 'succeeded' && explainFailure(said.error ?? '').kind === 'diverged';
  const status: Status = broken ? { ...read.status, state: 'failed' } : read.status;
  const { training, serving } = record;
  const { lines, attempt: _own, output, error, ...numbers } = said;
  const { secondsLeft, ...told } = numbers;
  const left = status.state === 'running' ? secondsLeft : undefined;
  const failed = status.state === 'failed';
  const message = error ?? status.message;
  return {
    run: record.id,
    folder,
    ...(results === folder ? {} : { results }),
    kind: record.kind,
    createdAt: record.createdAt,
    engine: record.engine,
    ...(training ? { trainer: training.trainer, export: training.export } : {}),
    ...(TRAINERS.find(({ name }) => name === training?.trainer)?.hosted ? { hosted: true } : {}),
    ...(serving ? { serving } : {}),
    ...((training ?? serving) ? { model: (training ?? serving)?.model } : {}),
    ...status,
    ...(message === undefined ? {} : { message }),
    attempts: read.attempts,
    ...told,
    ...(told.total === undefined && training?.steps ? { total: training.steps } : {}),
    ...(left === undefined ? {} : { secondsLeft: left }),
    checkpoints: await checkpointsOf(results, lines),
    ...(await outputOf(
      results,
      failed ? undefined : (output ?? (status.state === 'succeeded' ? ownOutput(training?.trainer) : undefined)),
    )),
    ...(failed ? { failure: failureOf(record, broken ? (error ?? '') : read.log, status) } : {}),
  };
}

/** Where a trainer leaves its model, relative to the run. */
function ownOutput(trainer: string | undefined): string | undefined {
  const output = TRAINERS.find(({ name }) => name === trainer)?.output;
  return output === undefined ? undefined : join(OUT_FOLDER, output);
}

function failureOf({ training, serving }: RunRecord, log: string, how: Ended): JobFailure {
  const server = serving && explainServerFailure(log);
  if (server) return { ...server, message: `The server ended: ${server.message}.` };
  const own = TRAINERS.find(({ name }) => name === training?.trainer)?.failure?.(log);
  const failure = own ?? explainFailure(log, how);
  if (!serving || failure.kind !== 'killed') return failure;
  return {
    kind: 'killed',
    message: 'The server was killed, perhaps because the machine ran out of memory.',
    advice: 'Serve it again; where memory is short, with a shorter context or a smaller model.',
  };
}

/** Only a folder that is there is told: one on a cluster is where the trainer says. */
async function outputOf(folder: string, said: string | undefined): Promise<Pick<RunReport, 'output'>> {
  if (said === undefined) return {};
  if (isAbsolute(said)) return { output: said };
  const path = join(folder, said);
  if (relative(folder, path).startsWith('..')) return {};
  return (await stat(path).catch(() => undefined))?.isDirectory() ? { output: path } : {};
}
