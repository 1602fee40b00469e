import type { FileHandle } from 'node:fs/promises';
import { openIfExists } from '../../system/regular-file.ts';
import { type Parser, parseJson } from './parse-json.ts';

/** The lines added since the last call. */
export interface NewLines<T> {
  lines: T[];
  /** The file is shorter than before, so it was rewritten, and `lines` begin at its start. */
  restarted: boolean;
}

/** Most bytes read in one step. */
const CHUNK = 1 << 20;

/** Follows a growing JSONL file: each call reads the complete lines that were appended. */
export class FollowedLines<T> {
  readonly #path: string;
  readonly #schema: Parser<T>;
  #offset = 0;
  #bad = 0;

  constructor(path: string, schema: Parser<T>) {
    this.#path = path;
    this.#schema = schema;
  }

  /** Complete lines that could not be read. */
  get bad(): number {
    return this.#bad;
  }

  /** Reads the new lines; none for an absent file. Calls must not overlap. */
  async next(): Promise<NewLines<T>> {
    const file = await openIfExists(this.#path);
    if (file === undefined) return { lines: [], restarted: this.#reset() };
    try {
      const { size } = await file.stat();
      const restarted = size < this.#offset && this.#reset();
      return { lines: await this.#read(file, size), restarted };
    } finally {
      await file.close();
    }
  }

  /** @returns whether anything had been read. */
  #reset(): boolean {
    const had = this.#offset > 0;
    this.#offset = 0;
    this.#bad = 0;
    return had;
  }

  async #read(file: FileHandle, size: number): Promise<T[]> {
    const lines: T[] = [];
    let rest = Buffer.alloc(0);
    let position = this.#offset;
    while (position < size) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(CHUNK, size - position)), 0, null, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = rest.lastIndexOf(0x0a);
      if (end < 0) continue;
      for (const line of rest.subarray(0, end).toString('utf8').split('\n')) this.#take(line, lines);
      this.#offset += end + 1;
      rest = rest.subarray(end + 1);
    }
    return lines;
  }

  #take(line: string, into: T[]): void {
    if (line.trim() === '') return;
    const data = parse(line, this.#schema);
    if (data === undefined) this.#bad++;
    else into.push(data);
  }
}

function parse<T>(line: string, schema: Parser<T>): T | undefined {
  try {
    return schema.safeParse(parseJson(line)).data;
  } catch {
    return undefined;
  }
}
