import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { isRow } from '../../core/dataset/values.ts';
import { messageOf } from '../../core/errors.ts';
import { openRegular } from '../../system/regular-file.ts';
import { parseJson } from '../lines/parse-json.ts';
import type { SourceOptions, SourceRow } from './row.ts';
import { readEntry, type ZipEntry, zipEntries } from './zip.ts';

/** In bytes. The events of a sample, which are not used, are often larger than its messages. */
const MAX_SAMPLE = 100_000_000;
const SAMPLE = /^samples\/[^/]+\.json$/;
/** Large parts of a sample that hold no trace. */
const UNUSED = new Set(['events', 'attachments', 'store']);

/** A log of Inspect: a ZIP archive with a JSON file for each sample. */
export class InspectLog {
  readonly #file: FileHandle;
  readonly #entries: readonly ZipEntry[];

  private constructor(file: FileHandle, entries: readonly ZipEntry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /** @returns Undefined for another ZIP archive. @throws UserError `source` for an incomplete one. */
  static async open(path: string, size: number): Promise<InspectLog | undefined> {
    const file = await openRegular(path);
    try {
      const entries = await zipEntries(file, path, size);
      const isLog = entries.some(({ name }) => name === 'header.json' || name.startsWith('_journal/'));
      // A sample that was run again is there twice, and the last one counts.
      const samples = new Map(entries.flatMap((entry) => (SAMPLE.test(entry.name) ? [[entry.name, entry]] : [])));
      if (isLog || samples.size > 0) return new InspectLog(file, [...samples.values()]);
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return undefined;
  }

  get rows(): number {
    return this.#entries.length;
  }

  /** Bytes of the archive up to the end of a sample, for progress. */
  read(index: number): number {
    const entry = this.#entries[index];
    return entry === undefined ? 0 : entry.offset + entry.packed;
  }

  /** A sample without its events. `index` from 0. */
  async row(index: number): Promise<{ row: unknown } | { reason: string }> {
    const entry = this.#entries[index];
    if (entry === undefined) return { reason: 'there is no such sample' };
    const bytes = await readEntry(this.#file, entry, MAX_SAMPLE);
    if (typeof bytes === 'string') return { reason: `${entry.name}: ${bytes}` };
    if (!isUtf8(bytes)) return { reason: `${entry.name} is not valid UTF-8` };
    try {
      const row = parseJson(bytes.toString('utf8'));
      return { row: isRow(row) ? Object.fromEntries(Object.entries(row).filter(([name]) => !UNUSED.has(name))) : row };
    } catch (error) {
      return { reason: `${entry.name} is not valid JSON: ${messageOf(error)}` };
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The samples of a log. `line` is the number of the sample. */
export async function* inspectRows(path: string, size: number, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  const log = await InspectLog.open(path, size);
  if (log === undefined) return;
  try {
    for (let index = 0; index < log.rows; index++) {
      options.signal?.throwIfAborted();
      yield { line: index + 1, read: log.read(index), ...(await log.row(index)) };
    }
  } finally {
    await log.close();
  }
}
