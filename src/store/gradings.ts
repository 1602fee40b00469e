import { join } from 'node:path';
import { GradingInfo, type GradingPolicy, GradingRow } from '../core/schemas/index.ts';
import type { Lock } from '../system/lock.ts';
import { StoreError } from './errors.ts';
import { appendLines, linesOf, readJson } from './lines/files.ts';
import { skippedLines } from './lines/skipped.ts';
import { refuseLinksIn } from './links.ts';
import { lockRound } from './lock.ts';
import { createNumbered, numberedNames, slug } from './names.ts';
import { writeJson } from './settings.ts';

const INFO_FILE = 'grading.json';
const ROWS_FILE = 'rows.jsonl';

/** A grading folder on disk. */
export interface StoredGrading {
  readonly folder: string;
  readonly info: GradingInfo;
}

/** A grading locked by this process. */
export interface HeldGrading extends StoredGrading {
  readonly lock: Lock;
}

/** The readable gradings of a dataset, by number. */
export async function listGradings(root: string): Promise<StoredGrading[]> {
  const parent = join(root, 'gradings');
  const found: StoredGrading[] = [];
  for (const name of await numberedNames(parent)) {
    const stored = await readGrading(join(parent, name));
    if (stored) found.push(stored);
  }
  return found;
}

/**
 * The policy of the last finished grading that was applied to a whole round or to `chain` of it; undefined when the policy of its plan applies. `since`:
 * when the round was created, ISO 8601; an earlier grading belongs to another round of the same name.
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

/** The valid rows of a grading in file order; damaged lines are reported to `log`. */
export function gradingRows(folder: string, log?: (text: string) => void): AsyncGenerator<GradingRow> {
  const path = join(folder, ROWS_FILE);
  return linesOf(path, GradingRow, (bad) =>
    log?.(skippedLines(path, bad, 'Their verdicts are missing. Regrade to replace them.')),
  );
}

/** Creates and locks the folder of a new grading, `<n>-<name of the policy>`. @throws StoreError `symbolic-link` */
export async function createGrading(root: string, info: GradingInfo): Promise<HeldGrading> {
  const parent = join(root, 'gradings');
  const folder = join(parent, await createNumbered(root, parent, slug(info.policy.name ?? 'policy', 'policy')));
  // Locked before its file exists, so that it is not listed as a stopped grading.
  const lock = await lockRound(folder, 'grading');
  await writeGrading(folder, info);
  return { folder, info, lock };
}

/**
 * Locks a stopped grading to resume it; undefined when it is running or has ended.
 * @throws StoreError `symbolic-link`.
 */
export async function resumeGrading(root: string, folder: string): Promise<HeldGrading | undefined> {
  await refuseLinksIn(root, folder);
  const lock = await lockRound(folder, 'grading').catch((error: unknown) => {
    if (error instanceof StoreError && error.kind === 'locked') return undefined;
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
