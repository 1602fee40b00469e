import { isUtf8 } from 'node:buffer';
import { messageOf, UserError } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { parseJson } from '../lines/parse-json.ts';
import { MAX_ROW, type SourceOptions, type SourceRow } from './row.ts';

/** Usual keys of the list of rows. */
const LISTS = [
  ...['data', 'rows', 'train', 'test', 'validation', 'examples', 'instances', 'items', 'problems', 'records'],
  // Logs of Inspect.
  'samples',
];

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * The elements of a JSON list, or of the list in an object under `data`, `rows`, `train` and the like, without holding the whole file in memory.
 * @throws UserError `source` when there is no such list.
 */
export async function* jsonListRows(path: string, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  const splitter = new ListSplitter(parseElement);
  let read = 0;
  for await (const chunk of await openReadStream(path, { signal: options.signal, highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer;
    for (const element of splitter.push(bytes)) yield { ...element, read };
    read += bytes.length;
  }
  const torn = splitter.end();
  if (torn) yield { ...torn, read };
}

export type ListElement = { line: number; row: unknown } | { line: number; reason: string };

/** Where an element is in the file: `[start, end)` in bytes. */
export interface ElementPlace {
  /** From 1. */
  line: number;
  start: number;
  end: number;
}

/** Finds the list and splits it into elements by brackets, strings and commas. */
export class ListSplitter<T> {
  readonly #take: (place: ElementPlace, bytes: Buffer) => T;
  readonly #limit: number;
  /** Bytes of earlier chunks, and where the current element began. */
  #before = 0;
  #start = 0;
  #blank = true;
  #depth = 0;
  /** Depth inside the list; 0 before it, -1 after it. */
  #listDepth = 0;
  #inString = false;
  #escaped = false;
  #key = '';
  /** The last string at depth 1 of an object, which may be a key. */
  #string: number[] | undefined;
  #parts: Buffer[] = [];
  #size = 0;
  #line = 0;

  /**
   * @param take Makes the result of an element from its place and bytes.
   * @param limit Bytes of a larger element are not held, and `take` gets none. 0: places only.
   */
  constructor(take: (place: ElementPlace, bytes: Buffer) => T, limit: number = MAX_ROW) {
    this.#take = take;
    this.#limit = limit;
  }

  *push(chunk: Buffer): Generator<T> {
    let from = 0;
    for (let i = 0; i < chunk.length && this.#listDepth !== -1; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#inString) this.#insideString(byte);
      else if (byte > SPACE) {
        if (byte === QUOTE) this.#openString();
        if (this.#endsElement(byte)) {
          this.#hold(chunk.subarray(from, i));
          if (!this.#blank) yield this.#finish(this.#before + i);
          from = i + 1;
          this.#begin(this.#before + from);
          if (byte === CLOSE_LIST) this.#listDepth = -1;
        } else if (this.#nest(byte)) {
          from = i + 1;
          this.#begin(this.#before + from);
        } else this.#blank = false;
      }
    }
    if (this.#listDepth > 0) this.#hold(chunk.subarray(from));
    this.#before += chunk.length;
  }

  /** The problem at the end of the file, if any. */
  end(): { line: number; reason: string } | undefined {
    if (this.#listDepth === -1) return undefined;
    if (this.#listDepth === 0) {
      throw new UserError(
        'source',
        'The file contains no list of rows.',
        `Use a JSON list, an object with a list under ${LISTS.slice(0, 3).join(', ')} or the like, or one JSON object a line.`,
      );
    }
    return { line: this.#line + 1, reason: 'the file ends inside the list' };
  }

  #insideString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    if (this.#inString && this.#string && this.#string.length < 40) this.#string.push(byte);
  }

  #openString(): void {
    this.#inString = true;
    this.#string = this.#listDepth === 0 && this.#depth === 1 ? [] : undefined;
  }

  #endsElement(byte: number): boolean {
    return this.#depth === this.#listDepth && this.#listDepth > 0 && (byte === COMMA || byte === CLOSE_LIST);
  }

  /** Follows brackets. @returns whether the list opens */
  #nest(byte: number): boolean {
    if (byte === COLON && this.#string) {
      this.#key = Buffer.from(this.#string).toString('utf8');
      this.#string = undefined;
    }
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      const opens = this.#listDepth === 0 && byte === OPEN_LIST && this.#isList();
      this.#depth++;
      if (opens) this.#listDepth = this.#depth;
      return opens;
    }
    if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth--;
    return false;
  }

  #isList(): boolean {
    return this.#depth === 0 || (this.#depth === 1 && LISTS.includes(this.#key));
  }

  #hold(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > this.#limit) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(Buffer.from(bytes));
  }

  /** An element without any text is that of an empty list, or follows a trailing comma. */
  #begin(start: number): void {
    this.#start = start;
    this.#blank = true;
    this.#parts = [];
    this.#size = 0;
  }

  #finish(end: number): T {
    return this.#take({ line: ++this.#line, start: this.#start, end }, Buffer.concat(this.#parts));
  }
}

/** The row of an element, or why it can't be read. `bytes` is empty where it is larger than a row may be. */
export function parseElement({ line, start, end }: ElementPlace, bytes: Buffer): ListElement {
  if (end - start > MAX_ROW) return { line, reason: tooLarge(end - start) };
  if (!isUtf8(bytes)) return { line, reason: 'it is not valid UTF-8' };
  try {
    return { line, row: parseJson(bytes.toString('utf8')) };
  } catch (error) {
    return { line, reason: `it is not valid JSON: ${messageOf(error)}` };
  }
}

/** Why a row is not read. @param size bytes. */
export function tooLarge(size: number): string {
  return `it is ${formatBytes(size)} large; at most ${formatBytes(MAX_ROW)} are read`;
}
