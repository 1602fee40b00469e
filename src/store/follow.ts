import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from './files.ts';
import type { Parser } from './settings.ts';

/** What a look brought. */
export interface NewLines<T> {
  lines: T[];
  /** The file is shorter than what was read of it: it was written anew, and `lines` begin at its start. */
  anew: boolean;
}

/** One look reads no more than this at a time into memory. */
const CHUNK = 1 << 20;

/** Follows a JSONL file that grows: each look reads what was appended since the last one, and leaves a line that has no end yet. */
export class FollowedLines<T> {
  readonly #path: string;
  readonly #schema: Parser<T>;
  #offset = 0;
  #bad = 0;

  constructor(path: string, schema: Parser<T>) {
    this.#path = path;
    this.#schema = schema;
  }

  /** Whole lines so far that could not be read. */
  get bad(): number {
    return this.#bad;
  }

  /** An absent file has no lines. Two looks at once are not allowed. */
  async look(): Promise<NewLines<T>> {
    const file = await openOrNothing(this.#path);
    if (file === undefined) return { lines: [], anew: this.#begin() };
    try {
      const { size } = await file.stat();
      const anew = size < this.#offset && this.#begin();
      return { lines: await this.#read(file, size), anew };
    } finally {
      await file.close();
    }
  }

  /** @returns Whether anything had been read. */
  #begin(): boolean {
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
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
