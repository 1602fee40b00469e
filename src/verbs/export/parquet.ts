import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Feature, FileEntry } from '../../core/export/index.ts';
import { type EncodedRows, PHYSICAL, RowEncoder } from './parquet-pages.ts';

/** Bytes of the pages of a row group before compression. A reader holds a row group in memory. */
const GROUP = 16 * 1024 * 1024;
/** Number of rows in a group, for short rows. */
const MOST_ROWS = 100_000;
/** Rows that are encoded together, and the most code units of them as JSON, after the first row beyond that. */
const PAGE = { rows: 512, size: 4 * 1024 * 1024 };

/** Rows as a Parquet file, hashed while it is written. It holds one compressed row group in memory, and appears with its first row. */
export class ParquetFile {
  readonly name: string;
  rows = 0;
  readonly #folder: string;
  readonly #encoder: RowEncoder;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #hash = createHash('sha256');
  #file: FileHandle | undefined;
  /** Size of the rows that are not encoded yet. */
  #size = 0;
  #group: EncodedRows[] = [];
  #written = 0;

  constructor(folder: string, name: string, features: readonly Feature[]) {
    this.#folder = folder;
    this.name = name;
    this.#encoder = new RowEncoder(features);
    const schema = [{ name: 'root', num_children: features.length }, ...features.flatMap(elements)];
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'longhand' });
  }

  /** @param size of the row as JSON, in code units. */
  async row(row: object, size: number): Promise<void> {
    this.#encoder.add(row);
    this.#size += size;
    if (this.#size >= PAGE.size || this.#encoder.rows >= PAGE.rows) await this.endPages();
  }

  /** The next row begins other pages. */
  async endPages(): Promise<void> {
    this.#size = 0;
    await this.add(this.#encoder.encoded());
  }

  /** Adds rows that are encoded already. */
  async add(encoded: EncodedRows): Promise<void> {
    if (encoded.rows === 0) return;
    this.rows += encoded.rows;
    this.#group.push(encoded);
    const rows = this.#group.reduce((sum, one) => sum + one.rows, 0);
    const bytes = this.#group.flatMap(({ pages }) => pages).reduce((sum, { uncompressed }) => sum + uncompressed, 0);
    if (bytes >= GROUP || rows >= MOST_ROWS) await this.#endGroup();
  }

  /** Writes what is left and the index, on disk on return. */
  async close(): Promise<void> {
    await this.endPages();
    if (this.rows === 0) return;
    try {
      await this.#endGroup();
      await this.#writer.finish();
      await this.#take();
      await this.#file?.sync();
    } finally {
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  get entry(): FileEntry {
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#written, rows: this.rows };
  }

  async #endGroup(): Promise<void> {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    const start = this.#bytes.offset;
    const columns = this.#encoder.append(group, this.#bytes);
    const rows = BigInt(group.reduce((sum, one) => sum + one.rows, 0));
    this.#writer.row_groups.push({
      columns: columns.map((meta) => ({ meta_data: meta, file_offset: meta.data_page_offset })),
      total_byte_size: columns.reduce((sum, meta) => sum + meta.total_uncompressed_size, 0n),
      num_rows: rows,
      total_compressed_size: BigInt(this.#bytes.offset - start),
    });
    this.#writer.num_rows += rows;
    await this.#take();
  }

  /** Moves the written bytes to the file. The writer keeps counting its offset. */
  async #take(): Promise<void> {
    const bytes = this.#bytes.getBytes();
    this.#hash.update(bytes);
    this.#written += bytes.length;
    if (this.#file === undefined) {
      const path = join(this.#folder, this.name);
      await mkdir(dirname(path), { recursive: true });
      this.#file = await open(path, 'wx');
    }
    await this.#file.writeFile(bytes);
    this.#bytes.index = 0;
  }
}

/** A column as elements of a schema: a list has the three levels of the Parquet format. */
function elements({ name, type }: Feature): SchemaElement[] {
  const repetition_type = 'OPTIONAL';
  if (typeof type === 'string')
    return [{ name, repetition_type, type: PHYSICAL[type], ...(type === 'string' ? { converted_type: 'UTF8' } : {}) }];
  if ('struct' in type)
    return [{ name, repetition_type, num_children: type.struct.length }, ...type.struct.flatMap(elements)];
  return [
    { name, repetition_type, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...elements({ name: 'element', type: type.list }),
  ];
}
