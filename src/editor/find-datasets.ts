import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export const SETTINGS_FILE = 'longhand.json';

/** A dataset folder and the name that its settings give it. */
export interface DatasetRef {
  folder: string;
  name: string;
}

/** How deep below a workspace folder datasets are looked for. */
const DEPTH = 2;
/** A home folder opened as workspace must not be read for minutes. */
const MAX_FOLDERS = 3000;
const SKIPPED = new Set(['node_modules', '__pycache__', 'venv', 'dist', 'build']);

/**
 * Datasets among `roots` and their subfolders down to two levels, each once, sorted by folder. Folders that can't be read, hidden
 * ones and those of package managers are passed over; a dataset is not searched for further ones. Level by level, so that the limit
 * of folders cuts off the deepest.
 */
export async function findDatasets(roots: readonly string[]): Promise<DatasetRef[]> {
  const found = new Map<string, DatasetRef>();
  let level = [...new Set(roots)];
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level.slice(0, left)) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (entries.some((entry) => entry.name === SETTINGS_FILE && entry.isFile())) {
        found.set(folder, { folder, name: await datasetName(folder) });
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

const isSearched = (name: string): boolean => !name.startsWith('.') && !SKIPPED.has(name);

/** The name in `longhand.json`, or the folder's when that can't be read; whether the file is valid is the store's affair. */
async function datasetName(folder: string): Promise<string> {
  try {
    const settings: unknown = JSON.parse(await readFile(join(folder, SETTINGS_FILE), 'utf8'));
    if (typeof settings === 'object' && settings !== null && 'name' in settings) {
      const { name } = settings;
      if (typeof name === 'string' && name.trim() !== '') return name;
    }
  } catch {
    // Told when the dataset is opened, with what is wrong.
  }
  return basename(folder);
}
