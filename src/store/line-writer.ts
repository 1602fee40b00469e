import type { FileHandle } from 'node:fs/promises';
import { endsInsideLine, openMakingFolder } from './files.ts';

export interface LinePlace {
  offset: number;
  length: number;
}

/**
 * Appends JSON lines to one file that nobody else writes to, and keeps it open: a round writes thousands. Lines that come while others are being written
 * go into one write and one flush. The file and missing folders are made with the first line.
 */
export class LineWriter {
  readonly #path: string;
  readonly #sync: boolean;
  #file: FileHandle | undefined;
  #size = 0;
  #waiting: string[] = [];
  #batch: Promise<LinePlace[]> = Promise.resolve([]);

  /** `sync`: a line is on disk when its promise resolves, so that not even a power cut loses it. */
  constructor(path: string, options: { sync: boolean }) {
    this.#path = path;
    this.#sync = options.sync;
  }

  /** Resolves with where the line stands, in bytes without its end, once it is written. */
  async append(object: unknown): Promise<LinePlace> {
    const index = this.#waiting.push(`${JSON.stringify(object)}\n`) - 1;
    if (index === 0) this.#batch = this.#batch.catch(() => []).then(() => this.#write());
    const place = (await this.#batch)[index];
    if (place === undefined) throw new RangeError('A line without a place.');
    return place;
  }

  /** Waits for what is being written, whether it goes well or not, and closes the file. A later line opens it again. */
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
      // How much of it was written is not known: the file is looked at again before the next line.
      this.#file = undefined;
      await file.close().catch(() => undefined);
      throw error;
    }
    return lines.map(({ length }) => {
      const place = { offset: this.#size, length: length - 1 };
      this.#size += length;
      return place;
    });
  }

  /** The open file, its end a line's end: what a dead writer left unfinished costs itself and not its successor. */
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
