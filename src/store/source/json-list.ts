import { isUtf8 } from 'node:buffer';
import { messageOf, UserError } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { parseJson } from '../lines/parse-json.ts';
import { MAX_ROW, type SourceOptions, type SourceRow } from './row.ts';

/** Usual keys of the list of rows. */
const LISTS = ['data', 'rows', 'train', 'test', 'validation', 'examples', 'instances', 'items', 'problems', 'records'];

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
  const splitter = new ListSplitter();
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

/** Finds the list and splits it into elements by brackets, strings and commas; each element is then parsed. */
export class ListSplitter {
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

  *push(chunk: Buffer): Generator<ListElement> {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#inString) this.#insideString(byte);
      else if (byte === QUOTE) this.#openString();
      else if (this.#endsElement(byte)) {
        this.#hold(chunk.subarray(from, i));
        yield* this.#finish();
        from = i + 1;
        if (byte === CLOSE_LIST) this.#listDepth = -1;
      } else if (this.#nest(byte)) from = i + 1;
      if (this.#listDepth === -1) return;
    }
    if (this.#listDepth > 0) this.#hold(chunk.subarray(from));
  }

  /** The problem at the end of the file, if any. */
  end(): ListElement | undefined {
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
    if (this.#size > MAX_ROW) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(Buffer.from(bytes));
  }

  *#finish(): Generator<ListElement> {
    const bytes = Buffer.concat(this.#parts);
    const size = this.#size;
    this.#parts = [];
    this.#size = 0;
    const text = bytes.toString('utf8');
    // An empty list, or a trailing comma.
    if (size <= MAX_ROW && text.trim() === '') return;
    const line = ++this.#line;
    if (size > MAX_ROW) yield { line, reason: tooLarge(size) };
    else if (!isUtf8(bytes)) yield { line, reason: 'it is not valid UTF-8' };
    else {
      try {
        yield { line, row: parseJson(text) };
      } catch (error) {
        yield { line, reason: `it is not valid JSON: ${messageOf(error)}` };
      }
    }
  }
}

function tooLarge(size: number): string {
  return `it is ${formatBytes(size)} large; at most ${formatBytes(MAX_ROW)} are read`;
}
