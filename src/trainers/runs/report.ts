import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { defined } from '../../core/defined.ts';
import {
  type JobFailure,
  type JobStatus,
  type ProgressLine,
  type RunAttempt,
  RunEnd,
  type RunRecord,
} from '../../core/schemas/index.ts';
import { explainServerFailure } from '../../core/serving/failure.ts';
import { type Ended, explainFailure } from '../../core/training/failure.ts';
import { framesOf, linesOf, progressSoFar } from '../../core/training/progress.ts';
import { withBeginnings } from '../../core/training/trainer-logs.ts';
import { type Engine, EngineError } from '../../engines/engine.ts';
import type { RunReport } from '../../protocol/training.ts';
import { StoreError } from '../../store/errors.ts';
import { readText } from '../../store/lines/files.ts';
import { plainName } from '../../store/names.ts';
import {
  attemptsOf,
  jobFolderOf,
  keepRunEnd,
  OUT_FOLDER,
  progressOf,
  readRunEnd,
  type StoredRun,
} from '../../store/runs.ts';
import { TRAINERS } from '../index.ts';
import { sharedResults } from '../place.ts';
import type { ProgressSource } from '../trainer.ts';
import { checkpointsOf } from './checkpoints.ts';
import { type LogRead, type LogSeen, readLog } from './read-log.ts';

const NO_LOG: LogRead = { end: '', frames: '' };

/** The status of a run, with its sources. */
export interface RunRead {
  report: RunReport;
  /** The trainer's relevant progress; see `progressSoFar`. */
  progress: ProgressLine[];
  /** Progress lines of the last attempt. */
  attempt: ProgressLine[];
  /** Number of progress lines so far, for the next attempt. */
  lineCount: number;
  /** The end of the last attempt's log. */
  log: string;
}

/**
 * Queries the engine and reads the job's files. When the engine does not answer, the state is `unreachable`.
 * @param engine of the run's record.
 * @param seen the read part of a remote log from earlier calls, so that only new lines are fetched.
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
  const found = progressSoFar(lines, alone ? 0 : last?.told);
  const report = await reportOf(run, { attempts: attempts.length, status, found, log, results });
  if (last && read.whole) await keepEnd(run, dataset, last, { status, report, ...(alone && { progress: lines }) });
  return { report, progress: found.lines, attempt: found.attempt, lineCount: alone ? 0 : lines.length, log };
}

/** Stores the end of an attempt on a cluster, so that it is not queried again. Failures are ignored: it is then queried again. */
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
    ...defined({ failure, progress }),
  });
  if (end.success) await keepRunEnd(dataset, record.id, handle.attempt, end.data).catch(() => undefined);
}

/** The status of a run with a stored end, without querying its engine; else undefined. */
export async function endedReport(run: StoredRun, dataset: string): Promise<RunReport | undefined> {
  const attempts = await attemptsOf(run);
  const last = attempts.at(-1);
  if (!last || last.handle.engine === 'local') return undefined;
  const end = await readRunEnd(dataset, run.record.id, last.handle.attempt);
  if (!end) return undefined;
  const results = await resultsOf(run);
  const { lines, alone } = await progressLines(run, results, NO_LOG);
  const found = alone ? progressSoFar(end.progress ?? []) : progressSoFar(lines, last.told);
  const report = await reportOf(run, { attempts: attempts.length, status: end.status, found, log: '', results });
  return end.failure ? { ...report, failure: end.failure } : report;
}

/**
 * The status of a run whose engine can't be queried, by its files, with the reason.
 * @param error of the query.
 */
export function unreachedReport(run: StoredRun, error: EngineError | StoreError): Promise<RunReport> {
  return storedReport(run, { state: 'unreachable', message: `${error.message} ${error.advice}` });
}

/** The status of a run by its files alone. @param message why, and how to query the engine */
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
  const found = progressSoFar(lines, attempts.at(-1)?.told);
  return reportOf(run, { attempts: attempts.length, status, found, log: '', results });
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

/** The folder of checkpoints and progress: the run, or shared storage if it is visible here. */
async function resultsOf({ folder, record }: StoredRun): Promise<string> {
  const shared = sharedResults(record.engine, folder, record.id);
  const there = shared !== undefined && (await stat(shared).catch(() => undefined))?.isDirectory();
  return there ? shared : folder;
}

interface Lines {
  lines: ProgressLine[];
  /** They are only of the last attempt, as in a log. */
  alone: boolean;
}

/** Steps of the complete checkpoints of a run; undefined when they are not visible here or hosted. */
export async function wholeSteps(run: StoredRun): Promise<number[] | undefined> {
  const { engine, training } = run.record;
  const results = await resultsOf(run);
  const elsewhere = engine.engine !== 'local' && results === run.folder;
  if (elsewhere || TRAINERS.find(({ name }) => name === training?.trainer)?.hosted) return undefined;
  return (await checkpointsOf(results, [])).flatMap(({ step, whole }) => (whole ? [step] : []));
}

/** The trainer's progress: by Longhand's callback, else its own file, else the log. */
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
  read: { attempts: number; status: Status; found: ReturnType<typeof progressSoFar>; log: string; results: string },
): Promise<RunReport> {
  const { found, results } = read;
  // Some trainers continue with a NaN loss; the result is not a model.
  const broken = read.status.state === 'succeeded' && explainFailure(found.error ?? '').kind === 'diverged';
  const status: Status = broken ? { ...read.status, state: 'failed' } : read.status;
  const { training, serving } = record;
  const { lines, attempt: _own, output, error, ...numbers } = found;
  const { secondsLeft, ...counts } = numbers;
  const left = status.state === 'running' ? secondsLeft : undefined;
  const failed = status.state === 'failed';
  const message = error ?? status.message;
  return {
    run: record.id,
    folder,
    ...(results !== folder && { results }),
    kind: record.kind,
    createdAt: record.createdAt,
    engine: record.engine,
    ...(training && { trainer: training.trainer, export: training.export }),
    ...(TRAINERS.find(({ name }) => name === training?.trainer)?.hosted && { hosted: true }),
    ...defined({ serving }),
    ...defined({ model: (training ?? serving)?.model }),
    ...status,
    ...defined({ message }),
    attempts: read.attempts,
    ...counts,
    ...(counts.total === undefined && training?.steps && { total: training.steps }),
    ...defined({ secondsLeft: left }),
    checkpoints: await checkpointsOf(results, lines),
    ...(!failed && (await outputOf(record, { folder, results }, output, status.state === 'succeeded'))),
    ...(failed && { failure: failureOf(record, broken ? (error ?? '') : read.log, status) }),
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
    advice: 'Serve it again. If memory is short, use a shorter context or a smaller model.',
  };
}

/**
 * Folder of the trained model where this machine can see it, else where the trainer of a cluster says that it is.
 * @param found by the trainer, relative to the run or absolute.
 */
async function outputOf(
  { engine, training }: RunRecord,
  { folder, results }: { folder: string; results: string },
  found: string | undefined,
  isFinished: boolean,
): Promise<Pick<RunReport, 'output' | 'missing'>> {
  const name = found ?? (isFinished ? ownOutput(training?.trainer) : undefined);
  if (name === undefined) return {};
  const isVisible = engine.engine === 'local' || results !== folder;
  if (isAbsolute(name) && !isVisible) return { output: name };
  const path = isAbsolute(name) ? name : join(results, name);
  if (!isAbsolute(name) && relative(results, path).startsWith('..')) return {};
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return { output: path };
  const hosted = TRAINERS.find((one) => one.name === training?.trainer)?.hosted;
  return isFinished && isVisible && !hosted ? { missing: path } : {};
}
