import { type FileHandle, stat } from 'node:fs/promises';
import { UserError } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';
import { openRegular } from '../../system/regular-file.ts';
import { parseLine } from '../lines/files.ts';
import { openSource, type SourceFormat } from './index.ts';
import { InspectLog } from './inspect-log.ts';
import { type ElementPlace, ListSplitter, parseElement, tooLarge } from './json-list.ts';
import { type Checkpoint, LineIndex, type RowPlace, rowsIn } from './line-index.ts';
import { ParquetRows } from './parquet.ts';
import { MAX_ROW } from './row.ts';

/** A row, or why it can't be read. */
export type RowRead = { row: unknown } | { reason: string };

/** Random access to the rows of a file. Its text stays in the file. */
export interface RowFile {
  readonly format: SourceFormat;
  /** Bytes. */
  readonly size: number;
  /** Rows found so far. */
  readonly rows: number;
  /** Bytes that were searched for rows; `size` when all rows are found. */
  readonly searched: number;
  /** Finds more rows, in some milliseconds of work. Does nothing when all are found. */
  search(): Promise<void>;
  /** The row at an index from 0, which is found first if necessary; undefined after the last one. */
  row(index: number): Promise<RowRead | undefined>;
  /** The index of the row that an examination or an import calls this line, from 1; undefined if there is none. */
  rowOfLine(line: number): Promise<number | undefined>;
  /**
   * Takes in what was appended to the file.
   * @returns the first row that may be another one than before; undefined if the file has changed otherwise, and must be opened again
   */
  grow(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Bytes of the first search, which has the first row, and of later ones. */
const FIRST_CHUNK = 256 * 1024;
const CHUNK = 4 * 1024 * 1024;
/** In bytes; the places of all elements are held in memory. */
const MAX_LIST = 1_000_000_000;
/** Bytes at the start of a file, and before the place up to which it was searched, that show whether it is the same. */
const COMPARED = 64 * 1024;

/** Where the places of lines are kept for the next time. */
export interface KeptPlaces {
  load(): Promise<LineIndex | undefined>;
  save(index: LineIndex): Promise<void>;
}

/**
 * Opens a JSONL, JSON or Parquet file or a log of Inspect.
 * @param kept Only the lines of a file take long to be found.
 * @throws UserError `source` for another file, with what to do.
 */
export async function openRowFile(path: string, kept?: KeptPlaces): Promise<RowFile> {
  const { format, size } = await openSource(path);
  switch (format) {
    case 'jsonl':
      return LineFile.open(path, size, kept);
    case 'json':
      if (size <= MAX_LIST) return new ListFile(await openRegular(path), size);
      throw new UserError(
        'source',
        `${path} is a JSON list of ${formatBytes(size)}; at most ${formatBytes(MAX_LIST)} can be opened.`,
        'Save it as JSONL or Parquet, which can have any size.',
      );
    case 'parquet':
      return new IndexedFile(format, size, await ParquetRows.open(path, size));
    case 'inspect': {
      const log = await InspectLog.open(path, size);
      if (log !== undefined) return new IndexedFile(format, size, log);
    }
  }
  throw new UserError('source', `${path} can’t be opened as traces.`, 'Import it into a dataset, or save it as JSONL.');
}

/** A file whose rows are found by reading it once from start to end. */
abstract class SearchedFile implements RowFile {
  abstract readonly format: SourceFormat;
  protected readonly file: FileHandle;
  #size: number;
  #chunk = Buffer.alloc(0);
  #searched = 0;
  #searching: Promise<void> | undefined;

  constructor(file: FileHandle, size: number) {
    this.file = file;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** All rows were found before. */
  protected skip(): void {
    this.#searched = this.#size;
  }

  /** The file ends later. */
  protected extend(size: number): void {
    this.#size = size;
  }

  async grow(): Promise<number | undefined> {
    return undefined;
  }

  abstract get rows(): number;
  /** Takes the next bytes, which are valid during the call only. */
  protected abstract take(bytes: Buffer): void;
  /** The row at an index below `rows`. */
  protected abstract read(index: number): Promise<RowRead>;

  get searched(): number {
    return this.#searched;
  }

  search(): Promise<void> {
    this.#searching ??= this.#next().finally(() => {
      this.#searching = undefined;
    });
    return this.#searching;
  }

  async row(index: number): Promise<RowRead | undefined> {
    while (index >= this.rows && this.#searched < this.size) await this.search();
    return index < this.rows ? this.read(index) : undefined;
  }

  async rowOfLine(line: number): Promise<number | undefined> {
    while (line > this.rows && this.#searched < this.size) await this.search();
    return line <= this.rows ? line - 1 : undefined;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async #next(): Promise<void> {
    if (this.#searched >= this.size) return;
    const length = Math.min(this.#searched === 0 ? FIRST_CHUNK : CHUNK, this.size - this.#searched);
    if (this.#chunk.length < length) this.#chunk = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.file.read(this.#chunk, 0, length, this.#searched);
    this.take(this.#chunk.subarray(0, bytesRead));
    // A file that became shorter ends here.
    this.#searched = bytesRead === 0 ? this.size : this.#searched + bytesRead;
  }
}

/** The rows between two kept places. */
interface Block {
  firstRow: number;
  offset: number;
  bytes: Buffer;
  rows: RowPlace[];
  /** Whether its last row ends in it. */
  isWhole: boolean;
}

class LineFile extends SearchedFile {
  readonly format = 'jsonl';
  #index = new LineIndex();
  readonly #path: string;
  #kept: KeptPlaces | undefined;
  #saving: Promise<void> | undefined;
  #block: Block | undefined;
  /** The first and the last bytes of what was searched. */
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);

  private constructor(file: FileHandle, size: number, path: string) {
    super(file, size);
    this.#path = path;
  }

  static async open(path: string, size: number, kept: KeptPlaces | undefined): Promise<LineFile> {
    const file = new LineFile(await openRegular(path), size, path);
    const index = await kept?.load();
    if (index?.read !== size) {
      file.#kept = kept;
      return file;
    }
    file.#index = index;
    file.#head = await file.#bytes(0, Math.min(COMPARED, size));
    file.#tail = await file.#bytes(Math.max(0, size - COMPARED), Math.min(COMPARED, size));
    file.skip();
    return file;
  }

  get rows(): number {
    return this.#index.rows;
  }

  override async close(): Promise<void> {
    await this.#saving;
    await super.close();
  }

  protected take(bytes: Buffer): void {
    this.#index.push(bytes);
    if (this.searched === 0) this.#head = Buffer.from(bytes.subarray(0, COMPARED));
    this.#tail = Buffer.from(bytes.subarray(-COMPARED));
    if (this.#index.read !== this.size) return;
    this.#saving = this.#kept?.save(this.#index);
    this.#kept = undefined;
  }

  override async grow(): Promise<number | undefined> {
    const [own, now] = [await this.file.stat(), await stat(this.#path)];
    if (own.ino !== now.ino || own.dev !== now.dev || now.size <= this.size) return undefined;
    const end = this.searched;
    if (!(await this.#hasBytes(this.#head, 0)) || !(await this.#hasBytes(this.#tail, end - this.#tail.length)))
      return undefined;
    this.extend(now.size);
    // What is kept is of the file as it was opened.
    this.#kept = undefined;
    this.#block = undefined;
    // Its last line may have been incomplete.
    return Math.max(0, this.rows - 1);
  }

  async #hasBytes(expected: Buffer, offset: number): Promise<boolean> {
    return (await this.#bytes(offset, expected.length)).equals(expected);
  }

  /** Fewer where the file became shorter. */
  async #bytes(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  }

  override async rowOfLine(line: number): Promise<number | undefined> {
    while (line > this.#index.lines && this.searched < this.size) await this.search();
    const { before, after } = this.#index.aroundLine(line);
    if (this.#block?.firstRow !== before.row) this.#block = await this.#readBlock(before, after);
    const found = this.#block.rows.findIndex(({ lines }) => before.line + lines === line);
    return found < 0 ? undefined : before.row + found;
  }

  protected async read(index: number): Promise<RowRead> {
    const { before, after } = this.#index.around(index);
    let block = this.#block;
    if (block?.firstRow !== before.row || !this.#holds(block, index)) {
      block = await this.#readBlock(before, after);
      this.#block = block;
    }
    const place = block.rows[index - before.row];
    if (place === undefined) return { reason: 'the file has changed since it was opened' };
    const isCut = !block.isWhole && index - before.row === block.rows.length - 1;
    if (isCut) return { reason: `it is larger than ${formatBytes(MAX_ROW)}, the most that is read` };
    if (place.end - place.start > MAX_ROW) return { reason: tooLarge(place.end - place.start) };
    const line = parseLine(block.bytes.subarray(place.start, place.end), block.offset + place.start, index + 1);
    if (line === undefined) return { reason: 'it is blank' };
    return 'error' in line ? { reason: line.error } : { row: line.value };
  }

  #holds({ rows, firstRow, isWhole }: Block, index: number): boolean {
    return index - firstRow < rows.length - (isWhole ? 0 : 1);
  }

  /** Usually 64 rows. A longer row is read up to the limit, which shows that it is too long. */
  async #readBlock({ row, offset }: Checkpoint, after: Checkpoint | undefined): Promise<Block> {
    const end = after?.offset ?? this.size;
    const bytes = Buffer.allocUnsafe(Math.min(end - offset, MAX_ROW + CHUNK));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, offset);
    const read = bytes.subarray(0, bytesRead);
    return { firstRow: row, offset, bytes: read, rows: rowsIn(read, offset), isWhole: offset + bytesRead >= end };
  }
}

class ListFile extends SearchedFile {
  readonly format = 'json';
  readonly #places: number[] = [];
  readonly #splitter = new ListSplitter(({ start, end }) => this.#places.push(start, end), 0);
  #torn: string | undefined;

  get rows(): number {
    return this.#places.length / 2 + (this.#torn === undefined ? 0 : 1);
  }

  protected take(bytes: Buffer): void {
    // The splitter finds elements as they are asked for.
    for (const _ of this.#splitter.push(bytes));
    if (this.searched + bytes.length >= this.size) this.#torn = this.#splitter.end()?.reason;
  }

  protected async read(index: number): Promise<RowRead> {
    const [start, end] = this.#places.slice(index * 2, index * 2 + 2);
    if (start === undefined || end === undefined) return { reason: this.#torn ?? 'there is no such row' };
    const bytes = Buffer.allocUnsafe(Math.min(end - start, MAX_ROW));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, start);
    const place: ElementPlace = { line: index + 1, start, end };
    const found = parseElement(place, bytes.subarray(0, bytesRead));
    return 'row' in found ? { row: found.row } : { reason: found.reason };
  }
}

/** A file that knows where its rows are. */
class IndexedFile implements RowFile {
  readonly format: SourceFormat;
  readonly size: number;
  readonly #from: Pick<InspectLog, 'rows' | 'row' | 'close'>;

  constructor(format: SourceFormat, size: number, from: Pick<InspectLog, 'rows' | 'row' | 'close'>) {
    this.format = format;
    this.size = size;
    this.#from = from;
  }

  get rows(): number {
    return this.#from.rows;
  }

  get searched(): number {
    return this.size;
  }

  async search(): Promise<void> {}

  async grow(): Promise<undefined> {}

  async row(index: number): Promise<RowRead | undefined> {
    return index < this.rows ? this.#from.row(index) : undefined;
  }

  async rowOfLine(line: number): Promise<number | undefined> {
    return line <= this.rows ? line - 1 : undefined;
  }

  close(): Promise<void> {
    return this.#from.close();
  }
}
