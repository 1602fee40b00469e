import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';

export const SETTINGS_FILE = 'longhand.json';

/** A dataset folder and the name that its settings give it. */
export interface DatasetRef {
  folder: string;
  name: string;
}

export interface FoundDataset extends DatasetRef {
  /** Whether its settings name a model, valid or not. */
  hasModel: boolean;
}

/** Levels of subfolders that are searched. */
const DEPTH = 2;
/** A home folder as workspace must not take minutes. */
const MAX_FOLDERS = 3000;
/** The problem file of the sample dataset, which is copied and not imported. */
const SAMPLE_FILE = 'sample.jsonl';
const SKIPPED = new Set(['node_modules', '__pycache__', 'venv', 'dist', 'build']);

/**
 * Datasets among `roots` and their subfolders down to two levels, sorted by folder. Skips unreadable and hidden folders, those of package
 * managers, and folders inside datasets. Searches level by level, so that the limit excludes the deepest folders.
 */
export async function findDatasets(roots: readonly string[]): Promise<FoundDataset[]> {
  const found = new Map<string, FoundDataset>();
  let level = [...new Set(roots)];
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level.slice(0, left)) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (entries.some((entry) => entry.name === SETTINGS_FILE && entry.isFile())) {
        found.set(folder, { folder, ...(await readSettings(folder)) });
      } else {
        const folders = entries.filter((entry) => entry.isDirectory() && isSearched(entry.name));
        next.push(...folders.map((entry) => join(folder, entry.name)));
      }
    }
    left -= level.length;
    level = left > 0 ? next : [];
  }
  return [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** What the datasets contain, for the walkthrough. */
export interface Contents {
  /** Problems other than the file of the sample dataset. */
  problems: boolean;
  exports: boolean;
  /** Finished evaluations. */
  evaluations: boolean;
}

/** Whether datasets have imported problems, exports and finished evaluations; unreadable folders count as empty. */
export async function findContents(folders: readonly string[]): Promise<Contents> {
  const contents = { problems: false, exports: false, evaluations: false };
  for (const folder of folders) {
    const list = (...path: string[]) => readdir(join(folder, ...path), { withFileTypes: true }).catch(() => []);
    const isFolder = (entry: Dirent): boolean => entry.isDirectory() && !entry.name.startsWith('.');
    const problems = await list('problems');
    contents.problems ||= problems.some(({ name }) => name.endsWith('.jsonl') && name !== SAMPLE_FILE);
    contents.exports ||= (await list('exports')).some(isFolder);
    for (const { name } of (await list('evaluations')).filter(isFolder)) {
      contents.evaluations ||= (await list('evaluations', name)).some((file) => file.name === 'scores.json');
    }
  }
  return contents;
}

const isSearched = (name: string): boolean => !name.startsWith('.') && !SKIPPED.has(name);

/** Name and models from `longhand.json`; the name of the folder if it can't be read. The store validates the file. */
async function readSettings(folder: string): Promise<Omit<FoundDataset, 'folder'>> {
  let settings: unknown;
  try {
    settings = JSON.parse(await readWholeText(join(folder, SETTINGS_FILE), LARGEST_STATE));
  } catch {
    // Reported when the dataset is opened.
  }
  if (typeof settings !== 'object' || settings === null) return { name: basename(folder), hasModel: false };
  const name = 'name' in settings && typeof settings.name === 'string' ? settings.name.trim() : '';
  return { name: name || basename(folder), hasModel: 'model' in settings || 'fineTuned' in settings };
}
