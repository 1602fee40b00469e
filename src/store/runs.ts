import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProgressLine, RunAttempt, RunRecord } from '../core/model/index.ts';
import { StoreError } from './errors.ts';
import { appendLines, errorCode, messageOf, readdirOrNothing, readText, temporaryPath, writeAtomic } from './files.ts';
import { linesOf } from './lines.ts';
import { refuseLinks } from './links.ts';
import { freeName, plainName } from './names.ts';
import { parseFile, writeJson } from './settings.ts';

const FOLDER = 'runs';
const RECORD_FILE = 'run.json';
const ATTEMPTS_FILE = 'attempts.jsonl';
/** What the trainer says of itself; written by the job, read by everybody. */
export const PROGRESS_FILE = 'progress.jsonl';
/** What is sent to the engine. */
export const JOB_FOLDER = 'job';
/** Where the job leaves checkpoints and results. */
export const OUT_FOLDER = 'out';
/** What an attempt of the job wrote on stdout and stderr, where this machine ran it. */
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
 * Where this machine keeps an attempt that it runs: `log.txt`, and the files of src/engines/local.
 * @param attempt from 1.
 * @throws StoreError `bad-name`.
 */
export function attemptFolder(root: string, id: string, attempt: number): string {
  return join(runFolder(root, id), ATTEMPTS_FOLDER, plainName(String(attempt), 'an attempt'));
}

/** Numbers of the attempts that this machine ran or runs, smallest first. */
export async function localAttempts(root: string, id: string): Promise<number[]> {
  const names = await readdirOrNothing(join(runFolder(root, id), ATTEMPTS_FOLDER));
  return names
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Names of the folders of all runs, also of those that cannot be read. */
export async function runNames(root: string): Promise<string[]> {
  return (await readdirOrNothing(join(root, FOLDER))).filter((name) => !name.startsWith('.'));
}

/** The readable runs of a dataset, oldest first. */
export async function listRuns(root: string): Promise<StoredRun[]> {
  return (await scanRuns(root)).runs;
}

/** A folder that should be a run and can't be read as one. */
export interface BrokenRun {
  /** Its name. */
  run: string;
  /** Of what is wrong. */
  path: string;
  message: string;
}

/** The readable runs of a dataset, oldest first, and what stands beside them. */
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
      const advice = error instanceof StoreError ? ` ${error.advice}` : '';
      broken.push({ run, path, message: `${messageOf(error)}${advice}` });
    }
  }
  return { runs: runs.sort((a, b) => (a.record.createdAt < b.record.createdAt ? -1 : 1)), broken };
}

/** @throws StoreError `bad-plan`, also where the folder was copied or renamed: its job is not the one that the engine knows by the id within. */
function recordIn(path: string, text: string, id: string): RunRecord {
  const record = parseFile(path, text, RunRecord, 'bad-plan');
  if (record.id === id) return record;
  // The engine would answer for the other run, and its job be resumed or stopped.
  const advice = `Give it the name “${record.id}” again, or delete it.`;
  throw new StoreError('bad-plan', `The folder runs/${id} is a copy of run “${record.id}”.`, advice);
}

/** Throws StoreError `bad-name`, `unknown-run`, `symbolic-link`, or `bad-plan`, also where the folder is another run's copy. */
export async function readRun(root: string, id: string): Promise<StoredRun> {
  const folder = runFolder(root, id);
  await refuseLinks(root, folder);
  const path = join(folder, RECORD_FILE);
  const text = await readText(path);
  if (text === undefined) {
    const ids = (await listRuns(root)).map(({ record }) => record.id);
    const there = ids.length === 0 ? 'It has none yet.' : `It has ${ids.join(', ')}.`;
    throw new StoreError('unknown-run', `The dataset has no run “${id}”.`, there);
  }
  return { folder, record: recordIn(path, text, id) };
}

/** A text, a copy of a file, or what is written at the path that `make` is given. */
export type NewFile = string | { source: string } | { make: (path: string) => Promise<void> };

/**
 * Makes the folder of a run with its record and the files of its job, whole or not at all.
 * @param files texts, or files that are copied, by their path within the job's folder.
 * @throws StoreError `bad-name`, `symbolic-link` or `round-exists`.
 */
export async function createRun(
  root: string,
  record: RunRecord,
  files: ReadonlyMap<string, NewFile> = new Map(),
): Promise<StoredRun> {
  const parent = join(root, FOLDER);
  await refuseLinks(root, parent);
  await mkdir(parent, { recursive: true });
  const folder = runFolder(root, record.id);
  const draft = temporaryPath(folder);
  try {
    await mkdir(join(draft, JOB_FOLDER), { recursive: true });
    for (const [path, content] of files) await putFile(join(draft, JOB_FOLDER, path), content);
    await writeJson(join(draft, RECORD_FILE), RunRecord.parse(record));
    await rename(draft, folder);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    throw new StoreError('round-exists', `There is a run “${record.id}” already.`, 'Start it again.');
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { folder, record };
}

async function putFile(path: string, content: NewFile): Promise<void> {
  if (typeof content === 'string') return writeAtomic(path, content);
  if ('make' in content) return content.make(path);
  await mkdir(dirname(path), { recursive: true });
  // Where the file system can, both share their blocks until one is written to.
  await copyFile(content.source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}

/** The attempts of this run, oldest first: a handle of another run, such as in a copied file, would have that one's job asked and stopped. */
export async function attemptsOf({ folder, record }: StoredRun): Promise<RunAttempt[]> {
  const attempts = await all(linesOf(join(folder, ATTEMPTS_FILE), RunAttempt));
  return attempts.filter(({ handle }) => handle.runId === record.id);
}

/** To be called before the attempt is submitted. */
export async function appendAttempt({ folder }: StoredRun, attempt: RunAttempt): Promise<void> {
  await appendLines(join(folder, ATTEMPTS_FILE), [RunAttempt.parse(attempt)]);
}

/** What the trainer said of itself so far, by its own file in the run. */
export async function progressOf({ folder }: StoredRun): Promise<ProgressLine[]> {
  return all(linesOf(join(folder, PROGRESS_FILE), ProgressLine));
}

/** Adds a line that Longhand itself says of a training. */
export async function appendProgress({ folder }: StoredRun, line: ProgressLine): Promise<void> {
  await appendLines(join(folder, PROGRESS_FILE), [ProgressLine.parse(line)]);
}

async function all<T>(lines: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** What is sent to the engine, on this machine. */
export function jobFolderOf({ folder }: StoredRun): string {
  return join(folder, JOB_FOLDER);
}

/**
 * Writes a file of the job anew, such as a configuration that was edited.
 * @throws StoreError `symbolic-link`.
 */
export async function replaceJobFile(run: StoredRun, path: string, content: string): Promise<void> {
  const target = join(jobFolderOf(run), ...path.split('/'));
  await refuseLinks(run.folder, target);
  await writeAtomic(target, content);
}

/** A name that no run of the dataset has yet: `name`, or with `-2`, `-3` … behind it. */
export async function freeRunId(root: string, name: string): Promise<string> {
  return freeName(join(root, FOLDER), name, '');
}

/** The training by that trainer that was begun last. */
export async function latestTraining(root: string, trainer: string): Promise<StoredRun | undefined> {
  return (await listRuns(root)).findLast(({ record }) => record.training?.trainer === trainer);
}
