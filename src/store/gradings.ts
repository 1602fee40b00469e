import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GradingInfo, type GradingPolicy, GradingRow } from '../core/model/index.ts';
import { byRoundNumber } from './dataset-index.ts';
import { StoreError } from './errors.ts';
import { appendLines, errorCode, readJson, readLines } from './files.ts';
import { refuseLinks, refuseLinksIn } from './links.ts';
import { lockRound, type RoundLock } from './lock.ts';
import { slug } from './names.ts';
import { writeJson } from './settings.ts';

const INFO_FILE = 'grading.json';
const ROWS_FILE = 'rows.jsonl';

/** A grading folder as it stands on disk. */
export interface StoredGrading {
  readonly folder: string;
  readonly info: GradingInfo;
}

/** A grading that only this process writes until the lock is released. */
export interface HeldGrading extends StoredGrading {
  readonly lock: RoundLock;
}

/** The readable gradings of a dataset, by number. */
export async function listGradings(root: string): Promise<StoredGrading[]> {
  const parent = join(root, 'gradings');
  const names = await readdir(parent).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const found: StoredGrading[] = [];
  for (const name of names.filter((each) => !each.startsWith('.')).sort(byRoundNumber)) {
    const stored = await readGrading(join(parent, name));
    if (stored) found.push(stored);
  }
  return found;
}

/**
 * The policy of the last finished grading that was applied to a whole round, or, with `chain`, to that chain of it. Undefined where there
 * is none: then the round goes by its plan. `since`: when the round was made, ISO 8601; an earlier grading was of another round of its name.
 */
export async function appliedPolicy(
  root: string,
  { round, since, chain }: { round: string; since: string; chain?: string },
): Promise<GradingPolicy | undefined> {
  const last = (await listGradings(root)).findLast(
    ({ info }) =>
      info.applied &&
      info.finishedAt !== undefined &&
      info.finishedAt >= since &&
      info.rounds.includes(round) &&
      (info.chains === undefined || (chain !== undefined && info.chains.includes(chain))),
  );
  return last?.info.policy;
}

/** Undefined when the folder holds no grading. */
export async function readGrading(folder: string): Promise<StoredGrading | undefined> {
  const info = await readJson(join(folder, INFO_FILE), GradingInfo);
  return info && { folder, info };
}

/** The rows of a grading in file order; lines that cannot be read are passed over. */
export async function* gradingRows(folder: string): AsyncGenerator<GradingRow> {
  try {
    for await (const line of readLines(join(folder, ROWS_FILE))) {
      const row = 'error' in line ? undefined : GradingRow.safeParse(line.value).data;
      if (row !== undefined) yield row;
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes the folder of a new grading, `<n>-<name of the policy>`, and takes it for this process. Throws StoreError `symbolic-link`. */
export async function createGrading(root: string, info: GradingInfo): Promise<HeldGrading> {
  const parent = join(root, 'gradings');
  await refuseLinks(root, parent);
  await mkdir(parent, { recursive: true });
  const numbers = (await readdir(parent)).map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
  for (let number = Math.max(0, ...numbers) + 1; ; number += 1) {
    const folder = join(parent, `${number}-${slug(info.policy.name ?? 'policy', 'policy')}`);
    try {
      await mkdir(folder);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    // Locked before it can be listed: until then no one takes it for one that was stopped.
    const lock = await lockRound(folder, 'grading');
    await writeGrading(folder, info);
    return { folder, info, lock };
  }
}

/**
 * Takes a grading that was stopped for this process. Undefined when it was not: it runs elsewhere, or has ended since it was listed.
 * Throws StoreError `symbolic-link`.
 */
export async function resumeGrading(root: string, folder: string): Promise<HeldGrading | undefined> {
  await refuseLinksIn(root, folder);
  const lock = await lockRound(folder, 'grading').catch((error: unknown) => {
    if (error instanceof StoreError && error.problem === 'locked') return undefined;
    throw error;
  });
  if (!lock) return undefined;
  const stored = await readGrading(folder);
  if (stored && stored.info.finishedAt === undefined) return { ...stored, lock };
  await lock.release();
  return undefined;
}

export function writeGrading(folder: string, info: GradingInfo): Promise<void> {
  return writeJson(join(folder, INFO_FILE), GradingInfo.parse(info));
}

export async function appendGradingRows(folder: string, rows: readonly GradingRow[]): Promise<void> {
  await appendLines(join(folder, ROWS_FILE), rows);
}
