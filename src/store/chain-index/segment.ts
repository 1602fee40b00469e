import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { Defined } from '../../core/defined.ts';
import { type Column, type ColumnKind, count, largeCount } from './columns.ts';

/** The place of a line: file relative to the dataset with `/`, offset and length in bytes. */
export interface Place {
  file: string;
  offset: number;
  length: number;
}

/** How the members of a row are stored, except its place. */
export type Shape<Row extends Place> = {
  readonly [Member in Exclude<keyof Row, keyof Place>]-?: ColumnKind<Row[Member]>;
};

/** The row that a shape stores. */
export type RowIn<S> = Place &
  Defined<{ [Member in keyof S]: S[Member] extends ColumnKind<infer Value> ? Value : never }>;

/** The rows of one file, by columns. */
export class Segment<Row extends Place> {
  readonly file: string;
  readonly #columns: ReadonlyMap<string, Column>;
  #length: number;

  /** `columns`: of as many rows; without them, a new segment is empty. */
  constructor(file: string, shape: Shape<Row>, columns?: { rows: number; of: ReadonlyMap<string, Column> }) {
    this.file = file;
    this.#columns = new Map(
      Object.entries(kindsOf(shape)).map(([name, kind]) => [name, columns?.of.get(name) ?? kind.create()]),
    );
    this.#length = columns?.rows ?? 0;
  }

  get length(): number {
    return this.#length;
  }

  push(row: Row): void {
    for (const [name, column] of this.#columns) column.push(row[name as keyof Row]);
    this.#length++;
  }

  /** Pushes all rows of a segment of the same shape. */
  append(other: Segment<Row>): void {
    for (const [name, column] of this.#columns) column.append(other.column(name as keyof Row));
    this.#length += other.length;
  }

  /** See Column. */
  prepare(): void {
    for (const column of this.#columns.values()) column.prepare?.();
  }

  /** @param at below `length`. */
  row(at: number): Row {
    const row: Record<string, unknown> = { file: this.file };
    for (const [name, column] of this.#columns) {
      const value = column.at(at);
      if (value !== undefined) row[name] = value;
    }
    return row as unknown as Row;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let at = 0; at < this.#length; at++) yield this.row(at);
  }

  /** A column by the name of its member. */
  column(name: keyof Row): Column {
    const found = this.#columns.get(String(name));
    if (!found) throw new RangeError(`no column ${String(name)}`);
    return found;
  }

  /** Where the last of its lines ends, in bytes. */
  get end(): number {
    const [offset, length] = [this.column('offset'), this.column('length')];
    let end = 0;
    for (let at = 0; at < this.#length; at++) end = Math.max(end, Number(offset.at(at)) + Number(length.at(at)));
    return end;
  }

  get columns(): readonly (readonly [name: string, column: Column])[] {
    return [...this.#columns];
  }
}

function kindsOf<Row extends Place>(shape: Shape<Row>): Record<string, ColumnKind> {
  return { offset: largeCount, length: count, ...(shape as unknown as Record<string, ColumnKind>) };
}

const MAGIC = 0x4c48_4958;
/** Magic, version, length of the header, checksum of everything after it. */
const START = 16;
const ALIGNED = 8;

const Header = z.object({
  /** What the file belongs to; compared as it is. */
  of: z.unknown(),
  more: z.unknown(),
  rows: z.number().int().nonnegative(),
  /** Bytes of each part of each column. */
  columns: z.record(z.string(), z.array(z.number().int().nonnegative())),
});

/** Columns of as many rows. */
export interface NamedColumns {
  length: number;
  columns: readonly (readonly [name: string, column: Column])[];
}

/**
 * The bytes of a segment or of other columns: a header of JSON, and the parts of the columns, each at a multiple of 8 bytes.
 * @param of dataset, kind and file, which a reader compares. `more`: what else is stored, as JSON.
 */
export function encodeColumns(
  { length, columns: named }: NamedColumns,
  version: number,
  of: unknown,
  more: unknown,
): Uint8Array<ArrayBuffer> {
  const parts = named.map(([name, column]) => [name, column.parts()] as const);
  const columns = Object.fromEntries(parts.map(([name, all]) => [name, all.map(({ byteLength }) => byteLength)]));
  const header = Buffer.from(JSON.stringify({ of, more, rows: length, columns }), 'utf8');
  const views = parts.flatMap(([, all]) => all);
  const size = views.reduce((sum, { byteLength }) => sum + aligned(byteLength), aligned(START + header.length));
  const bytes = Buffer.alloc(size);
  header.copy(bytes, START);
  let at = aligned(START + header.length);
  for (const view of views) {
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
    at += aligned(view.byteLength);
  }
  for (const [i, number] of [MAGIC, version, header.length, crc32(bytes.subarray(START))].entries())
    bytes.writeUInt32LE(number, i * 4);
  return bytes;
}

/** Reads a segment that `encodeColumns` wrote. @throws Error as `decodeColumns`. */
export function decodeSegment<Row extends Place>(
  bytes: Buffer,
  version: number,
  of: { file: string },
  shape: Shape<Row>,
): { segment: Segment<Row>; more: unknown } {
  const { rows, columns, more } = decodeColumns(bytes, version, of, kindsOf(shape));
  return { segment: new Segment(of.file, shape, { rows, of: columns }), more };
}

/**
 * Reads what `encodeColumns` wrote.
 * @param bytes from the start of their buffer. @param kinds in the order in which the columns were written.
 * @throws Error when they are of another version, belong to something else or are not valid.
 */
export function decodeColumns(
  bytes: Buffer,
  version: number,
  of: unknown,
  kinds: Readonly<Record<string, ColumnKind>>,
): { rows: number; columns: ReadonlyMap<string, Column>; more: unknown } {
  if (bytes.length < START || bytes.readUInt32LE(0) !== MAGIC) throw new Error('it is not an index');
  if (bytes.readUInt32LE(4) !== version) throw new Error('it is of another version');
  if (bytes.readUInt32LE(12) !== crc32(bytes.subarray(START))) throw new Error('it is damaged');
  const end = START + bytes.readUInt32LE(8);
  const header = Header.parse(JSON.parse(bytes.toString('utf8', START, end)));
  if (JSON.stringify(header.of) !== JSON.stringify(of)) throw new Error('it belongs to something else');
  let at = aligned(end);
  const take = (length: number): Uint8Array => {
    const part = bytes.subarray(at, at + length);
    if (part.length !== length) throw new Error('it ends too early');
    at += aligned(length);
    return part;
  };
  const columns = new Map<string, Column>();
  for (const [name, kind] of Object.entries(kinds))
    columns.set(name, kind.load((header.columns[name] ?? []).map(take), header.rows));
  return { rows: header.rows, columns, more: header.more };
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNED) * ALIGNED;
}
