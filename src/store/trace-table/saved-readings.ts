import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sweepTemporaries } from '../../system/atomic-write.ts';
import { readAligned, writeUnflushed } from '../chain-index/cache.ts';
import { type Column, type ColumnKind, largeCount, NumberColumn } from '../chain-index/columns.ts';
import { decodeColumns, encodeColumns, type NamedColumns } from '../chain-index/segment.ts';
import { LineIndex } from '../source/line-index.ts';
import type { KeptPlaces } from '../source/row-file.ts';

/** Raised whenever what is saved changes its shape. */
const VERSION = 2;
/** Bytes of all that is saved; the oldest is deleted first. */
const MOST = 1_000_000_000;
/** In bytes. A smaller file is read again in a moment. */
const WORTH = 4_000_000;

const PLACES = { places: largeCount };
const number = z.number().int().nonnegative();
const LineEnd = z.object({ rows: number, read: number, line: number, lines: number, blank: z.boolean() });

const NAME = /^[0-9a-f]{32}-[a-z]+\.bin$/;

/** What is saved: the places of rows, which rows have several chains, what rows say, and what grading says. */
export type SavedPart = 'places' | 'several' | 'rows' | 'grades';

/** What one part has. `more`: beside its columns, as JSON. */
export interface SavedColumns {
  rows: number;
  columns: ReadonlyMap<string, Column>;
  more: unknown;
}

/**
 * What was read of a file that belongs to no dataset, kept in a cache folder for the next time that the file is opened. It has no text. Nothing depends
 * on it: what is missing, damaged or of another state of the file is read again.
 */
export class SavedReadings {
  readonly #folder: string;
  readonly #path: string;
  readonly #of: object;
  readonly #isWorth: boolean;

  private constructor(folder: string, path: string, isWorth: boolean, of: object) {
    this.#folder = folder;
    this.#path = path;
    this.#isWorth = isWorth;
    this.#of = of;
  }

  /**
   * Of a file as it is now; undefined where it can't be read.
   * @param dist Folder of the bundles: another build may grade otherwise. @param from Bytes of a file that is worth it.
   */
  static async of(path: string, folder: string, dist: string, from = WORTH): Promise<SavedReadings | undefined> {
    try {
      const [file, grader] = [await stat(path), await stat(join(dist, 'grading-worker.mjs'))];
      const of = { path, size: file.size, changed: file.mtimeMs, ino: file.ino };
      const build = { size: grader.size, changed: grader.mtimeMs };
      return new SavedReadings(folder, path, file.size >= from, { ...of, build });
    } catch {
      return undefined;
    }
  }

  /** A part; undefined where there is none that fits. @param by What it depends on besides the file, such as its columns. */
  async load(
    part: SavedPart,
    by: unknown,
    kinds: Readonly<Record<string, ColumnKind>>,
  ): Promise<SavedColumns | undefined> {
    if (!this.#isWorth) return undefined;
    try {
      const bytes = await readAligned(this.#pathOf(part), MOST);
      return decodeColumns(bytes, VERSION, this.#owner(part, by), kinds);
    } catch {
      return undefined;
    }
  }

  /** Saves a part for the next time. A folder that can't be written is left as it is. */
  async save(part: SavedPart, by: unknown, columns: NamedColumns, more: unknown): Promise<void> {
    if (!this.#isWorth) return;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeUnflushed(this.#pathOf(part), encodeColumns(columns, VERSION, this.#owner(part, by), more));
      await sweep(this.#folder);
    } catch {
      // Without room or permission, the file is read again.
    }
  }

  /** The places of lines. */
  get places(): KeptPlaces {
    return {
      load: async () => {
        const found = await this.load('places', null, PLACES);
        const end = LineEnd.safeParse(found?.more).data;
        const numbers = found?.columns.get('places');
        if (end === undefined || !(numbers instanceof NumberColumn)) return undefined;
        return LineIndex.of(Float64Array.from(numbers.numbers), end);
      },
      save: async (index) => {
        const column = new NumberColumn(index.places);
        await this.save('places', null, { length: index.places.length, columns: [['places', column]] }, index.end);
      },
    };
  }

  #owner(part: SavedPart, by: unknown): unknown {
    return { ...this.#of, part, by };
  }

  #pathOf(part: SavedPart): string {
    return join(this.#folder, `${createHash('sha256').update(this.#path).digest('hex').slice(0, 32)}-${part}.bin`);
  }
}

/** Deletes the oldest files until the others are small enough, and what ended processes left. */
async function sweep(folder: string): Promise<void> {
  await sweepTemporaries(folder);
  const names = (await readdir(folder)).filter((name) => NAME.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return { name, size: found?.size ?? 0, at: found?.mtimeMs ?? 0 };
    }),
  );
  let room = MOST;
  for (const { name, size } of files.sort((a, b) => b.at - a.at)) {
    room -= size;
    if (room < 0) await rm(join(folder, name), { force: true });
  }
}
