import type { FileHandle } from 'node:fs/promises';
import { explainDiskFull, openMakingFolder } from '../../system/atomic-write.ts';
import { endsInsideLine, placesOf } from './files.ts';

export interface LinePlace {
  offset: number;
  length: number;
}

/**
 * Appends JSON lines to a file that has no other writer, and keeps it open. Lines added during a write share the next write and flush. The file and missing
 * folders are created with the first line.
 */
export class LineWriter {
  readonly #path: string;
  readonly #sync: boolean;
  #file: FileHandle | undefined;
  #size = 0;
  #waiting: string[] = [];
  #batch: Promise<LinePlace[]> = Promise.resolve([]);

  /** `sync`: a line is flushed to disk before its promise resolves. */
  constructor(path: string, options: { sync: boolean }) {
    this.#path = path;
    this.#sync = options.sync;
  }

  /** Resolves with the line's place once it is written. */
  async append(object: unknown): Promise<LinePlace> {
    const index = this.#waiting.push(`${JSON.stringify(object)}\n`) - 1;
    if (index === 0) this.#batch = this.#batch.catch(() => []).then(() => this.#write());
    const place = (await this.#batch)[index];
    if (place === undefined) throw new RangeError('A line without a place.');
    return place;
  }

  /** Waits for pending writes and closes the file. A later line opens it again. */
  async close(): Promise<void> {
    await this.#batch.catch(() => undefined);
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #write(): Promise<LinePlace[]> {
    const lines = this.#waiting.map((line) => Buffer.from(line, 'utf8'));
    this.#waiting = [];
    const file = await this.#opened();
    try {
      await file.writeFile(Buffer.concat(lines));
      if (this.#sync) await file.datasync();
    } catch (error) {
      // A partly written line would be a damaged one.
      await file.truncate(this.#size).catch(() => undefined);
      // The size is unknown, so the file is opened again for the next line.
      this.#file = undefined;
      await file.close().catch(() => undefined);
      throw explainDiskFull(error, this.#path);
    }
    const places = placesOf(lines, this.#size);
    this.#size += lines.reduce((sum, { length }) => sum + length, 0);
    return places;
  }

  /** The open file; an incomplete last line of a dead writer is ended first. */
  async #opened(): Promise<FileHandle> {
    if (this.#file) return this.#file;
    const file = await openMakingFolder(this.#path, 'a+');
    try {
      const { size } = await file.stat();
      this.#size = size;
      if (await endsInsideLine(file, size)) {
        await file.writeFile('\n');
        this.#size += 1;
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    return file;
  }
}
