import { z } from 'zod';
import { appendLines, errorCode, readLineAt, readLines } from '../store/files.ts';

interface Place {
  offset: number;
  length: number;
}

const Key = z.object({ key: z.string() });

/**
 * A journal of paid calls: of one round, or of the judges of a dataset. In memory are only keys and places: the replies of a long
 * round do not fit, and most are never asked for again. One writer at a time.
 */
export class Journal<Line extends { key: string }> {
  readonly #path: string;
  readonly #places: Map<string, Place>;
  readonly #schema: z.ZodType<Line>;
  #waiting: Line[] = [];
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, schema: z.ZodType<Line>, places: Map<string, Place>) {
    this.#path = path;
    this.#schema = schema;
    this.#places = places;
  }

  /** Reads the keys of an existing journal, or begins an empty one. A torn last line counts as not paid. */
  static async open<Line extends { key: string }>(path: string, schema: z.ZodType<Line>): Promise<Journal<Line>> {
    const places = new Map<string, Place>();
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

  /**
   * Appends a call; it is on disk when this resolves, so that not even a power cut makes it paid twice. Calls that come while others
   * are being written go into one write and one flush.
   */
  append(line: Line): Promise<void> {
    this.#waiting.push(line);
    if (this.#waiting.length === 1) this.#written = this.#written.catch(() => undefined).then(() => this.#flush());
    return this.#written;
  }

  /** When nothing is being written any more, whether it went well or not. */
  async settled(): Promise<void> {
    await this.#written.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    const places = await appendLines(this.#path, lines, { sync: true });
    for (const [i, line] of lines.entries()) {
      const place = places[i];
      if (place) this.#places.set(line.key, place);
    }
  }
}
