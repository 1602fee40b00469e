import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JournalLine } from '../core/schemas/index.ts';
import type { Lock } from '../system/lock.ts';
import { linesOf } from './lines/files.ts';
import { refuseLinksIn } from './links.ts';
import { lockRound } from './lock.ts';

/** The journal of a dataset's prompt workbench, whose calls belong to no round. */
export function workbenchJournal(folder: string): string {
  return join(folder, 'workbench', 'journal.jsonl');
}

/** Locks the workbench's journal for this process. @throws StoreError `locked` or `symbolic-link` */
export async function lockWorkbench(folder: string): Promise<Lock> {
  const own = dirname(workbenchJournal(folder));
  await refuseLinksIn(folder, own);
  await mkdir(own, { recursive: true });
  return lockRound(own, 'workbench');
}

/** The line of one call in the workbench's journal, or undefined. */
export async function workbenchCall(folder: string, key: string): Promise<JournalLine | undefined> {
  for await (const line of linesOf(workbenchJournal(folder), JournalLine)) if (line.key === key) return line;
  return undefined;
}
