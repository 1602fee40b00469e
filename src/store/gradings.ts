import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GradingInfo, GradingRow } from '../core/model/index.ts';
import { byRoundNumber } from './dataset-index.ts';
import { appendLines, errorCode, readJson, readLines } from './files.ts';
import { refuseLinks } from './links.ts';
import { slug } from './names.ts';
import { writeJson } from './settings.ts';

const INFO_FILE = 'grading.json';
const ROWS_FILE = 'rows.jsonl';

/** A grading folder as it stands on disk. */
export interface StoredGrading {
  readonly folder: string;
  readonly info: GradingInfo;
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

/** Makes the folder of a new grading, `<n>-<name of the policy>`. Throws StoreError `symbolic-link`. */
export async function createGrading(root: string, info: GradingInfo): Promise<string> {
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
    await writeGrading(folder, info);
    return folder;
  }
}

export function writeGrading(folder: string, info: GradingInfo): Promise<void> {
  return writeJson(join(folder, INFO_FILE), GradingInfo.parse(info));
}

export async function appendGradingRows(folder: string, rows: readonly GradingRow[]): Promise<void> {
  await appendLines(join(folder, ROWS_FILE), rows);
}
