import { JournalLine } from '../core/model/index.ts';
import { appendLines, errorCode, readLineAt, readLines } from '../store/files.ts';

interface Place {
  offset: number;
  length: number;
}

/**
 * `journal.jsonl` of one round: every paid call. In memory are only keys and places: the replies of a long round do not fit, and most
 * are never asked for again.
 */
export class Journal {
  readonly #path: string;
  readonly #places: Map<string, Place>;
  #waiting: JournalLine[] = [];
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, places: Map<string, Place>) {
    this.#path = path;
    this.#places = places;
  }

  /** Reads the keys of an existing journal, or begins an empty one. A torn last line counts as not paid. */
  static async open(path: string): Promise<Journal> {
    const places = new Map<string, Place>();
    try {
      for await (const line of readLines(path)) {
        if ('error' in line) continue;
        const key = JournalLine.pick({ key: true }).safeParse(line.value);
        if (key.success) places.set(key.data.key, { offset: line.offset, length: line.length });
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    return new Journal(path, places);
  }

  /** The line of a call that was paid for before this run, or undefined. */
  async get(key: string): Promise<JournalLine | undefined> {
    const place = this.#places.get(key);
    return place && JournalLine.safeParse(await readLineAt(this.#path, place.offset, place.length)).data;
  }

  /**
   * Appends a call; it is on disk when this resolves, so that not even a power cut makes it paid twice. Calls that come while others
   * are being written go into one write and one flush.
   */
  append(line: JournalLine): Promise<void> {
    this.#waiting.push(line);
    if (this.#waiting.length === 1) this.#written = this.#written.catch(() => undefined).then(() => this.#flush());
    return this.#written;
  }

  /** When nothing is being written any more, whether it went well or not. */
  async settled(): Promise<void> {
    await this.#written.catch(() => undefined);
  }

  #flush(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    return appendLines(this.#path, lines, { sync: true });
  }
}
