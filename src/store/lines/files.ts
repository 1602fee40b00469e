import { isUtf8 } from 'node:buffer';
import { type FileHandle, readdir, stat } from 'node:fs/promises';
import { messageOf } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';
import { errorCode, explainDiskFull, openMakingFolder } from '../../system/atomic-write.ts';
import { FileKindError, openRegular, readWholeText } from '../../system/regular-file.ts';
import { isBlank } from './blank.ts';
import { type Parser, parseJson } from './parse-json.ts';

/** One line of a JSONL file. `offset` and `length` are bytes without the line end; `line` counts from 1 where reading began. */
export type LineRead =
  | {
      offset: number;
      length: number;
      line: number;
      value: unknown;
      /** The line without its end. */
      text: string;
    }
  | {
      offset: number;
      length: number;
      line: number;
      error: string;
      /** The file ends in this line: its writer died, or is still writing. */
      torn: boolean;
    };

export interface ReadOptions {
  /** Byte offset of a line's start. */
  from?: number;
  /** Byte offset of a line's end, where reading ends; the end of the file when absent. */
  to?: number;
  /** Longer lines, in bytes, are an error and are never held in memory. */
  maxLine?: number;
  signal?: AbortSignal;
  /** Parses a line; parseJson when absent. Another one leaves its limit of nesting to the reader. */
  parse?: (text: string) => unknown;
}

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** In bytes; V8 could not hold the string of a longer line. */
const MAX_LINE = 256 * 1024 * 1024;

/** Tries to append a batch to a file that is replaced meanwhile. */
const REPLACED_TRIES = 3;

/**
 * Appends one JSON line per object, all in one write. Creates the file and missing folders. An incomplete last line of a dead writer is ended first.
 * When a repair replaces the file meanwhile, the batch is appended to the new one, which may then have it twice.
 * @param options `sync`: flush to disk.
 * @returns the places of the lines in bytes; only valid when there is no other writer.
 */
export async function appendLines(
  path: string,
  objects: readonly unknown[],
  options: { sync?: boolean } = {},
): Promise<{ offset: number; length: number }[]> {
  if (objects.length === 0) return [];
  const lines = objects.map((object) => Buffer.from(`${JSON.stringify(object)}\n`, 'utf8'));
  for (let tries = 1; ; tries++) {
    const file = await openMakingFolder(path, 'a+');
    try {
      const start = await appendTo(file, path, lines, options);
      if (tries >= REPLACED_TRIES || !(await isReplaced(file, path))) return placesOf(lines, start);
    } finally {
      await file.close();
    }
  }
}

/** @returns the byte offset of the first line. */
async function appendTo(
  file: FileHandle,
  path: string,
  lines: readonly Buffer[],
  { sync }: { sync?: boolean },
): Promise<number> {
  const { size } = await file.stat();
  const torn = await endsInsideLine(file, size);
  const bytes = Buffer.concat([...(torn ? [Buffer.of(NEWLINE)] : []), ...lines]);
  try {
    await writeWhole(file, bytes);
    if (sync) await file.datasync();
  } catch (error) {
    await undoAppend(file, size, bytes).catch(() => undefined);
    throw explainDiskFull(error, path);
  }
  return size + (torn ? 1 : 0);
}

/** The places of consecutive lines in bytes, without their ends. */
export function placesOf(lines: readonly Buffer[], start: number): { offset: number; length: number }[] {
  let offset = start;
  return lines.map(({ length }) => {
    const at = { offset, length: length - 1 };
    offset += length;
    return at;
  });
}

/** Whether another file has the name now. */
async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  const [here, there] = [await file.stat(), await stat(path).catch(() => undefined)];
  return there !== undefined && (there.ino !== here.ino || there.dev !== here.dev);
}

/** Writes in one system call if possible; `writeFile` splits large buffers, and another append could come between. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
}

/** Removes the part of `bytes` that a failed write left at `size`, unless another process has appended a line there. */
async function undoAppend(file: FileHandle, size: number, bytes: Buffer): Promise<void> {
  const added = (await file.stat()).size - size;
  if (added <= 0 || added > bytes.length) return;
  const found = Buffer.alloc(added);
  await file.read(found, 0, added, size);
  if (found.equals(bytes.subarray(0, added))) await file.truncate(size);
}

/** Whether a file of this size ends without a line end. */
export async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/**
 * Reads a JSONL file line by line; memory is bounded by the longest line. Skips blank lines, CRLF and a BOM. A line that is not JSON, not UTF-8 or too
 * long is yielded as an error.
 * @throws FileKindError when it is not a regular file; the error of the file system.
 */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<LineRead> {
  for await (const lines of readLineBatches(path, options)) yield* lines;
}

/** As readLines, the lines of each piece of the file together, for files of a million lines. They must be read before the next ones. */
export async function* readLineBatches(path: string, options: ReadOptions = {}): AsyncGenerator<Iterable<LineRead>> {
  const file = await openRegular(path);
  try {
    const splitter = splitterOf(options);
    const chunk = Buffer.alloc(CHUNK);
    const { to = Number.POSITIVE_INFINITY } = options;
    let position = options.from ?? 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK, to - position), position);
      if (bytesRead === 0) break;
      position += bytesRead;
      yield splitter.push(chunk.subarray(0, bytesRead));
    }
    yield splitter.end();
  } finally {
    await file.close();
  }
}

/** As readLines, for a stream such as stdin. */
export async function* readLinesOf(
  chunks: AsyncIterable<Buffer>,
  options: Omit<ReadOptions, 'from' | 'to'> = {},
): AsyncGenerator<LineRead> {
  const splitter = splitterOf(options);
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    yield* splitter.push(chunk);
  }
  yield* splitter.end();
}

function splitterOf({ from, maxLine, parse }: ReadOptions): LineSplitter {
  return new LineSplitter(from ?? 0, Math.min(maxLine ?? MAX_LINE, MAX_LINE), parse);
}

/** Splits chunks into lines. Bytes of an unfinished line are copied, since the chunk is reused. */
class LineSplitter {
  readonly #maxLine: number;
  readonly #parse: ReadOptions['parse'];
  #held: Buffer[] = [];
  #heldBytes = 0;
  #start: number;
  #line = 1;

  constructor(from: number, maxLine: number, parse: ReadOptions['parse']) {
    this.#start = from;
    this.#maxLine = maxLine;
    this.#parse = parse;
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
      const error = `it is ${formatBytes(size)} long; at most ${formatBytes(this.#maxLine)} are read`;
      yield { offset, length: size, line, error, torn: terminator === 0 };
      return;
    }
    const bytes = held.length === 0 ? rest : Buffer.concat([...held, rest], size);
    const read = parseLine(bytes, offset, line, this.#parse);
    if (!read) return;
    yield 'error' in read ? { ...read, torn: terminator === 0 } : read;
  }
}

/** The line in some bytes without its line feed; undefined for a blank one. @param offset In the file. @param line Its number. */
export function parseLine(
  bytes: Buffer,
  offset: number,
  line: number,
  parse: (text: string) => unknown = parseJson,
): LineRead | undefined {
  const bom = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  const body = bytes.subarray(bom, Math.max(bom, end));
  const place = { offset: offset + bom, length: body.length, line };
  if (isBlank(body, place.offset)) return undefined;
  if (!isUtf8(body)) return { ...place, error: 'the line is not valid UTF-8', torn: false };
  const text = body.toString('utf8');
  try {
    return { ...place, value: parse(text), text };
  } catch (error) {
    return { ...place, error: `the line is not valid JSON: ${messageOf(error)}`, torn: false };
  }
}

/** The parsed line at a place from an index. @throws SyntaxError or RangeError when the file has changed. */
export async function readLineAt(path: string, offset: number, length: number): Promise<unknown> {
  const file = await openRegular(path);
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new RangeError(`${path} ends before byte ${offset + length}`);
    return parseJson(bytes.toString('utf8'));
  } finally {
    await file.close();
  }
}

/**
 * Parses a JSON file with a schema; undefined when it is absent, incomplete, invalid, not a regular file or larger than `limit` bytes, so that one bad file
 * does not hide others.
 */
export async function readJson<T>(path: string, schema: Parser<T>, limit?: number): Promise<T | undefined> {
  try {
    const text = await readText(path, limit);
    return text === undefined ? undefined : schema.safeParse(parseJson(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof FileKindError) return undefined;
    throw error;
  }
}

/** A whole text file; undefined when there is none. `limit` in bytes. @throws FileKindError as readWhole. */
export async function readText(path: string, limit?: number): Promise<string | undefined> {
  try {
    return await readWholeText(path, limit);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Names in a folder; none when it is absent. */
export async function readdirIfExists(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

export { errorCode };

/** The valid lines of a JSONL file; none for an absent file. `onBad` gets the numbers of the other lines, where there are any. */
export async function* linesOf<T>(
  path: string,
  schema: Parser<T>,
  onBad?: (numbers: readonly number[]) => void,
): AsyncGenerator<T> {
  const bad: number[] = [];
  try {
    for await (const line of readLines(path)) {
      const data = 'error' in line ? undefined : schema.safeParse(line.value).data;
      if (data !== undefined) yield data;
      else bad.push(line.line);
    }
    if (bad.length > 0) onBad?.(bad);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** As `linesOf`, all lines together. */
export async function allLinesOf<T>(
  path: string,
  schema: Parser<T>,
  onBad?: (numbers: readonly number[]) => void,
): Promise<T[]> {
  const lines: T[] = [];
  for await (const line of linesOf(path, schema, onBad)) lines.push(line);
  return lines;
}
