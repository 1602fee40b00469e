import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  type ExportForm,
  type FileEntry,
  type FileFormats,
  featuresOf,
  fileOfSet,
  parquetName,
  type RowSet,
} from '../../core/export/index.ts';
import { errorCode } from '../../store/lines/files.ts';
import { fileHash } from '../../system/regular-file.ts';
import { ParquetFile } from './parquet.ts';
import type { EncodedRows } from './parquet-pages.ts';

/** Bytes that are written at once. */
const BATCH = 1024 * 1024;
/** Most bytes of a code unit in UTF-8. */
const WIDEST = 3;

/** A file of an export in the making, hashed while it is written. It appears with its first row. */
export class HashedFile {
  readonly name: string;
  rows = 0;
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  #file: FileHandle | undefined;
  #batch: Buffer | undefined;
  /** Bytes of the batch. */
  #filled = 0;
  #bytes = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.name = name;
  }

  /** @param json one row, without a line end */
  async row(json: string): Promise<void> {
    this.rows++;
    await this.write(`${json}\n`);
  }

  async write(text: string): Promise<void> {
    const most = text.length * WIDEST;
    if (this.#filled + most > BATCH) await this.#flush();
    if (most > BATCH) await this.#put(Buffer.from(text, 'utf8'));
    else {
      this.#batch ??= Buffer.allocUnsafeSlow(BATCH);
      this.#filled += this.#batch.write(text, this.#filled, 'utf8');
    }
  }

  /** @param rows Number of the lines in `bytes`. */
  async lines(bytes: Uint8Array, rows: number): Promise<void> {
    this.rows += rows;
    await this.#flush();
    if (bytes.length > 0) await this.#put(bytes);
  }

  /** Writes what is left, on disk on return. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** What was written so far. */
  get entry(): FileEntry {
    const sha256 = this.#hash.copy().digest('hex');
    return { sha256, bytes: this.#bytes, ...(this.rows > 0 ? { rows: this.rows } : {}) };
  }

  async #flush(): Promise<void> {
    const bytes = this.#batch?.subarray(0, this.#filled);
    this.#filled = 0;
    if (bytes && bytes.length > 0) await this.#put(bytes);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    if (!this.#file) {
      const path = join(this.#folder, this.name);
      await mkdir(dirname(path), { recursive: true });
      this.#file = await open(path, 'wx');
    }
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }
}

/** The files of rows of an export. A file without rows does not exist. */
export class RowFiles {
  readonly formats: FileFormats;
  readonly #files: readonly { jsonl?: HashedFile; parquet?: ParquetFile }[];

  /** @param set What the rows are for; names of files begin with it. */
  constructor(folder: string, { files }: Pick<ExportForm, 'files'>, set: RowSet, formats: FileFormats = 'jsonl') {
    this.formats = formats;
    this.#files = files.map(({ name, row }) => {
      const jsonl = fileOfSet(set, name);
      return {
        ...(formats === 'parquet' ? {} : { jsonl: new HashedFile(folder, jsonl) }),
        ...(formats === 'jsonl' ? {} : { parquet: new ParquetFile(folder, parquetName(jsonl), featuresOf(row)) }),
      };
    });
  }

  /** Writes one row of each file, in the order of the form's files; undefined for none. */
  async add(rows: readonly (object | undefined)[]): Promise<void> {
    const texts = rowTexts(rows);
    for (const [at, { jsonl, parquet }] of this.#files.entries()) {
      const [row, text] = [rows[at], texts[at]];
      if (row === undefined || text === undefined) continue;
      await jsonl?.row(text);
      await parquet?.row(row, text.length);
    }
  }

  /** Writes rows of each file that were made elsewhere, in the same formats. */
  async addMade(files: readonly MadeFile[]): Promise<void> {
    for (const [at, { jsonl, parquet }] of this.#files.entries()) {
      const { rows = 0, lines, pages } = files[at] ?? {};
      if (lines) await jsonl?.lines(lines, rows);
      if (pages) await parquet?.add(pages);
    }
  }

  /** The next rows are in other pages of Parquet. */
  async endPages(): Promise<void> {
    for (const { parquet } of this.#files) await parquet?.endPages();
  }

  async close(): Promise<void> {
    for (const file of this.#all) await file.close();
  }

  get entries(): Record<string, FileEntry> {
    return Object.fromEntries(this.#all.filter((file) => file.rows > 0).map((file) => [file.name, file.entry]));
  }

  get #all(): (HashedFile | ParquetFile)[] {
    return this.#files.flatMap(({ jsonl, parquet }) => [...(jsonl ? [jsonl] : []), ...(parquet ? [parquet] : [])]);
  }
}

/** Rows of a file in its formats. */
export interface MadeFile {
  rows: number;
  /** As JSON, each with a line end. */
  lines?: Uint8Array<ArrayBuffer>;
  pages?: EncodedRows;
}

type Members = Readonly<Record<string, unknown>>;

/** The rows of one chain as JSON, in the order of the form's files; undefined for none. What they share is made into text once: that takes most of the time. */
export function rowTexts(rows: readonly (object | undefined)[]): (string | undefined)[] {
  const messages = new Map<object, string>();
  let shared: { facts: Members; text: string } | undefined;
  return rows.map((row) => {
    if (row === undefined) return undefined;
    const facts: Record<string, unknown> = { ...row };
    const lists: string[] = [];
    for (const [name, value] of Object.entries(row)) {
      if (!isMessages(value)) break;
      lists.push(`${JSON.stringify(name)}:${messagesText(value, messages)}`);
      facts[name] = undefined;
    }
    if (shared === undefined || !hasAll(facts, shared.facts) || !hasAll(shared.facts, facts))
      shared = { facts, text: JSON.stringify(facts) };
    const others = shared.text === '{}' ? [] : [shared.text.slice(1, -1)];
    return `{${[...lists, ...others].join(',')}}`;
  });
}

const isMessages = (value: unknown): value is object[] =>
  Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null && 'role' in value[0];

/** A list of messages as JSON: each file has lists of its own, of the same messages. @param known Texts of messages. */
function messagesText(list: readonly object[], known: Map<object, string>): string {
  const texts = list.map((message) => {
    const text = known.get(message) ?? JSON.stringify(message);
    known.set(message, text);
    return text;
  });
  return `[${texts.join(',')}]`;
}

function hasAll(of: Members, members: Members): boolean {
  for (const name in members) if (of[name] !== members[name]) return false;
  return true;
}

export async function writeHashed(folder: string, name: string, text: string): Promise<FileEntry> {
  const file = new HashedFile(folder, name);
  await file.write(text);
  await file.close();
  return file.entry;
}

/** Whether `there` exists, and holds the very files of `here`. */
export async function sameFolder(here: string, there: string): Promise<'absent' | 'same' | 'different'> {
  try {
    const [mine, theirs] = [await filesIn(here), await filesIn(there)];
    if (JSON.stringify(mine) !== JSON.stringify(theirs)) return 'different';
    for (const name of mine) {
      if ((await fileHash(join(here, name))) !== (await fileHash(join(there, name)))) return 'different';
    }
    return 'same';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'absent';
    if (errorCode(error) === 'ENOTDIR' || errorCode(error) === 'EISDIR') return 'different';
    throw error;
  }
}

/** Paths of the files below a folder but hidden ones, sorted. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split(sep).some((name) => name.startsWith('.')))
    .sort();
}
