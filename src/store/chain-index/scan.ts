import { createHash } from 'node:crypto';
import { type FileHandle, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { FileKindError, openRegular } from '../../system/regular-file.ts';
import { errorCode, readLines } from '../lines/files.ts';
import type { Place, RowOf } from './rows.ts';

/** A line of the dataset that could not be used. */
export const BadRow = z.object({
  file: z.string(),
  /** In bytes, without the line's end. */
  offset: z.number().int().nonnegative(),
  length: z.number().int().nonnegative(),
  /** Counts from 1. */
  line: z.number().int().positive(),
  reason: z.string(),
  /** Nothing of the file can be read: what it is, or that it is UTF-16 text. */
  whole: z.enum(['unreadable', 'utf-16']).optional(),
});
export type BadRow = z.infer<typeof BadRow>;

/** What tells a file that grew from one that was truncated, edited in place or replaced. */
export const FileState = z.object({
  size: z.number(),
  mtimeMs: z.number(),
  inode: z.number(),
  /** SHA-256, 16 hex digits, of the first and of the last bytes of what was read. */
  head: z.string(),
  tail: z.string(),
  /** Everything before this byte was read. */
  readTo: z.number(),
  /** Number of the line in which `readTo` is. */
  line: z.number(),
  /** The last line, where the file ends inside it: its writer is still writing it, or died. */
  torn: z.object({ offset: z.number(), length: z.number(), line: z.number() }).optional(),
});
export type FileState = z.infer<typeof FileState>;

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
/** No writer leaves a line unfinished for so long. */
const TORN_AFTER_MS = 10_000;

/**
 * The rows of all files of one kind, kept up to date by reading only what was appended. `read` makes a row of a parsed line, or nothing
 * where a line is only checked. Rows of a file that was truncated, edited or replaced are dropped and the file is read anew.
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

  /**
   * Lines that can't be used, by file in order of their names.
   * @param now milliseconds; a torn last line counts once its writer has been silent for 10 s.
   */
  *bad(now: number): Generator<BadRow[]> {
    for (const [file, { state, bad }] of [...this.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { torn, mtimeMs } = state;
      const isLeft = torn !== undefined && now - mtimeMs > TORN_AFTER_MS;
      const rows = isLeft ? [...bad, { file, ...torn, reason: 'the file ends inside the line' }] : bad;
      if (rows.length > 0) yield rows;
    }
  }

  async #refreshFile(root: string, file: string): Promise<ScanChange<Row> | undefined> {
    const path = join(root, file);
    const known = this.files.get(file);
    try {
      // Most files are untouched most of the time: for them this is all.
      if (known && isUntouched(known.state, statOf(await stat(path)))) return undefined;
      const handle = await openRegular(path);
      try {
        return await this.#readFile(handle, path, file, known);
      } finally {
        await handle.close();
      }
    } catch (error) {
      this.files.delete(file);
      // One file that may not be read must not hide the others.
      if (errorCode(error) !== 'ENOENT')
        this.files.set(file, unreadable(file, error instanceof FileKindError ? error.reason : messageOf(error)));
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
    const grown = known && !known.bad.some(({ whole }) => whole) && (await hasOnlyGrown(handle, known.state, now));
    const before = grown ? known : undefined;
    const read = (await utf16Order(handle))
      ? utf16<Row>(file, now.size)
      : await this.#readFrom(path, file, before?.state);
    const { readTo, line, torn } = read;
    const state = { ...now, readTo, line, ...defined({ torn }), ...(await probes(handle, readTo)) };
    if (before) {
      for (const row of read.rows) before.rows.push(row);
      for (const row of read.bad) before.bad.push(row);
    }
    this.files.set(file, { state, rows: before?.rows ?? read.rows, bad: before?.bad ?? read.bad });
    return { file, added: read.rows, replaced: known !== undefined && !before };
  }

  async #readFrom(path: string, file: string, before: FileState | undefined): Promise<FileRead<Row>> {
    const rows: Row[] = [];
    const bad: BadRow[] = [];
    const from = before?.readTo ?? 0;
    // Reading resumes inside the last line that was read, at its end.
    const linesBefore = (before?.line ?? 1) - 1;
    let [readTo, lastLine] = [from, before?.line ?? 1];
    for await (const read of readLines(path, { from })) {
      const at = { file, offset: read.offset, length: read.length };
      const line = linesBefore + read.line;
      if ('error' in read && read.torn) {
        return { rows, bad, readTo, line: lastLine, torn: { offset: read.offset, length: read.length, line } };
      }
      [readTo, lastLine] = [read.offset + read.length, line];
      const row = 'error' in read ? read.error : this.read(read.value, at);
      if (typeof row === 'string') bad.push({ ...at, line, reason: row });
      else if (row !== undefined) rows.push(row);
    }
    return { rows, bad, readTo, line: lastLine };
  }
}

interface FileRead<Row> extends Pick<FileState, 'readTo' | 'line' | 'torn'> {
  rows: Row[];
  bad: BadRow[];
}

/** Nothing of such a file is read, and it is read anew whenever it changes. */
function utf16<Row>(file: string, size: number): FileRead<Row> {
  const reason = 'it is UTF-16 text, and the files of a dataset are UTF-8';
  return {
    rows: [],
    bad: [{ file, offset: 0, length: size, line: 1, reason, whole: 'utf-16' }],
    readTo: size,
    line: 1,
  };
}

/** Which UTF-16 the text of a file is, by its byte order mark or by its first character, a brace; undefined for UTF-8. */
export async function utf16Order(handle: FileHandle): Promise<'utf-16le' | 'utf-16be' | undefined> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  if (bytesRead < 2) return undefined;
  const first = buffer.readUInt16BE(0);
  if (first === 0xfffe || first === 0x7b00) return 'utf-16le';
  return first === 0xfeff || first === 0x007b ? 'utf-16be' : undefined;
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
  const state: FileState = { size: 0, mtimeMs: 0, inode: -1, head: '', tail: '', readTo: 0, line: 1 };
  return { state, rows: [], bad: [{ file, offset: 0, length: 0, line: 1, reason, whole: 'unreadable' }] };
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
