import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { plural } from '../../core/text/format.ts';
import { errorCode, readLineAt, readLines } from '../../store/lines/files.ts';
import { type LinePlace, LineWriter } from '../../store/lines/line-writer.ts';
import { DiskFullError, openMakingFolder, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';

const Key = z.object({ key: z.string() });

/** Bytes reserved for the replies of calls in flight when the disk is full; many times a reply of 8,000 tokens. */
const RESERVE_BYTES = 1 << 20;

/** A journal of paid calls of one round, or of the judges of a dataset. Only keys and places are in memory. One writer at a time. */
export class Journal<Line extends { key: string }> {
  readonly #path: string;
  readonly #places: Map<string, LinePlace>;
  readonly #schema: z.ZodType<Line>;
  readonly #writer: LineWriter;
  /** A file that reserves space; undefined when it was freed. */
  #reserve: string | undefined;
  #keeping: Promise<void> | undefined;
  #freeing: Promise<void> | undefined;

  private constructor(path: string, schema: z.ZodType<Line>, places: Map<string, LinePlace>) {
    this.#path = path;
    this.#schema = schema;
    this.#places = places;
    this.#writer = new LineWriter(path, { sync: true });
  }

  /** Reads the keys of an existing journal, or starts an empty one. Calls of unreadable lines count as unpaid and are logged. */
  static async open<Line extends { key: string }>(
    path: string,
    schema: z.ZodType<Line>,
    log?: (text: string) => void,
  ): Promise<Journal<Line>> {
    const places = new Map<string, LinePlace>();
    let damaged = 0;
    try {
      for await (const line of readLines(path)) {
        const key = 'error' in line ? undefined : Key.safeParse(line.value);
        if (!key?.success) damaged++;
        else places.set(key.data.key, { offset: line.offset, length: line.length });
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    const calls = damaged === 1 ? 'its call is' : 'their calls are';
    if (damaged > 0) log?.(`${plural(damaged, 'line')} of ${basename(path)} can't be read; ${calls} made again.`);
    return new Journal(path, schema, places);
  }

  /** Whether a call is paid. */
  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** The line of a paid call. */
  async get(key: string): Promise<Line | undefined> {
    const place = this.#places.get(key);
    return place && this.#schema.safeParse(await readLineAt(this.#path, place.offset, place.length)).data;
  }

  /**
   * Appends a call and flushes it to disk, so that it is never paid twice.
   * @throws DiskFullError, after which the run must end. If the reserve has space, this call and later ones are still stored.
   */
  async append(line: Line): Promise<void> {
    this.#keeping ??= this.#keepReserve();
    await this.#keeping;
    try {
      this.#places.set(line.key, await this.#writer.append(line));
    } catch (error) {
      if (error instanceof DiskFullError && this.#reserve !== undefined) {
        this.#freeing ??= rm(this.#reserve, { force: true });
        await this.#freeing;
        this.#places.set(line.key, await this.#writer.append(line));
      }
      throw error;
    }
  }

  /** Waits for pending writes and closes the file. */
  async settled(): Promise<void> {
    await this.#keeping;
    await this.#writer.close();
    if (this.#reserve !== undefined) await rm(this.#reserve, { force: true });
    this.#reserve = undefined;
    this.#keeping = undefined;
  }

  async #keepReserve(): Promise<void> {
    // A killed writer leaves its reserve.
    await sweepTemporaries(dirname(this.#path));
    const path = temporaryPath(this.#path);
    this.#reserve = path;
    try {
      const file = await openMakingFolder(path, 'wx');
      try {
        await file.writeFile(Buffer.alloc(RESERVE_BYTES, 1));
        // Makes the file system allocate the space.
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch {
      // The disk is full or not writable, which the first line reports.
      await rm(path, { force: true });
      this.#reserve = undefined;
    }
  }
}
