import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, messageOf, readLines } from './files.ts';
import type { Place, RowOf } from './rows.ts';

/** A line of the dataset that could not be used; `offset` in bytes. */
export interface BadRow extends Place {
  reason: string;
}

/** What tells a file that grew from one that was truncated, edited in place or replaced. */
export interface FileState {
  size: number;
  mtimeMs: number;
  inode: number;
  /** SHA-256, 16 hex digits, of the first and of the last bytes of what was read. */
  head: string;
  tail: string;
  /** Everything before this byte was read; a torn last line begins here. */
  readTo: number;
}

/** What is known of one file: its rows in the order of their lines. */
export interface ScannedFile<Row> {
  state: FileState;
  rows: Row[];
  bad: BadRow[];
}

export interface ScanChange<Row> {
  file: string;
  /** Rows of new lines. */
  added: Row[];
  /** Rows known before no longer stand: the file went away, or was read anew from its start. */
  replaced: boolean;
}

const PROBE = 4096;

/**
 * The rows of all files of one kind, kept up to date by reading only what was appended. `read` makes a row of a parsed line. Rows of a
 * file that was truncated, edited or replaced are dropped and the file is read anew.
 */
export class Scan<Row extends Place> {
  readonly kind: string;
  readonly read: RowOf<Row>;
  readonly files = new Map<string, ScannedFile<Row>>();

  constructor(kind: string, read: RowOf<Row>) {
    this.kind = kind;
    this.read = read;
  }

  /** `files`: those that exist now, relative to `root`. Returns what changed. */
  async refresh(root: string, files: readonly string[]): Promise<ScanChange<Row>[]> {
    const changes: ScanChange<Row>[] = [];
    const present = new Set(files);
    for (const file of [...this.files.keys()]) {
      if (present.has(file)) continue;
      this.files.delete(file);
      changes.push({ file, added: [], replaced: true });
    }
    for (const file of files) {
      const change = await this.#refreshFile(root, file);
      if (change) changes.push(change);
    }
    return changes;
  }

  /** All rows, files in the order given, lines in theirs. */
  *rows(order: readonly string[]): Generator<Row> {
    for (const file of order) yield* this.files.get(file)?.rows ?? [];
  }

  async #refreshFile(root: string, file: string): Promise<ScanChange<Row> | undefined> {
    const path = join(root, file);
    const known = this.files.get(file);
    try {
      // Most files are untouched most of the time: for them this is all.
      if (known && isUntouched(known.state, statOf(await stat(path)))) return undefined;
      const handle = await open(path, 'r');
      try {
        return await this.#readFile(handle, path, file, known);
      } finally {
        await handle.close();
      }
    } catch (error) {
      this.files.delete(file);
      // One file that may not be read must not hide the others.
      if (errorCode(error) !== 'ENOENT') this.files.set(file, unreadable(file, messageOf(error)));
      return known && known.rows.length > 0 ? { file, added: [], replaced: true } : undefined;
    }
  }

  async #readFile(
    handle: FileHandle,
    path: string,
    file: string,
    known: ScannedFile<Row> | undefined,
  ): Promise<ScanChange<Row>> {
    const now = statOf(await handle.stat());
    const before = known && (await hasOnlyGrown(handle, known.state, now)) ? known : undefined;
    const read = await this.#readFrom(path, file, before?.state.readTo ?? 0);
    const state = { ...now, readTo: read.readTo, ...(await probes(handle, read.readTo)) };
    if (before) {
      for (const row of read.rows) before.rows.push(row);
      for (const row of read.bad) before.bad.push(row);
    }
    this.files.set(file, { state, rows: before?.rows ?? read.rows, bad: before?.bad ?? read.bad });
    return { file, added: read.rows, replaced: known !== undefined && !before };
  }

  async #readFrom(path: string, file: string, from: number): Promise<{ rows: Row[]; bad: BadRow[]; readTo: number }> {
    const rows: Row[] = [];
    const bad: BadRow[] = [];
    let readTo = from;
    for await (const line of readLines(path, { from })) {
      const at = { file, offset: line.offset, length: line.length };
      // Its writer may be in the middle of it: looked at again at the next refresh.
      if ('error' in line && line.torn) break;
      readTo = line.offset + line.length;
      const row = 'error' in line ? line.error : this.read(line.value, at);
      if (typeof row === 'string') bad.push({ ...at, reason: row });
      else rows.push(row);
    }
    return { rows, bad, readTo };
  }
}

interface Stat {
  size: number;
  mtimeMs: number;
  inode: number;
}

function statOf({ size, mtimeMs, ino }: { size: number; mtimeMs: number; ino: number }): Stat {
  return { size, mtimeMs, inode: ino };
}

/** Looked at again at the next refresh: no file has this inode. */
function unreadable<Row>(file: string, reason: string): ScannedFile<Row> {
  const state: FileState = { size: 0, mtimeMs: 0, inode: -1, head: '', tail: '', readTo: 0 };
  return { state, rows: [], bad: [{ file, offset: 0, length: 0, reason }] };
}

function isUntouched(known: FileState, now: Stat): boolean {
  return known.size === now.size && known.mtimeMs === now.mtimeMs && known.inode === now.inode;
}

/**
 * Whether the bytes that were read still stand there. Not every byte is looked at: another inode, a smaller file, other first or last
 * bytes of what was read, or a touched file of the same size count as replaced. An edit in the middle that keeps every
 * length and is followed by an append before the next look goes unseen.
 */
async function hasOnlyGrown(handle: FileHandle, known: FileState, now: Stat): Promise<boolean> {
  if (now.inode !== known.inode || now.size <= known.size) return false;
  const { head, tail } = await probes(handle, known.readTo);
  return head === known.head && tail === known.tail;
}

async function probes(handle: FileHandle, readTo: number): Promise<{ head: string; tail: string }> {
  const size = Math.min(PROBE, readTo);
  return { head: await hashAt(handle, 0, size), tail: await hashAt(handle, readTo - size, size) };
}

async function hashAt(handle: FileHandle, offset: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = length === 0 ? { bytesRead: 0 } : await handle.read(bytes, 0, length, offset);
  return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex').slice(0, 16);
}
