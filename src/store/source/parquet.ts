import zlib from 'node:zlib';
import type { Compressors, FileMetaData } from 'hyparquet';
import { messageOf } from '../files.ts';
import { MAX_ROW, SourceError, type SourceOptions, type SourceRow } from './error.ts';

/** More rows than any problem set or set of traces has; a file that claims more is not begun. */
const MAX_ROWS = 20_000_000;
/** A row group is held in memory whole. Writers make groups of some 100 MB. */
const MAX_GROUP = 1_000_000_000;
const MAX_PAGE = 256_000_000;
/** Rows that become objects at once. */
const BATCH = 1000;
/** Lists and objects in a cell may nest so deep. */
const DEEPEST = 12;

/**
 * The rows of a Parquet file, one row group at a time. `line` is the number of the row. Throws SourceError for a file that is damaged, too large to be
 * unpacked, or compressed in a way that is not read.
 */
export async function* parquetRows(path: string, size: number, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  // Loaded here: most imports are no Parquet.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, snappyUncompress } = await import('hyparquet');
  const file = await asyncBufferFromFile(path);
  const metadata = await inWords(path, () => parquetMetadataAsync(file, { geoparquet: false }));
  const groups = checkedGroups(path, metadata, size);
  const wanted = Math.min(options.most ?? Number.POSITIVE_INFINITY, groups.at(-1)?.end ?? 0);
  for (const { start, end, read } of groups) {
    // What is decoded once is decoded whole, unless only the first rows are wanted.
    const rowEnd = Math.min(end, wanted);
    if (rowEnd <= start) return;
    options.signal?.throwIfAborted();
    const compressors = boundedCompressors(snappyUncompress);
    const rows = await inWords(path, () =>
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

/** The row groups, where what they claim can be: everything in the footer is the word of whoever made the file. */
function checkedGroups(path: string, metadata: FileMetaData, size: number): Group[] {
  const rows = Number(metadata.num_rows);
  if (!(rows <= MAX_ROWS)) {
    throw new SourceError(
      `${path} claims ${rows.toLocaleString('en')} rows; at most ${MAX_ROWS.toLocaleString('en')} are read.`,
      'Take a part of it, or another file.',
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
      throw new SourceError(
        `A part of ${path} unpacks to ${(unpacked / 1e6).toFixed(0)} MB; at most ${MAX_GROUP / 1e6} MB are held at once.`,
        'Write it again with smaller row groups, or as JSONL.',
      );
    }
    groups.push({ start, end: start + count, read: Math.min(packed, size) });
    start += count;
  }
  if (start !== rows) throw damaged(path, `it claims ${rows} rows and has ${start}`);
  return groups;
}

type Unpack = (packed: Uint8Array, into: Uint8Array) => unknown;

/** Node's own and the reader's Snappy, each with the limits of a page and of a group: a few bytes may claim to unpack to anything. */
function boundedCompressors(snappy: Unpack): Compressors {
  let left = MAX_GROUP;
  const bounded =
    (unpack: (packed: Uint8Array, size: number) => Uint8Array) =>
    (packed: Uint8Array, size: number): Uint8Array => {
      left -= size;
      if (!(size >= 0 && size <= MAX_PAGE && left >= 0)) throw new RangeError(`a page claims ${size} bytes`);
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

/** Cells as JSON has them, and how large the row is, roughly. */
class PlainRow {
  size = 0;

  plain(value: unknown, depth = 0): unknown {
    this.size += 8;
    if (this.size > MAX_ROW || depth > DEEPEST) return null;
    if (typeof value === 'string') {
      this.size += value.length;
      return value;
    }
    // Whole numbers are 64 bits wide there; those that a double can't hold stay exact as text.
    if (typeof value === 'bigint') {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    // Pictures and the like.
    if (ArrayBuffer.isView(value)) return null;
    if (Array.isArray(value)) return value.map((member) => this.plain(member, depth + 1));
    if (typeof value !== 'object' || value === null) return value ?? null;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.plain(member, depth + 1)]));
  }
}

/** The reader throws plain errors, and on bytes that make no sense RangeErrors and TypeErrors. */
async function inWords<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (/unsupported compression codec/i.test(messageOf(error))) {
      throw new SourceError(
        `${path} is compressed in a way that is not read (${messageOf(error)}).`,
        'Write it again with Snappy, gzip or Zstandard (this Node has the latter from 22.15 on), or as JSONL.',
      );
    }
    throw damaged(path, messageOf(error));
  }
}

function damaged(path: string, why: string): SourceError {
  return new SourceError(`${path} is no whole Parquet file: ${why}.`, 'Get it again, or save it as JSONL.');
}
