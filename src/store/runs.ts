import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { ProgressLine, RunAttempt, RunEnd, RunRecord } from '../core/schemas/index.ts';
import { createAtomic, writeAtomic } from '../system/atomic-write.ts';
import { copyRegular, FileKindError } from '../system/regular-file.ts';
import { StoreError } from './errors.ts';
import { allLinesOf, appendLines, readdirIfExists, readJson, readText } from './lines/files.ts';
import { refuseLinks } from './links.ts';
import { createWhole, freeName, plainName } from './names.ts';
import { parseFile, writeJson } from './settings.ts';

const FOLDER = 'runs';
const RECORD_FILE = 'run.json';
const ATTEMPTS_FILE = 'attempts.jsonl';
/** The trainer's progress, written by the job. */
export const PROGRESS_FILE = 'progress.jsonl';
/** Files sent to the engine. */
export const JOB_FOLDER = 'job';
/** Checkpoints and results of the job. */
export const OUT_FOLDER = 'out';
/** The stdout and stderr of a local attempt. */
export const LOG_FILE = 'log.txt';
const ATTEMPTS_FOLDER = 'attempts';

export interface StoredRun {
  folder: string;
  record: RunRecord;
}

/** @throws StoreError `bad-name`. */
export function runFolder(root: string, id: string): string {
  return join(root, FOLDER, plainName(id, 'a run'));
}

/**
 * The folder of a local attempt: `log.txt` and the files of src/engines/local.
 * @param attempt from 1.
 * @throws StoreError `bad-name`.
 */
export function attemptFolder(root: string, id: string, attempt: number): string {
  return join(runFolder(root, id), ATTEMPTS_FOLDER, plainName(String(attempt), 'an attempt'));
}

/** Numbers of the local attempts, in order. */
export async function localAttempts(root: string, id: string): Promise<number[]> {
  const names = await readdirIfExists(join(runFolder(root, id), ATTEMPTS_FOLDER));
  return names
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Names of all run folders, also of unreadable ones. */
export async function runNames(root: string): Promise<string[]> {
  return (await readdirIfExists(join(root, FOLDER))).filter((name) => !name.startsWith('.'));
}

/** The readable runs of a dataset, oldest first. */
export async function listRuns(root: string): Promise<StoredRun[]> {
  return (await scanRuns(root)).runs;
}

/** An unreadable run folder. */
export interface BrokenRun {
  /** Its name. */
  run: string;
  /** The file with the problem. */
  path: string;
  message: string;
}

/** The readable runs of a dataset, oldest first, and the unreadable ones. */
export async function scanRuns(root: string): Promise<{ runs: StoredRun[]; broken: BrokenRun[] }> {
  const runs: StoredRun[] = [];
  const broken: BrokenRun[] = [];
  for (const run of await runNames(root)) {
    const folder = join(root, FOLDER, run);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) continue;
    const path = join(folder, RECORD_FILE);
    try {
      const text = await readText(path);
      if (text === undefined) broken.push({ run, path, message: `${path} is missing.` });
      else runs.push({ folder, record: recordIn(path, text, run) });
    } catch (error) {
      const advice = error instanceof StoreError || error instanceof FileKindError ? ` ${error.advice}` : '';
      broken.push({ run, path, message: `${messageOf(error)}${advice}` });
    }
  }
  return { runs: runs.sort((a, b) => (a.record.createdAt < b.record.createdAt ? -1 : 1)), broken };
}

/** @throws StoreError `bad-plan`, also for a copied or renamed folder. */
function recordIn(path: string, text: string, id: string): RunRecord {
  const record = parseFile(path, text, RunRecord, 'bad-plan');
  if (record.id === id) return record;
  // The engine would resume or stop the job of the other run.
  const advice = `Rename it to “${record.id}”, or delete it.`;
  throw new StoreError('bad-plan', `The folder runs/${id} is a copy of run “${record.id}”.`, advice);
}

/** @throws StoreError `bad-name`, `unknown-run`, `symbolic-link`, or `bad-plan`, also for a copy of another run. */
export async function readRun(root: string, id: string): Promise<StoredRun> {
  const folder = runFolder(root, id);
  await refuseLinks(root, folder);
  const path = join(folder, RECORD_FILE);
  const text = await readText(path);
  if (text === undefined) {
    const ids = (await listRuns(root)).map(({ record }) => record.id);
    const existing = ids.length === 0 ? 'It has none yet.' : `It has ${ids.join(', ')}.`;
    throw new StoreError('unknown-run', `The dataset has no run “${id}”.`, existing);
  }
  return { folder, record: recordIn(path, text, id) };
}

/** A text, a copy of a file, or a file that `make` writes at the given path. */
export type NewFile = string | { source: string } | { make: (path: string) => Promise<void> };

/**
 * Creates the folder of a run with its record and the files of its job.
 * @param files texts, or files that are copied, by their path within the job's folder.
 * @throws StoreError `bad-name`, `symbolic-link` or `round-exists`.
 */
export async function createRun(
  root: string,
  record: RunRecord,
  files: ReadonlyMap<string, NewFile> = new Map(),
): Promise<StoredRun> {
  const folder = runFolder(root, record.id);
  await createWhole(root, folder, `Run “${record.id}”`, async (draft) => {
    await mkdir(join(draft, JOB_FOLDER), { recursive: true });
    for (const [path, content] of files) await putFile(join(draft, JOB_FOLDER, path), content);
    await writeJson(join(draft, RECORD_FILE), RunRecord.parse(record));
  });
  return { folder, record };
}

async function putFile(path: string, content: NewFile): Promise<void> {
  if (typeof content === 'string') return writeAtomic(path, content);
  if ('make' in content) return content.make(path);
  await mkdir(dirname(path), { recursive: true });
  await copyRegular(content.source, path);
}

/** The attempts of this run, oldest first, without those of other runs in a copied file. */
export async function attemptsOf({ folder, record }: StoredRun): Promise<RunAttempt[]> {
  const attempts = await allLinesOf(join(folder, ATTEMPTS_FILE), RunAttempt);
  return attempts.filter(({ handle }) => handle.runId === record.id);
}

/** Called before the attempt is submitted. @throws StoreError `symbolic-link` */
export async function appendAttempt({ folder }: StoredRun, attempt: RunAttempt): Promise<void> {
  await refuseLinks(folder, join(folder, ATTEMPTS_FILE));
  await appendLines(join(folder, ATTEMPTS_FILE), [RunAttempt.parse(attempt)]);
}

/** The trainer's progress so far. */
export async function progressOf({ folder }: StoredRun): Promise<ProgressLine[]> {
  return allLinesOf(join(folder, PROGRESS_FILE), ProgressLine);
}

/** Adds a progress line of Longhand itself. */
export async function appendProgress({ folder }: StoredRun, line: ProgressLine): Promise<void> {
  await refuseLinks(folder, join(folder, PROGRESS_FILE));
  await appendLines(join(folder, PROGRESS_FILE), [ProgressLine.parse(line)]);
}

/** The folder of the files for the engine. */
export function jobFolderOf({ folder }: StoredRun): string {
  return join(folder, JOB_FOLDER);
}

/**
 * Replaces a file of the job, such as an edited configuration.
 * @throws StoreError `symbolic-link`.
 */
export async function replaceJobFile(run: StoredRun, path: string, content: string): Promise<void> {
  const target = join(jobFolderOf(run), ...path.split('/'));
  await refuseLinks(run.folder, target);
  await writeAtomic(target, content);
}

/** A free name for a run: `name`, or with `-2`, `-3` … added. */
export async function freeRunId(root: string, name: string): Promise<string> {
  return freeName(join(root, FOLDER), name, '');
}

/** The latest training with this trainer. */
export async function latestTraining(root: string, trainer: string): Promise<StoredRun | undefined> {
  return (await listRuns(root)).findLast(({ record }) => record.training?.trainer === trainer);
}

const pathOf = (root: string, id: string, attempt: number): string =>
  join(attemptFolder(root, id, attempt), 'end.json');

/** How an attempt ended, as first reported by its engine. */
export function readRunEnd(root: string, id: string, attempt: number): Promise<RunEnd | undefined> {
  return readJson(pathOf(root, id, attempt), RunEnd);
}

/** Stores the end once; later calls do nothing. @throws StoreError `symbolic-link`; the error of the file system */
export async function keepRunEnd(root: string, id: string, attempt: number, end: RunEnd): Promise<void> {
  const path = pathOf(root, id, attempt);
  await refuseLinks(root, path);
  await mkdir(dirname(path), { recursive: true });
  await createAtomic(path, `${JSON.stringify(RunEnd.parse(end))}\n`);
}
