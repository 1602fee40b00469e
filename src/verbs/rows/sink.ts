import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AtomicWriter } from '../../system/atomic-write.ts';

const BATCH = 64 * 1024;

/** Where rows go: written in batches, and never faster than they are taken. */
export interface RowSink {
  /** Resolves when more may come. */
  write(line: string): Promise<void>;
  /** Resolves when everything is written; a file then has its final name. */
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

  /** Rows of a stream are written one by one: the reader may be waiting for the next. */
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

/** JSON.parse's third reviver argument and JSON.rawJSON (ECMAScript proposal “JSON.parse source text access”, in Node since 21). */
interface RawJson {
  readonly rawJSON: string;
}
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context?: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
}
const exact = JSON as unknown as ExactJson;

/** Numbers of so many digits may have more than a double holds. */
const LONG_NUMBER = /\d{16}/;

/**
 * As JSON.parse, but numbers that a double cannot hold as they are written stay what they are: JSON.stringify writes them again, and numberText
 * reads them. Throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return exact.parse(text, (_, value, context) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? exact.rawJSON(context.source)
      : value,
  );
}

/** The digits of a number as they were written; undefined for anything that parseExactly did not leave so. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return exact.isRawJSON(value) ? value.rawJSON : undefined;
}
