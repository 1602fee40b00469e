import { z } from 'zod';
import { errorCode, readLineAt, readLines } from '../store/files.ts';
import { type LinePlace, LineWriter } from '../store/line-writer.ts';

const Key = z.object({ key: z.string() });

/**
 * A journal of paid calls: of one round, or of the judges of a dataset. In memory are only keys and places: the replies of a long
 * round do not fit, and most are never asked for again. One writer at a time.
 */
export class Journal<Line extends { key: string }> {
  readonly #path: string;
  readonly #places: Map<string, LinePlace>;
  readonly #schema: z.ZodType<Line>;
  readonly #writer: LineWriter;

  private constructor(path: string, schema: z.ZodType<Line>, places: Map<string, LinePlace>) {
    this.#path = path;
    this.#schema = schema;
    this.#places = places;
    this.#writer = new LineWriter(path, { sync: true });
  }

  /** Reads the keys of an existing journal, or begins an empty one. A torn last line counts as not paid. */
  static async open<Line extends { key: string }>(path: string, schema: z.ZodType<Line>): Promise<Journal<Line>> {
    const places = new Map<string, LinePlace>();
    try {
      for await (const line of readLines(path)) {
        if ('error' in line) continue;
        const key = Key.safeParse(line.value);
        if (key.success) places.set(key.data.key, { offset: line.offset, length: line.length });
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    return new Journal(path, schema, places);
  }

  /** Whether a call was paid for. */
  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** The line of a call that was paid for, in this run or before, or undefined. */
  async get(key: string): Promise<Line | undefined> {
    const place = this.#places.get(key);
    return place && this.#schema.safeParse(await readLineAt(this.#path, place.offset, place.length)).data;
  }

  /** Appends a call; it is on disk when this resolves, so that not even a power cut makes it paid twice. */
  async append(line: Line): Promise<void> {
    this.#places.set(line.key, await this.#writer.append(line));
  }

  /** When nothing is being written any more, whether it went well or not; the file is let go. */
  settled(): Promise<void> {
    return this.#writer.close();
  }
}
