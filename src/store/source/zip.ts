import type { FileHandle } from 'node:fs/promises';
import zlib from 'node:zlib';
import { UserError } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';

/** A file in a ZIP archive. Sizes and offsets in bytes, as the archive claims them. */
export interface ZipEntry {
  name: string;
  method: number;
  packed: number;
  size: number;
  /** Of its local header. */
  offset: number;
}

const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
/** The end record may have a comment of 64 KB behind it. */
const MOST_END = END_SIZE + 0xffff;
/** In bytes; the directory is held in memory. */
const MAX_DIRECTORY = 128_000_000;
const UNKNOWN = 0xffffffff;
const EXTRA_64 = 1;

/**
 * The directory of a ZIP archive, also of one with 64-bit offsets. fflate would hold the whole archive in memory.
 * @throws UserError `source` when the archive is incomplete or its directory is damaged.
 */
export async function zipEntries(file: FileHandle, path: string, size: number): Promise<ZipEntry[]> {
  const { start, length } = await directoryPlace(file, path, size);
  if (!(length <= MAX_DIRECTORY && start >= 0 && start + length <= size))
    throw damaged(path, 'its directory is missing');
  const bytes = await readRange(file, start, length);
  const entries: ZipEntry[] = [];
  for (let at = 0; at + 46 <= bytes.length && bytes.readUInt32LE(at) === CENTRAL; ) {
    const names = bytes.readUInt16LE(at + 28);
    const extras = bytes.readUInt16LE(at + 30);
    const next = at + 46 + names + extras + bytes.readUInt16LE(at + 32);
    if (next > bytes.length) throw damaged(path, 'its directory ends early');
    entries.push(entryAt(bytes, at, names, extras));
    at = next;
  }
  return entries;
}

function entryAt(bytes: Buffer, at: number, names: number, extras: number): ZipEntry {
  const name = bytes.toString('utf8', at + 46, at + 46 + names);
  const extra = bytes.subarray(at + 46 + names, at + 46 + names + extras);
  const large = extra64(extra);
  const wide = (value: number): number => (value === UNKNOWN ? (large.shift() ?? value) : value);
  // The order in which the extra field has them.
  const size = wide(bytes.readUInt32LE(at + 24));
  const packed = wide(bytes.readUInt32LE(at + 20));
  const offset = wide(bytes.readUInt32LE(at + 42));
  return { name, method: bytes.readUInt16LE(at + 10), packed, size, offset };
}

/** The 64-bit numbers of an entry. */
function extra64(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === EXTRA_64) {
      const field = extra.subarray(at + 4, at + 4 + length);
      return Array.from({ length: Math.floor(field.length / 8) }, (_, i) => Number(field.readBigUInt64LE(i * 8)));
    }
    at += 4 + length;
  }
  return [];
}

async function directoryPlace(
  file: FileHandle,
  path: string,
  size: number,
): Promise<{ start: number; length: number }> {
  const from = Math.max(0, size - MOST_END);
  const tail = await readRange(file, from, size - from);
  let at = tail.length - END_SIZE;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw damaged(path, 'its end is missing');
  const place = { length: tail.readUInt32LE(at + 12), start: tail.readUInt32LE(at + 16) };
  if (at < 20 || tail.readUInt32LE(at - 20) !== END_64_LOCATOR) return place;
  const end64 = await readRange(file, Number(tail.readBigUInt64LE(at - 12)), 56);
  if (end64.length < 56 || end64.readUInt32LE(0) !== END_64) return place;
  return { length: Number(end64.readBigUInt64LE(40)), start: Number(end64.readBigUInt64LE(48)) };
}

/**
 * The content of an entry.
 * @param limit bytes. @returns The reason if it can't be read.
 */
export async function readEntry(file: FileHandle, entry: ZipEntry, limit: number): Promise<Buffer | string> {
  const { packed, size, method, offset } = entry;
  if (!(packed <= limit && size <= limit)) {
    return `it is ${formatBytes(Math.max(packed, size))} large; at most ${formatBytes(limit)} are read`;
  }
  const header = await readRange(file, offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL) return 'its header is damaged';
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = await readRange(file, start, packed);
  if (bytes.length < packed) return 'the file ends inside it';
  try {
    return unpacked(bytes, method, Math.max(size, 1));
  } catch {
    return 'it can’t be unpacked';
  }
}

function unpacked(bytes: Buffer, method: number, size: number): Buffer | string {
  const limit = { maxOutputLength: size };
  if (method === 0) return bytes;
  if (method === 8) return zlib.inflateRawSync(bytes, limit);
  // Since Node 22.15.
  if (method === 93 && typeof zlib.zstdDecompressSync === 'function') return zlib.zstdDecompressSync(bytes, limit);
  return `it is packed by method ${method}, which is not read`;
}

/** The bytes of a range; fewer where the file ends. */
async function readRange(file: FileHandle, start: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(start) || start < 0 || length <= 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, start);
  return bytes.subarray(0, bytesRead);
}

function damaged(path: string, why: string): UserError {
  return new UserError('source', `${path} is not a complete ZIP archive: ${why}.`, 'Copy or download it again.');
}
