import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JournalLine } from '../core/model/index.ts';
import { readLines } from './files.ts';
import { refuseLinksIn } from './links.ts';
import { lockRound, type RoundLock } from './lock.ts';

/** The journal of the prompt workbench of a dataset folder. Its calls belong to no round. */
export function workbenchJournal(folder: string): string {
  return join(folder, 'workbench', 'journal.jsonl');
}

/** Takes the workbench's journal for this process. Throws StoreError `locked` or `symbolic-link`. */
export async function lockWorkbench(folder: string): Promise<RoundLock> {
  const own = dirname(workbenchJournal(folder));
  await refuseLinksIn(folder, own);
  await mkdir(own, { recursive: true });
  return lockRound(own, 'workbench');
}

/** The line of one call in the workbench's journal, or undefined. */
export async function workbenchCall(folder: string, key: string): Promise<JournalLine | undefined> {
  for await (const line of readLines(workbenchJournal(folder))) {
    if ('error' in line) continue;
    const found = JournalLine.safeParse(line.value).data;
    if (found?.key === key) return found;
  }
  return undefined;
}
