import { extname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { formatCount } from '../../core/text/format.ts';
import { openRegular } from '../../system/regular-file.ts';
import { errorCode, readLines } from '../lines/files.ts';
import { csvRows } from './csv.ts';
import { InspectLog, inspectRows } from './inspect-log.ts';
import { jsonListRows } from './json-list.ts';
import { parquetRows } from './parquet.ts';
import { MAX_ROW, type SourceOptions, type SourceRow } from './row.ts';

export type { SourceOptions, SourceRow } from './row.ts';

/** `inspect`: a log of Inspect in its `.eval` format. */
export type SourceFormat = 'jsonl' | 'json' | 'csv' | 'parquet' | 'inspect';

/** A file of rows to import. */
export interface SourceFile {
  format: SourceFormat;
  /** Bytes. */
  size: number;
  /** Every row in order; memory is bounded by the largest one. */
  rows(options?: SourceOptions): AsyncGenerator<SourceRow>;
}

/** `PAR1`. */
const PARQUET = [0x50, 0x41, 0x52, 0x31];
/** `PK`, and the number of a file header. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

const SNIFF = 64 * 1024;
/** Rows used to recognise the columns of a file. */
export const RECOGNISE_ROWS = 50;

/** Unsupported formats by their first bytes. */
const OTHER_FORMATS: [bytes: number[], name: string][] = [
  [[0x1f, 0x8b], 'compressed with gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [ZIP, 'a ZIP archive or a spreadsheet'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];

/**
 * Recognises the format of a file: JSON and JSONL by content, since many files have the wrong name, CSV and TSV by name, Parquet by its first bytes.
 * @throws UserError `source` when it is absent, empty or of an unsupported format.
 */
export async function openSource(path: string): Promise<SourceFile> {
  const { head, size } = await sniff(path);
  const begins = (bytes: readonly number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (begins(PARQUET)) return { format: 'parquet', size, rows: (options) => parquetRows(path, size, options) };
  if (begins(ZIP) && (await isInspectLog(path, size))) {
    return { format: 'inspect', size, rows: (options) => inspectRows(path, size, options) };
  }
  const other = OTHER_FORMATS.find(([bytes]) => begins(bytes));
  if (other) {
    throw new UserError(
      'source',
      `${path} is ${other[1]}.`,
      'Save it as Parquet, or as JSONL, JSON or CSV in UTF-8, and import that.',
    );
  }
  if (head.includes(0)) {
    throw new UserError('source', `${path} is a binary file.`, 'Choose a file of JSONL, JSON, CSV or Parquet.');
  }
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new UserError('source', `${path} is empty.`, 'Choose another file.');
  const extension = extname(path).toLowerCase();
  if (extension === '.csv' || extension === '.tsv') {
    const header = text.trimStart().split('\n')[0] ?? '';
    return { format: 'csv', size, rows: (options) => csvRows(path, header, options) };
  }
  if (isJsonList(text.trimStart(), extension, size)) {
    return { format: 'json', size, rows: (options) => jsonListRows(path, options) };
  }
  return { format: 'jsonl', size, rows: (options) => jsonlRows(path, options) };
}

/** Another archive, or one with a damaged directory, is reported as an archive. */
async function isInspectLog(path: string, size: number): Promise<boolean> {
  const isNamed = extname(path).toLowerCase() === '.eval';
  const log = await InspectLog.open(path, size).catch((error: unknown) => {
    if (isNamed || !(error instanceof UserError)) throw error;
    return undefined;
  });
  await log?.close();
  return log !== undefined;
}

async function sniff(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    const file = await openRegular(path);
    try {
      const { size } = await file.stat();
      const head = Buffer.alloc(Math.min(SNIFF, size));
      await file.read(head, 0, head.length, 0);
      return { head, size };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') throw new UserError('source', `There is no file ${path}.`, 'Check its name and folder.');
    if (code === 'EACCES') throw new UserError('source', `No permission to read ${path}.`, 'Change its permissions.');
    throw error;
  }
}

/** An object on the first line means JSONL, unless the name ends in `.json` and the object has the list. */
function isJsonList(text: string, extension: string, size: number): boolean {
  if (text.startsWith('[')) return true;
  if (extension !== '.json' || !text.startsWith('{')) return false;
  const lineEnd = text.indexOf('\n');
  if (lineEnd === -1 && size > SNIFF) return true;
  const first = lineEnd === -1 ? text : text.slice(0, lineEnd);
  try {
    const row: unknown = JSON.parse(first);
    const rest = text.slice(first.length).trim();
    return (
      rest === '' && Object.values(row as object).some((value) => Array.isArray(value) && typeof value[0] === 'object')
    );
  } catch {
    return true;
  }
}

async function* jsonlRows(path: string, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  for await (const line of readLines(path, { ...options, maxLine: MAX_ROW })) {
    const place = { line: line.line, read: line.offset + line.length };
    if ('error' in line)
      yield { ...place, reason: line.torn ? `the file ends inside the line: ${line.error}` : line.error };
    else yield { ...place, row: line.value };
  }
}

/** Several files, such as the parts of a set, as one source with continuous line numbers. */
export function joinedSource(files: readonly SourceFile[]): SourceFile {
  const [first, ...others] = files;
  if (first === undefined) throw new RangeError('no files to read');
  if (others.length === 0) return first;
  return {
    format: first.format,
    size: files.reduce((sum, { size }) => sum + size, 0),
    rows: (options) => joinedRows(files, options),
  };
}

async function* joinedRows(files: readonly SourceFile[], options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  let before = 0;
  let lines = 0;
  for (const file of files) {
    let last = 0;
    for await (const read of file.rows(options)) {
      last = read.line;
      yield { ...read, line: lines + read.line, read: before + read.read };
    }
    before += file.size;
    lines += last;
  }
}

/**
 * The first `count` readable rows, to recognise columns and for a preview.
 * @throws UserError `source` where there are rows, and none can be read
 */
export async function firstRows(source: SourceFile, count: number, options: SourceOptions = {}): Promise<unknown[]> {
  const rows: unknown[] = [];
  let bad: (SourceRow & { reason: string }) | undefined;
  for await (const read of source.rows({ ...options, most: count })) {
    if ('row' in read) rows.push(read.row);
    else bad ??= read;
    if (rows.length >= count) break;
  }
  if (rows.length === 0 && bad !== undefined)
    throw new UserError(
      'source',
      `No row can be read. Row ${formatCount(bad.line)}: ${bad.reason}.`,
      'Mend the file, or choose another one.',
    );
  return rows;
}
