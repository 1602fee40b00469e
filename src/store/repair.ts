import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RepairedFile } from '../protocol/damage.ts';
import { openMakingFolder, renameOver, sweepTemporaries, temporaryPath } from '../system/atomic-write.ts';
import { copyRegular, FileKindError, openReadStream, openRegular } from '../system/regular-file.ts';
import { utf16Order } from './chain-index/scan.ts';
import type { BadRow } from './chain-index/scan-part.ts';
import type { Dataset } from './dataset.ts';
import { StoreError } from './errors.ts';
import { lockEvaluation } from './evaluations.ts';
import { endsInsideLine } from './lines/files.ts';
import { refuseLinks, refuseLinksIn } from './links.ts';
import { lockRound } from './lock.ts';
import { freeName } from './names.ts';
import { lockWorkbench } from './workbench.ts';

const CHUNK = 1 << 20;

export interface Repair {
  repaired: RepairedFile[];
  skipped: { file: string; reason: string }[];
}

/**
 * Moves unreadable lines byte for byte to `<file>.damaged` beside their file and rewrites the file without them. A UTF-16 file is converted to UTF-8, and
 * the original is kept as `<file>.utf-16`. Files of running processes are skipped.
 * @param files relative to the dataset; all damaged ones when absent.
 */
export async function repairDataset(dataset: Dataset, files?: readonly string[]): Promise<Repair> {
  const damaged = await dataset.index.findDamage();
  const found = damaged.filter(({ file }) => files === undefined || files.includes(file));
  const result: Repair = { repaired: [], skipped: [] };
  for (const { file, whole, utf16 } of found) {
    if (whole !== undefined && !utf16) {
      result.skipped.push({ file, reason: whole });
      continue;
    }
    try {
      const repaired = await withFileLock(dataset, file, () => repairFile(dataset, file));
      if (repaired) result.repaired.push(repaired);
    } catch (error) {
      if (!(error instanceof StoreError) && !(error instanceof FileKindError)) throw error;
      result.skipped.push({ file, reason: `${error.message} ${error.advice}` });
    }
  }
  await dataset.index.findDamage();
  return result;
}

/** Runs `work` with the lock of a file's writer. Reviews and labels have no lock, since they are appended to in one write; see `replace`. */
async function withFileLock<T>(dataset: Dataset, file: string, work: () => Promise<T>): Promise<T> {
  const [kind, name = ''] = file.split('/');
  const folder = join(dataset.folder, dirname(file));
  await refuseLinksIn(dataset.folder, folder);
  const lock = await lockOf(dataset, kind, name, folder);
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}

async function lockOf(dataset: Dataset, kind: string | undefined, name: string, folder: string) {
  switch (kind) {
    case 'rounds':
      return dataset.lockRound(name);
    case 'judge':
      return dataset.lockJudge();
    case 'workbench':
      return lockWorkbench(dataset.folder);
    case 'evaluations':
      return lockEvaluation(dataset.folder, folder);
    case 'gradings':
      return lockRound(folder, 'grading');
    case 'exports':
      throw new StoreError(
        'read-only',
        'An export is never changed, since its manifest lists the hash of each file.',
        'Export again.',
      );
    default:
      return undefined;
  }
}

async function repairFile(dataset: Dataset, file: string): Promise<RepairedFile | undefined> {
  // The file may have changed before it was locked. Now no writer can complete a torn line.
  await dataset.refresh();
  const bad = dataset.index.badRows(Number.POSITIVE_INFINITY).find(([row]) => row?.file === file);
  if (!bad) return undefined;
  const path = join(dataset.folder, file);
  await sweepTemporaries(dirname(path));
  const draft = temporaryPath(path);
  try {
    if (bad.some(({ whole }) => whole === 'utf-16')) return await convert(dataset.folder, file, draft);
    const side = `${file}.damaged`;
    await refuseLinks(dataset.folder, join(dataset.folder, side));
    await moveLines(path, join(dataset.folder, side), draft, bad);
    return { file, lines: bad.length, side };
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes the lines to the side file first, so that a crash leaves them in both files. */
async function moveLines(path: string, side: string, draft: string, bad: readonly BadRow[]): Promise<void> {
  const from = await openRegular(path);
  try {
    const { size } = await from.stat();
    const [kept, moved] = [await open(draft, 'wx'), await openMakingFolder(side, 'a+')];
    try {
      if (await endsInsideLine(moved, (await moved.stat()).size)) await moved.writeFile('\n');
      let position = 0;
      for (const { offset, length } of bad) {
        const end = await lineEnd(from, offset + length, size);
        await copyBytes(from, kept, position, offset);
        await copyBytes(from, moved, offset, end);
        position = end;
      }
      await copyBytes(from, kept, position, size);
      await moved.sync();
      await kept.sync();
    } finally {
      await kept.close();
      await moved.close();
    }
    await replace(draft, path, from, size);
  } finally {
    await from.close();
  }
}

/** The offset after the line end at `at`, `\n` or `\r\n`. */
async function lineEnd(file: FileHandle, at: number, size: number): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, at);
  const end = buffer.subarray(0, bytesRead).toString('latin1');
  return Math.min(size, at + (end === '\r\n' ? 2 : end.startsWith('\n') || end === '\r' ? 1 : 0));
}

async function copyBytes(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(0, end - start)));
  for (let position = start; position < end; ) {
    const { bytesRead } = await from.read(chunk, 0, Math.min(chunk.length, end - position), position);
    if (bytesRead === 0)
      throw new StoreError('changed-below', 'The file became shorter while it was repaired.', 'Try again.');
    await to.writeFile(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/**
 * Replaces a file with the draft and copies what was appended to the old file (open as `old`) after its first `size` bytes. A process that appends later
 * notices the replacement; see `appendLines`.
 */
async function replace(draft: string, path: string, old: FileHandle, size: number): Promise<void> {
  await renameOver(draft, path);
  const { size: now } = await old.stat();
  if (now <= size) return;
  const file = await open(path, 'a');
  try {
    await copyBytes(old, file, size, now);
  } finally {
    await file.close();
  }
}

/** Converts a UTF-16 file to UTF-8. Invalid code units become U+FFFD. */
async function convert(root: string, file: string, draft: string): Promise<RepairedFile> {
  const path = join(root, file);
  const name = file.slice(file.lastIndexOf('/') + 1);
  const side = `${dirname(file)}/${await freeName(join(root, dirname(file)), name, '.utf-16')}`;
  await refuseLinks(root, join(root, side));
  const from = await openRegular(path);
  try {
    const { size } = await from.stat();
    const decoder = new TextDecoder(await utf16Order(from));
    await copyRegular(path, join(root, side));
    const to = await open(draft, 'wx');
    try {
      for await (const chunk of await openReadStream(path, { highWaterMark: CHUNK })) {
        await to.writeFile(decoder.decode(chunk as Buffer, { stream: true }));
      }
      await to.writeFile(decoder.decode());
      await to.sync();
    } finally {
      await to.close();
    }
    await replace(draft, path, from, size);
  } finally {
    await from.close();
  }
  return { file, lines: 0, side, converted: true };
}
