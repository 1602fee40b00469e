import { createHash } from 'node:crypto';
import { type FileHandle, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { FileKindError, openRegular } from '../../system/regular-file.ts';
import { errorCode } from '../lines/files.ts';
import type { RowKind, RowOf } from './rows.ts';
import { type BadRow, type FileRead, readPart } from './scan-part.ts';
import type { ScanThreads } from './scan-threads.ts';
import { type Place, Segment, type Shape } from './segment.ts';

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
export interface ScannedFile<Row extends Place> {
  state: FileState;
  rows: Segment<Row>;
  bad: BadRow[];
}

export interface ScanChange {
  file: string;
  /** The first row of new lines. */
  from: number;
  /** Rows known before no longer stand: the file went away, or was read anew from its start. */
  replaced: boolean;
}

const PROBE = 4096;
/** No writer leaves a line unfinished for so long. */
const TORN_AFTER_MS = 10_000;

/**
 * The rows of all files of one kind, kept up to date by reading only what was appended. Rows of a file that was truncated, edited or replaced are dropped and the file is read anew.
 */
export class Scan<Row extends Place = Place> implements RowKind<Row> {
  readonly kind: string;
  readonly shape: Shape<Row>;
  readonly row: RowOf<Row>;
  readonly files = new Map<string, ScannedFile<Row>>();
  readonly #threads: ScanThreads | undefined;
  readonly #known: KnownLines | undefined;
  #isRead = false;

  /** @param threads Read large files. Without them, this thread reads all. @param known Finds files that need not be read. */
  constructor({ kind, shape, row }: RowKind<Row>, threads?: ScanThreads, known?: KnownLines) {
    this.kind = kind;
    this.shape = shape;
    this.row = row;
    this.#threads = threads;
    this.#known = known;
  }

  /** `files`: those that exist now, relative to `root`. `cache`: has what was saved of them. Returns what changed. */
  async refresh(root: string, files: readonly string[], cache: Saved): Promise<ScanChange[]> {
    const changes: ScanChange[] = [];
    const present = new Set(files);
    for (const file of [...this.files.keys()]) {
      if (present.has(file)) continue;
      this.files.delete(file);
      changes.push({ file, from: 0, replaced: true });
    }
    for (const file of files) {
      const saved = this.files.has(file) ? undefined : await cache.load(this, file);
      if (saved) this.files.set(file, saved);
      const change = await this.#refreshFile(root, file);
      if (change) changes.push(change);
      // Another process has read the new file and saved its rows.
      else if (saved && this.#isRead && saved.rows.length > 0) changes.push({ file, from: 0, replaced: false });
    }
    this.#isRead = true;
    return changes;
  }

  /** The rows of each file, in the order given. */
  segments(order: readonly string[]): Segment<Row>[] {
    return order.flatMap((file) => this.files.get(file)?.rows ?? []);
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

  async #refreshFile(root: string, file: string): Promise<ScanChange | undefined> {
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
        this.files.set(file, this.#unreadable(file, error instanceof FileKindError ? error.reason : messageOf(error)));
      return known && known.rows.length > 0 ? { file, from: 0, replaced: true } : undefined;
    }
  }

  async #readFile(
    handle: FileHandle,
    path: string,
    file: string,
    known: ScannedFile<Row> | undefined,
  ): Promise<ScanChange> {
    const now = statOf(await handle.stat());
    const grown = known && !known.bad.some(({ whole }) => whole) && (await hasOnlyGrown(handle, known.state, now));
    const before = grown ? known : undefined;
    const rows = before?.rows ?? new Segment(file, this.shape);
    const from = rows.length;
    const lines = before ? undefined : await this.#known?.(file, now.size);
    // When reading fails, the file is discarded with the rows that were added.
    const read =
      lines !== undefined
        ? { bad: [], readTo: now.size, line: lines + 1 }
        : (await utf16Order(handle))
          ? utf16(file, now.size)
          : await this.#readFrom(path, now.size, rows, before?.state);
    if (!before) rows.prepare();
    const { readTo, line, torn }: FileRead = read;
    const state = { ...now, readTo, line, ...defined({ torn }), ...(await probes(handle, readTo)) };
    const bad = before?.bad ?? [];
    for (const row of read.bad) bad.push(row);
    this.files.set(file, { state, rows, bad });
    return { file, from, replaced: known !== undefined && !before };
  }

  /** Adds the rows of new lines. */
  async #readFrom(path: string, size: number, rows: Segment<Row>, before: FileState | undefined): Promise<FileRead> {
    // Reading resumes inside the last line that was read, at its end.
    const { readTo: from = 0, line = 1 } = before ?? {};
    const read = await this.#threads?.read(path, { from, size, line }, rows, this);
    return read ?? readPart(path, { from }, rows, this.row, line);
  }

  /** Looked at again at the next refresh: no file has this inode. */
  #unreadable(file: string, reason: string): ScannedFile<Row> {
    const state: FileState = { size: 0, mtimeMs: 0, inode: -1, head: '', tail: '', readTo: 0, line: 1 };
    const bad: BadRow = { file, offset: 0, length: 0, line: 1, reason, whole: 'unreadable' };
    return { state, rows: new Segment(file, this.shape), bad: [bad] };
  }
}

/** The number of lines of a file of this size in which none can be damaged, and of which no row is kept; undefined for a file to read. */
type KnownLines = (file: string, size: number) => Promise<number | undefined>;

/** What was saved of a file; undefined for nothing. */
export interface Saved {
  load<Row extends Place>(scan: Scan<Row>, file: string): Promise<ScannedFile<Row> | undefined>;
}

/** Nothing of such a file is read, and it is read anew whenever it changes. */
function utf16(file: string, size: number): FileRead {
  const reason = 'it is UTF-16 text, and the files of a dataset are UTF-8';
  return {
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
