import { isUtf8 } from 'node:buffer';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { isAlive } from '../system/process.ts';

/** One line of a JSONL file. `offset` and `length` are bytes, without the line's end; `line` counts from 1 at the place where reading began. */
export type LineRead =
  | {
      offset: number;
      length: number;
      line: number;
      value: unknown;
      /** The line as it stands, without its end. */
      text: string;
    }
  | {
      offset: number;
      length: number;
      line: number;
      error: string;
      /** The file ends inside this line: its writer died, or is still writing it. */
      torn: boolean;
    };

export interface ReadOptions {
  /** Byte offset of a line's start. */
  from?: number;
  /** Longer lines, in bytes, are an error and are never held in memory. */
  maxLine?: number;
  signal?: AbortSignal;
}

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** A line that grows past this is no line of ours, and a string of it would not fit in V8. */
const MAX_LINE = 256 * 1024 * 1024;

let temporaries = 0;

/** A name beside `path` that no other process or call uses; hidden, so that no reader of the folder takes it for data. */
export function temporaryPath(path: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return `${path.slice(0, cut)}.${path.slice(cut)}.${process.pid}.${temporaries++}.tmp`;
}

/** Removes what dead processes left half made in a folder; what a living one is making stays. */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = /^\..*\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Writes a whole file so that a reader sees the old or the new one and never half of either. `sync: false` leaves out the flush to
 * disk, for state that is rewritten twice a second and worth nothing after a power cut.
 */
export async function writeAtomic(path: string, text: string, options: { sync?: boolean } = {}): Promise<void> {
  const writer = await AtomicWriter.create(path);
  try {
    await writer.write(text);
    await writer.commit(options);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/**
 * Makes a file with this text, whole or not at all; false when there is one already, be it made in the same moment by another process.
 */
export async function createAtomic(path: string, text: string): Promise<boolean> {
  const draft = temporaryPath(path);
  await writeFile(draft, text, { flag: 'wx' });
  try {
    return await linked(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link appears with its content or not at all, and fails when the name is taken, which is told by false. */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // Some file systems have no links; there an exclusive write is the next best.
    try {
      await writeFile(to, (await readText(from)) ?? '', { flag: 'wx' });
      return true;
    } catch (second) {
      if (errorCode(second) === 'EEXIST') return false;
      throw second;
    }
  }
}

/** A file that grows out of sight and appears under its name at `commit`, or never. */
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

  /** Makes missing parent folders. */
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

  /** Leaves nothing behind; harmless after `commit`. */
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

/** Renames over an existing file; on Windows a scanner or reader may hold it for a moment, so a refusal is tried again for a second. */
async function renameOver(from: string, to: string): Promise<void> {
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
 * Appends one JSON line per object, the whole batch in one write. A last line that a dead writer left without its end is ended
 * first, so that it costs itself and not its successor. Makes the file and missing folders. `sync`: flushed to disk on return.
 * Returns where each line stands, in bytes; true only where nobody else writes to the file.
 */
export async function appendLines(
  path: string,
  objects: readonly unknown[],
  options: { sync?: boolean } = {},
): Promise<{ offset: number; length: number }[]> {
  if (objects.length === 0) return [];
  const lines = objects.map((object) => Buffer.from(`${JSON.stringify(object)}\n`, 'utf8'));
  const file = await openMakingFolder(path, 'a+');
  try {
    const { size } = await file.stat();
    const torn = await endsInsideLine(file, size);
    await file.writeFile(Buffer.concat([...(torn ? [Buffer.of(NEWLINE)] : []), ...lines]));
    if (options.sync) await file.datasync();
    let offset = size + (torn ? 1 : 0);
    return lines.map(({ length }) => {
      const at = { offset, length: length - 1 };
      offset += length;
      return at;
    });
  } finally {
    await file.close();
  }
}

/** Whether a file of that size ends without the end of its last line. */
export async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** Opens a file, after making the folders that it lacks. */
export async function openMakingFolder(path: string, flags: string): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, flags);
  }
}

/**
 * Reads a JSONL file line by line; memory is bounded by the longest line. Blank lines, CRLF and a BOM are passed over. What is no
 * JSON, no UTF-8 or too long is yielded as an error and reading goes on. Throws when the file cannot be opened or read.
 */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<LineRead> {
  const file = await open(path, 'r');
  try {
    const splitter = splitterOf(options);
    const chunk = Buffer.alloc(CHUNK);
    let position = options.from ?? 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      yield* splitter.push(chunk.subarray(0, bytesRead));
    }
    yield* splitter.end();
  } finally {
    await file.close();
  }
}

/** As readLines, of a stream such as stdin, which is not closed here. */
export async function* readLinesOf(
  chunks: AsyncIterable<Buffer>,
  options: Omit<ReadOptions, 'from'> = {},
): AsyncGenerator<LineRead> {
  const splitter = splitterOf(options);
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    yield* splitter.push(chunk);
  }
  yield* splitter.end();
}

function splitterOf({ from, maxLine }: ReadOptions): LineSplitter {
  return new LineSplitter(from ?? 0, Math.min(maxLine ?? MAX_LINE, MAX_LINE));
}

/** Cuts chunks into lines. Bytes of an unfinished line are copied: the chunk they came in is reused. */
class LineSplitter {
  readonly #maxLine: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #start: number;
  #line = 1;

  constructor(from: number, maxLine: number) {
    this.#start = from;
    this.#maxLine = maxLine;
  }

  *push(chunk: Buffer): Generator<LineRead> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      yield* this.#finish(chunk.subarray(from, end), 1);
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  *end(): Generator<LineRead> {
    if (this.#heldBytes > 0) yield* this.#finish(Buffer.alloc(0), 0);
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > this.#maxLine) this.#held = [];
    else if (bytes.length > 0) this.#held.push(Buffer.from(bytes));
  }

  *#finish(rest: Buffer, terminator: 0 | 1): Generator<LineRead> {
    const size = this.#heldBytes + rest.length;
    const offset = this.#start;
    const line = this.#line++;
    this.#start += size + terminator;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (size > this.#maxLine) {
      const error = `it is ${megabytes(size)} MB long; at most ${megabytes(this.#maxLine)} MB are read`;
      yield { offset, length: size, line, error, torn: terminator === 0 };
      return;
    }
    const bytes = held.length === 0 ? rest : Buffer.concat([...held, rest], size);
    const read = parseLine(bytes, offset, line);
    if (!read) return;
    yield 'error' in read ? { ...read, torn: terminator === 0 } : read;
  }
}

function parseLine(bytes: Buffer, offset: number, line: number): LineRead | undefined {
  const bom = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  const body = bytes.subarray(bom, Math.max(bom, end));
  const place = { offset: offset + bom, length: body.length, line };
  if (!isUtf8(body)) return { ...place, error: 'the line is not valid UTF-8', torn: false };
  const text = body.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return { ...place, value: JSON.parse(text), text };
  } catch (error) {
    return { ...place, error: `the line is not valid JSON: ${messageOf(error)}`, torn: false };
  }
}

/** The parsed line at a place that an index remembers. Throws SyntaxError or RangeError when the file is not what it was. */
export async function readLineAt(path: string, offset: number, length: number): Promise<unknown> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new RangeError(`${path} ends before byte ${offset + length}`);
    return JSON.parse(bytes.toString('utf8'));
  } finally {
    await file.close();
  }
}

/** A whole JSON file through its schema; undefined when it is absent, torn or of another shape. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Names in a folder; none where it is absent. */
export async function readdirOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The `code` of a Node file system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
