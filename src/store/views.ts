import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TableView } from '../core/review/table/view.ts';
import { readdirIfExists, readJson } from './lines/files.ts';
import { refuseLinks } from './links.ts';
import { safeName } from './names.ts';
import { writeJson } from './settings.ts';

/** Most views that are listed. */
const MOST = 500;
/** In bytes. */
const LARGEST = 256 * 1024;

const folderOf = (root: string): string => join(root, 'views');

function fileOf(root: string, name: string): string {
  return join(folderOf(root), `${safeName(name)}.json`);
}

/**
 * The saved views of a dataset by name. Links and files that are no views are ignored, as are files whose name is not that of their view: saving or
 * removing the view would change another file.
 */
export async function readViews(root: string): Promise<TableView[]> {
  const views: TableView[] = [];
  for (const file of (await readdirIfExists(folderOf(root))).sort()) {
    if (!file.endsWith('.json') || views.length >= MOST) continue;
    const path = join(folderOf(root), file);
    if (!(await lstat(path).catch(() => undefined))?.isFile()) continue;
    const view = await readJson(path, TableView, LARGEST).catch(() => undefined);
    if (view !== undefined && fileOf(root, view.name) === path) views.push(view);
  }
  return views.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Saves a view, and replaces one of the same name. @throws StoreError `symbolic-link` */
export async function saveView(root: string, view: TableView): Promise<void> {
  const path = fileOf(root, view.name);
  await refuseLinks(root, path);
  await mkdir(folderOf(root), { recursive: true });
  await writeJson(path, TableView.parse(view));
}

/** Removes a view; a missing one is ignored. @throws StoreError `symbolic-link` */
export async function removeView(root: string, name: string): Promise<void> {
  const path = fileOf(root, name);
  await refuseLinks(root, path);
  await rm(path, { force: true });
}
