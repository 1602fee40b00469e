import { type FileHandle, link, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { isAlive } from './process.ts';
import { readWholeText, requireRegularIfThere } from './regular-file.ts';

let temporaries = 0;

/** A unique name beside `path`; hidden, so that it is not taken for data. */
export function temporaryPath(path: string): string {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return `${path.slice(0, at)}.${path.slice(at)}.${process.pid}.${temporaries++}.tmp`;
}

/** Removes temporary files that ended processes left in a folder. */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = /^\..*\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Writes a file so that a reader sees the old or the new content, never a mix. `sync: false` skips the flush to disk, for state that is
 * rewritten often and useless after a power failure.
 */
export async function writeAtomic(path: string, text: string, options: { sync?: boolean } = {}): Promise<void> {
  const writer = await AtomicWriter.create(path);
  try {
    await writer.write(text);
    await writer.commit(options);
  } catch (error) {
    await writer.abort();
    throw explainDiskFull(error, path);
  }
}

/**
 * Overwrites an existing file in place, which usually works on a full disk since the file keeps its blocks. A reader may see a mix of both
 * contents.
 */
export async function overwrite(path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  await requireRegularIfThere(path);
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}

/** Creates a file atomically; false when it exists, also when another process creates it concurrently. */
export async function createAtomic(path: string, text: string): Promise<boolean> {
  const draft = temporaryPath(path);
  await writeFile(draft, text, { flag: 'wx' });
  try {
    return await linked(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Creates `to` as a hard link to `from`, which is atomic; false when the name is taken. */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // Some file systems have no hard links.
    try {
      await writeFile(to, await readWholeText(from), { flag: 'wx' });
      return true;
    } catch (second) {
      if (errorCode(second) === 'EEXIST') return false;
      throw second;
    }
  }
}

/** Writes a file under a temporary name; `commit` gives it its name. */
export class AtomicWriter {
  readonly path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  #closed = false;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Creates missing parent folders. */
  static async create(path: string): Promise<AtomicWriter> {
    const temporary = temporaryPath(path);
    return new AtomicWriter(path, temporary, await openMakingFolder(temporary, 'wx'));
  }

  async write(text: string): Promise<void> {
    await this.#file.writeFile(text);
  }

  async commit(options: { sync?: boolean } = {}): Promise<void> {
    if (options.sync !== false) await this.#file.sync();
    await this.#close();
    await renameOver(this.#temporary, this.path);
  }

  /** Removes the temporary file; does nothing after `commit`. */
  async abort(): Promise<void> {
    await this.#close();
    await rm(this.#temporary, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}

/** Renames over an existing file. On Windows a scanner or reader may block it, so it is tried for a second. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const held = errorCode(error) === 'EPERM' || errorCode(error) === 'EACCES' || errorCode(error) === 'EBUSY';
      if (!held || process.platform !== 'win32' || tries > 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Opens a file for writing and creates missing folders.
 * @throws FileKindError when the path exists and is not a regular file.
 */
export async function openMakingFolder(path: string, flags: string): Promise<FileHandle> {
  await requireRegularIfThere(path);
  try {
    return await open(path, flags);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, flags);
  }
}

/** The `code` of a Node file system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A write failed because the disk or the quota is full. `advice` explains what to free and how to resume. */
export class DiskFullError extends UserError {
  readonly path: string | undefined;

  /** @param ofRun the write belongs to a run, which can be resumed. */
  constructor(path: string | undefined, cause: unknown, ofRun = false) {
    const place = path === undefined ? 'the disk' : `the disk of ${dirname(path)}`;
    const next = ofRun
      ? 'then resume or start again. What is written is kept and is not paid again.'
      : 'then try again.';
    const message = `The disk is full${path === undefined ? '' : `: can’t write ${path}`}.`;
    super('disk-full', message, `Free some space on ${place}, ${next}`, { cause });
    this.path = path;
  }
}

/** A DiskFullError for ENOSPC and EDQUOT; other errors unchanged. `path`: the file, when the error does not name it. */
export function explainDiskFull(error: unknown, path?: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return error;
  const named = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return new DiskFullError(path ?? named, error);
}

/** As explainDiskFull, for a run of paid calls: the advice explains how to resume. */
export function explainRunDiskFull(error: unknown): unknown {
  const explained = explainDiskFull(error);
  return explained instanceof DiskFullError ? new DiskFullError(explained.path, explained.cause, true) : explained;
}
