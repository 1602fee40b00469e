import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AtomicWriter } from '../store/files.ts';

const BATCH = 64 * 1024;

/** Where rows go: written in batches, and never faster than they are taken. */
export interface RowSink {
  /** Resolves when more may come. */
  write(line: string): Promise<void>;
  /** Resolves when everything is out; a file then stands under its name. */
  finish(): Promise<void>;
  /** Gives up; what was written to a stream stays written. */
  abort(): Promise<void>;
}

/** A file appears whole or not at all; what is no plain file (a pipe, a device) is written through. */
export async function fileSink(path: string): Promise<RowSink> {
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) return new StreamSink(createWriteStream(path), true);
  return new FileSink(await AtomicWriter.create(path));
}

/** Writes to a stream that stays open, such as stdout. */
export function streamSink(stream: Writable): RowSink {
  return new StreamSink(stream, false);
}

class FileSink implements RowSink {
  readonly #file: AtomicWriter;
  #batch = '';

  constructor(file: AtomicWriter) {
    this.#file = file;
  }

  async write(line: string): Promise<void> {
    this.#batch += line;
    if (this.#batch.length >= BATCH) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#file.commit();
  }

  abort(): Promise<void> {
    return this.#file.abort();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = '';
    await this.#file.write(batch);
  }
}

class StreamSink implements RowSink {
  readonly #stream: Writable;
  readonly #own: boolean;

  constructor(stream: Writable, own: boolean) {
    this.#stream = stream;
    this.#own = own;
  }

  /** Rows of a stream go out one by one: whoever reads it may be waiting for the next. */
  async write(line: string): Promise<void> {
    if (this.#stream.write(line)) return;
    await new Promise<void>((resolve, reject) => {
      const drained = () => settle(resolve);
      const failed = (error: Error) => settle(() => reject(error));
      const settle = (end: () => void) => {
        this.#stream.off('drain', drained).off('close', drained).off('error', failed);
        end();
      };
      this.#stream.once('drain', drained).once('close', drained).once('error', failed);
    });
  }

  async finish(): Promise<void> {
    if (this.#own) {
      this.#stream.end();
      await finished(this.#stream);
    } else await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }

  async abort(): Promise<void> {
    if (this.#own) this.#stream.destroy();
  }
}
