import type { FileHandle } from 'node:fs/promises';
import zlib from 'node:zlib';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { messageOf, UserError } from '../../core/errors.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { openRegular } from '../../system/regular-file.ts';
import { MAX_ROW, type SourceOptions, type SourceRow } from './row.ts';

/** More rows than any set of problems or traces has. */
const MAX_ROWS = 20_000_000;
/** In bytes; a row group is held in memory. Usual groups have about 100 MB. */
const MAX_GROUP = 1_000_000_000;
const MAX_PAGE = 256_000_000;
/** Rows between two checks of the signal. */
const BATCH = 1000;
/** Most levels of lists and objects in a cell. */
const DEEPEST = 12;

/**
 * The rows of a Parquet file, one row group at a time. `line` is the number of the row.
 * @throws UserError `source` for a file that is damaged, too large, or compressed with an unsupported codec.
 */
export async function* parquetRows(path: string, size: number, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  const file = await ParquetRows.open(path, size);
  try {
    const needed = Math.min(options.most ?? Number.POSITIVE_INFINITY, file.rows);
    for (const { start, end, read } of file.groups) {
      options.signal?.throwIfAborted();
      const rows = start < needed ? await file.range(start, Math.min(end, needed)) : [];
      for (const [at, row] of rows.entries()) {
        if (at % BATCH === 0) options.signal?.throwIfAborted();
        yield { line: start + at + 1, read, ...plainRow(row) };
      }
    }
  } finally {
    await file.close();
  }
}

/** Rows decoded together and kept, when single rows are asked for. */
const NEAR = 32;

/** Random access to the rows of a Parquet file. Only the row groups of the requested rows are read. */
export class ParquetRows {
  readonly groups: readonly Group[];
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;
  #near: { start: number; rows: readonly unknown[] } = { start: 0, rows: [] };

  private constructor(path: string, handle: FileHandle, file: AsyncBuffer, metadata: FileMetaData) {
    this.#path = path;
    this.#handle = handle;
    this.#file = file;
    this.#metadata = metadata;
    this.groups = checkedGroups(path, metadata, file.byteLength);
  }

  /** @throws UserError `source` as parquetRows. */
  static async open(path: string, size: number): Promise<ParquetRows> {
    const handle = await openRegular(path);
    try {
      // Loaded on demand, since most imports are not Parquet.
      const { parquetMetadataAsync } = await import('hyparquet');
      const file = { byteLength: size, slice: slicer(handle, size) };
      const metadata = await explained(path, () => parquetMetadataAsync(file, { geoparquet: false }));
      return new ParquetRows(path, handle, file, metadata);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get rows(): number {
    return this.groups.at(-1)?.end ?? 0;
  }

  /** Rows from `start` to `end`, exclusive, of one row group. */
  async range(start: number, end: number): Promise<readonly unknown[]> {
    const { parquetReadObjects, snappyUncompress } = await import('hyparquet');
    const compressors = boundedCompressors(snappyUncompress);
    const [file, metadata] = [this.#file, this.#metadata];
    const options = { file, metadata, rowStart: start, rowEnd: end, compressors, geoparquet: false };
    return explained(this.#path, () => parquetReadObjects({ ...options, useOffsetIndex: true }));
  }

  /** A row by its index, with its neighbours. */
  async row(index: number): Promise<{ row: unknown } | { reason: string }> {
    const group = this.groups.find(({ end }) => index < end);
    if (group === undefined) return { reason: 'there is no such row' };
    const { start, rows } = this.#near;
    if (index < start || index >= start + rows.length) {
      const from = Math.max(group.start, index - (index % NEAR));
      this.#near = { start: from, rows: await this.range(from, Math.min(group.end, from + NEAR)) };
    }
    return plainRow(this.#near.rows[index - this.#near.start]);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The row in JSON values, or why it can't be used. */
function plainRow(row: unknown): { row: unknown } | { reason: string } {
  const cells = new PlainRow();
  const plain = cells.plain(row);
  return cells.size > MAX_ROW ? { reason: `it is larger than ${MAX_ROW / 1e6} MB` } : { row: plain };
}

/** Reads a range of bytes as hyparquet asks for it; a negative `start` counts from the end. */
function slicer(handle: FileHandle, size: number): AsyncBuffer['slice'] {
  return async (start, end = size) => {
    const from = start < 0 ? Math.max(0, size + start) : start;
    const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - from));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytesRead);
  };
}

interface Group {
  /** Numbers of its rows, from 0; `end` is exclusive. */
  start: number;
  end: number;
  /** Bytes of the file up to its end. */
  read: number;
}

/** The row groups. The footer is not trusted, so its claims are checked. */
function checkedGroups(path: string, metadata: FileMetaData, size: number): Group[] {
  const rows = Number(metadata.num_rows);
  if (!(rows <= MAX_ROWS)) {
    throw new UserError(
      'source',
      `${path} claims ${plural(rows, 'row')}; at most ${formatCount(MAX_ROWS)} are read.`,
      'Import a part of it, or another file.',
    );
  }
  const groups: Group[] = [];
  let start = 0;
  let packed = 0;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    const unpacked = group.columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size), 0);
    packed += group.columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size), 0);
    if (!(count >= 0) || !(packed >= 0) || packed > size || start + count > rows)
      throw damaged(path, 'its parts overlap');
    if (!(unpacked <= MAX_GROUP)) {
      throw new UserError(
        'source',
        `A part of ${path} unpacks to ${(unpacked / 1e6).toFixed(0)} MB; at most ${MAX_GROUP / 1e6} MB are allowed.`,
        'Write it again with smaller row groups, or as JSONL.',
      );
    }
    groups.push({ start, end: start + count, read: Math.min(packed, size) });
    start += count;
  }
  if (start !== rows) throw damaged(path, `it claims ${plural(rows, 'row')} and has ${formatCount(start)}`);
  return groups;
}

type Unpack = (packed: Uint8Array, into: Uint8Array) => unknown;

/** Decompressors with limits per page and group, since a few bytes may claim any size. */
function boundedCompressors(snappy: Unpack): Compressors {
  let left = MAX_GROUP;
  const bounded =
    (unpack: (packed: Uint8Array, size: number) => Uint8Array) =>
    (packed: Uint8Array, size: number): Uint8Array => {
      left -= size;
      if (!(size >= 0 && size <= MAX_PAGE && left >= 0)) throw new RangeError(`a page claims ${plural(size, 'byte')}`);
      return unpack(packed, size);
    };
  const limit = (size: number): { maxOutputLength: number } => ({ maxOutputLength: Math.max(size, 1) });
  const { zstdDecompressSync } = zlib;
  return {
    SNAPPY: bounded((packed, size) => {
      const page = new Uint8Array(size);
      snappy(packed, page);
      return page;
    }),
    GZIP: bounded((packed, size) => zlib.gunzipSync(packed, limit(size))),
    BROTLI: bounded((packed, size) => zlib.brotliDecompressSync(packed, limit(size))),
    // Since Node 22.15.
    ...(typeof zstdDecompressSync === 'function'
      ? { ZSTD: bounded((packed: Uint8Array, size: number) => zstdDecompressSync(packed, limit(size))) }
      : {}),
  };
}

/** Converts cells to JSON values and adds up the approximate size of the row. */
class PlainRow {
  size = 0;

  plain(value: unknown, depth = 0): unknown {
    this.size += 8;
    if (this.size > MAX_ROW || depth > DEEPEST) return null;
    if (typeof value === 'string') {
      this.size += value.length;
      return value;
    }
    // 64-bit integers that a double can't hold become text.
    if (typeof value === 'bigint') {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    // Binary data such as images.
    if (ArrayBuffer.isView(value)) return null;
    if (Array.isArray(value)) return value.map((member) => this.plain(member, depth + 1));
    if (typeof value !== 'object' || value === null) return value ?? null;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.plain(member, depth + 1)]));
  }
}

/** Converts the reader's errors to a UserError. */
async function explained<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (/unsupported compression codec/i.test(messageOf(error))) {
      throw new UserError(
        'source',
        `${path} is compressed in a way that is not read (${messageOf(error)}).`,
        'Write it again with Snappy, gzip or Zstandard (this Node has the latter from 22.15 on), or as JSONL.',
      );
    }
    throw damaged(path, messageOf(error));
  }
}

function damaged(path: string, why: string): UserError {
  return new UserError(
    'source',
    `${path} is not a complete Parquet file: ${why}.`,
    'Download it again, or save it as JSONL.',
  );
}
