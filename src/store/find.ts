import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SETTINGS_FILE } from './settings.ts';

/**
 * Dataset folders at or below `root`, at most `depth` levels down, sorted. Hidden folders, node_modules, symbolic links and what is inside a
 * dataset are not looked into.
 */
export async function findDatasets(root: string, depth = 3): Promise<string[]> {
  if (await isFile(join(root, SETTINGS_FILE))) return [resolve(root)];
  if (depth <= 0) return [];
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  const found: string[] = [];
  for (const folder of folders) found.push(...(await findDatasets(join(root, folder.name), depth - 1)));
  return found.sort();
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
