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
  const handle = await openRegular(path);
  try {
    yield* groupRows(path, { byteLength: size, slice: slicer(handle, size) }, options);
  } finally {
    await handle.close();
  }
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

async function* groupRows(path: string, file: AsyncBuffer, options: SourceOptions): AsyncGenerator<SourceRow> {
  // Loaded on demand, since most imports are not Parquet.
  const { parquetMetadataAsync, parquetReadObjects, snappyUncompress } = await import('hyparquet');
  const metadata = await explained(path, () => parquetMetadataAsync(file, { geoparquet: false }));
  const groups = checkedGroups(path, metadata, file.byteLength);
  const needed = Math.min(options.most ?? Number.POSITIVE_INFINITY, groups.at(-1)?.end ?? 0);
  for (const { start, end, read } of groups) {
    const rowEnd = Math.min(end, needed);
    if (rowEnd <= start) return;
    options.signal?.throwIfAborted();
    const compressors = boundedCompressors(snappyUncompress);
    const rows = await explained(path, () =>
      parquetReadObjects({ file, metadata, rowStart: start, rowEnd, compressors, geoparquet: false }),
    );
    for (const [at, row] of rows.entries()) {
      if (at % BATCH === 0) options.signal?.throwIfAborted();
      const place = { line: start + at + 1, read };
      const cell = new PlainRow();
      const plain = cell.plain(row);
      if (cell.size > MAX_ROW) yield { ...place, reason: `it is larger than ${MAX_ROW / 1e6} MB` };
      else yield { ...place, row: plain };
    }
  }
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
