import { z } from 'zod';
import { openRegular } from '../../system/regular-file.ts';
import { readLineBatches } from '../lines/files.ts';
import type { RowOf } from './rows.ts';
import type { Place, Segment } from './segment.ts';

/** A line of the dataset that could not be used. */
export const BadRow = z.object({
  file: z.string(),
  /** In bytes, without the line's end. */
  offset: z.number().int().nonnegative(),
  length: z.number().int().nonnegative(),
  /** Counts from 1. */
  line: z.number().int().positive(),
  reason: z.string(),
  /** Nothing of the file can be read: what it is, or that it is UTF-16 text. */
  whole: z.enum(['unreadable', 'utf-16']).optional(),
});
export type BadRow = z.infer<typeof BadRow>;

/** What was read of a file, apart from the rows. */
export interface FileRead {
  bad: BadRow[];
  /** Everything before this byte was read. */
  readTo: number;
  /** Number of the line in which `readTo` is. */
  line: number;
  /** The last line, where the file ends inside it. */
  torn?: { offset: number; length: number; line: number };
}

/** Bytes of a file, from its start or the end of a line to the end of another one; to the end of the file where `to` is absent. */
export interface FilePart {
  from: number;
  to?: number;
}

/**
 * Adds the rows of a part of a file to `rows`.
 * @param firstLine Number of the line in which the part begins.
 */
export async function readPart<Row extends Place>(
  path: string,
  part: FilePart,
  rows: Segment<Row>,
  rowOf: RowOf<Row>,
  firstLine: number,
): Promise<FileRead> {
  const { file } = rows;
  const bad: BadRow[] = [];
  let [readTo, lastLine] = [part.from, firstLine];
  // The checks of rows limit nesting, in a third of the time.
  for await (const batch of readLineBatches(path, { ...part, parse: JSON.parse })) {
    for (const read of batch) {
      const at = { file, offset: read.offset, length: read.length };
      const line = firstLine - 1 + read.line;
      if ('error' in read && read.torn && part.to === undefined)
        return { bad, readTo, line: lastLine, torn: { offset: read.offset, length: read.length, line } };
      [readTo, lastLine] = [read.offset + read.length, line];
      const row = 'error' in read ? read.error : rowOf(read.value, at);
      if (typeof row === 'string') bad.push({ ...at, line, reason: row });
      else if (row !== undefined) rows.push(row);
    }
  }
  return { bad, readTo, line: lastLine };
}

/** Bytes in which the end of a line is looked for. */
const WINDOW = 1024 * 1024;
/** A line ends after the brace of an object. */
const LINE_END = Buffer.from('}\n');

/**
 * Splits the bytes of a file from `from` to `size` at ends of lines, into `count` parts of about the same size. There are fewer where no line ends in the
 * right place.
 */
export async function splitFile(path: string, from: number, size: number, count: number): Promise<FilePart[]> {
  const file = await openRegular(path);
  try {
    const window = Buffer.alloc(WINDOW);
    const parts: FilePart[] = [];
    let start = from;
    for (let part = 1; part < count; part++) {
      const at = Math.max(start, Math.floor(from + ((size - from) * part) / count));
      const { bytesRead } = await file.read(window, 0, WINDOW, at);
      const end = window.subarray(0, bytesRead).indexOf(LINE_END);
      if (end < 0) continue;
      parts.push({ from: start, to: at + end + 1 });
      start = at + end + 1;
    }
    return [...parts, { from: start }];
  } finally {
    await file.close();
  }
}
