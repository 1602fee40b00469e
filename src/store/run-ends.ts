import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RunEnd } from '../core/model/index.ts';
import { createAtomic, readJson } from './files.ts';
import { refuseLinks } from './links.ts';
import { attemptFolder } from './runs.ts';

const pathOf = (root: string, id: string, attempt: number): string =>
  join(attemptFolder(root, id, attempt), 'end.json');

/** How an attempt ended, where its engine has told it once. */
export function readRunEnd(root: string, id: string, attempt: number): Promise<RunEnd | undefined> {
  return readJson(pathOf(root, id, attempt), RunEnd);
}

/** Written once: what has ended does not end otherwise. @throws StoreError `symbolic-link`; what writing throws. */
export async function keepRunEnd(root: string, id: string, attempt: number, end: RunEnd): Promise<void> {
  const path = pathOf(root, id, attempt);
  await refuseLinks(root, path);
  await mkdir(dirname(path), { recursive: true });
  await createAtomic(path, `${JSON.stringify(RunEnd.parse(end))}\n`);
}
