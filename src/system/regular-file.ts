import { createHash } from 'node:crypto';
import { constants, type ReadStream, type Stats } from 'node:fs';
import { access, copyFile, type FileHandle, open, stat } from 'node:fs/promises';
import { UserError } from '../core/errors.ts';
import { formatBytes } from '../core/text/format.ts';

/** In bytes. V8 could not hold the string of a larger file and parse it. */
const LARGEST_WHOLE = 256 * 1024 * 1024;
/** In bytes, for settings, state files and locks, which have a few kilobytes. */
export const LARGEST_STATE = 4 * 1024 * 1024;

/** The file can't be read because it is not a regular file or is too large. */
export class FileKindError extends UserError {
  /** The message without the path. */
  readonly reason: string;

  constructor(path: string, reason: string, advice: string) {
    super('special-file', `Can’t use ${path}: ${reason}.`, advice);
    this.reason = reason;
  }
}

/** The kind of a file with its article, such as “a FIFO”; undefined for a regular file. */
export function specialKind(stats: Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO (named pipe)';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function requireRegular(path: string, stats: Stats): void {
  const kind = specialKind(stats);
  if (kind === undefined) return;
  throw new FileKindError(
    path,
    `it is ${kind}, and only regular files are read or written`,
    'Replace it with a regular file, or remove it.',
  );
}

/**
 * Opens a regular file, or a link to one, for reading. Every file that others may have created is opened by it: a FIFO would block until a
 * process writes to it, and a device such as /dev/zero never ends.
 * @throws FileKindError for anything else; the error of the file system, such as ENOENT.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Opening a device may already have an effect, and a socket can't be opened.
  requireRegular(path, await stat(path));
  // The file may have been replaced since. O_NONBLOCK keeps open from waiting for the writer of a FIFO; Windows has no such flag.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    requireRegular(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** As `openRegular`; undefined when there is no such file. */
export async function openIfExists(path: string): Promise<FileHandle | undefined> {
  try {
    return await openRegular(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a file or folder exists and can be accessed. `mode`: of fs.access. */
export const exists = (path: string, mode?: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** @throws FileKindError when `path` exists and is not a regular file. */
export async function requireRegularIfThere(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats) requireRegular(path, stats);
}

/**
 * The bytes of a whole file.
 * @param limit bytes.
 * @throws FileKindError when it is not a regular file or is larger than `limit`; the error of the file system.
 */
export async function readWhole(path: string, limit: number = LARGEST_WHOLE): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    if (size > limit) throw tooLarge(path, size, limit);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** As `readWhole`, as UTF-8 text. */
export async function readWholeText(path: string, limit?: number): Promise<string> {
  return (await readWhole(path, limit)).toString('utf8');
}

/** As `openRegular`, as a stream that closes the file at its end. */
export async function openReadStream(
  path: string,
  options: { end?: number; highWaterMark?: number; signal?: AbortSignal | undefined } = {},
): Promise<ReadStream> {
  const { signal, ...rest } = options;
  return (await openRegular(path)).createReadStream(signal ? { ...rest, signal } : rest);
}

/** SHA-256 of a file, in hex. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await openReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * The last bytes of a file, such as a log.
 * @param most bytes, at most.
 * @returns an empty buffer when the file is missing or can't be read.
 */
export async function readEnd(path: string, most: number): Promise<Buffer> {
  const file = await openRegular(path).catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, most));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Copies a regular file to a free name, as a copy-on-write clone if the file system supports it.
 * @throws FileKindError; the error of the file system, such as EEXIST.
 */
export async function copyRegular(from: string, to: string): Promise<void> {
  requireRegular(from, await stat(from));
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}

function tooLarge(path: string, size: number, limit: number): FileKindError {
  return new FileKindError(
    path,
    `it has ${formatBytes(size)}, and at most ${formatBytes(limit)} can be read`,
    'Replace it with the file that belongs there, or remove it.',
  );
}
