import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { renameOver, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { openRegular } from '../../system/regular-file.ts';
import { errorCode } from '../lines/files.ts';
import { FileState, type Scan, type ScannedFile } from './scan.ts';
import { BadRow } from './scan-part.ts';
import { decodeSegment, encodeColumns, type Place } from './segment.ts';

/** Raised whenever the shape of a row or of a file's state changes: an index of another version is discarded. */
const INDEX_VERSION = 14;

export const CACHE_FOLDER = join('.cache', 'index');
/** The index of earlier versions. */
const OLD_FILES = ['', '-journal', '-wal', '-shm'].map((suffix) => join('.cache', `index.sqlite${suffix}`));

/** In bytes. The rows of a file are smaller than the file, but not always what is wrong with its lines. */
const SPARE = 64 * 1024 * 1024;
/** A larger index, in bytes, is not saved each time that its file grows a little. */
const SMALL = 1024 * 1024;
const GROWTH = 1 / 8;

const Kept = z.object({ state: FileState, bad: z.array(BadRow) });

interface Saved {
  state: string;
  readTo: number;
  /** Compared by identity: a file that is read again gets new rows. */
  rows: unknown;
  size: number;
}

/**
 * The rows of each file of a dataset, kept in a file of `.cache/index` for the next start. Nothing depends on it: where the folder can't be
 * written, or a file is not ours, the file of the dataset is read again.
 */
export class IndexCache {
  readonly #root: string;
  readonly #datasetId: string;
  readonly #log: (text: string) => void;
  /** What is saved, as far as this process knows; what differs is written at the next save. */
  readonly #saved = new Map<string, Saved>();
  #disabled = false;

  constructor(root: string, datasetId: string, log: (text: string) => void) {
    this.#root = root;
    this.#datasetId = datasetId;
    this.#log = log;
  }

  /** What is saved of a file; undefined for nothing. What does not fit is deleted. */
  async load<Row extends Place>(scan: Scan<Row>, file: string): Promise<ScannedFile<Row> | undefined> {
    if (!(await this.#usable())) return undefined;
    const path = this.#pathOf(scan.kind, file);
    try {
      const limit = SPARE + (await stat(join(this.#root, file))).size;
      const bytes = await readAligned(path, limit);
      const of = { dataset: this.#datasetId, kind: scan.kind, file };
      const { segment, more } = decodeSegment<Row>(bytes, INDEX_VERSION, of, scan.shape);
      const { state, bad } = Kept.parse(more);
      // A place that points elsewhere would make us read what is not of this dataset.
      if (bad.some((row) => row.file !== file) || segment.end > state.size)
        throw new Error(`it has rows outside of ${file}`);
      this.#saved.set(path, { state: JSON.stringify(state), readTo: state.readTo, rows: segment, size: bytes.length });
      return { state, rows: segment, bad };
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      this.#log(`the saved index of ${file} is discarded and rebuilt: ${messageOf(error)}`);
      await rm(path, { force: true, recursive: true }).catch((failure: unknown) => this.#disable(messageOf(failure)));
      return undefined;
    }
  }

  /**
   * Writes what changed since the last load or save.
   * @param present the files of the dataset by kind. What is saved of others is deleted.
   * @param all false: a large file that grew a little is left to a later save.
   */
  async save(scans: readonly Scan[], present: ReadonlyMap<string, readonly string[]>, all: boolean): Promise<void> {
    const behind = scans.flatMap((scan) =>
      [...scan.files].flatMap(([file, scanned]) =>
        this.#isBehind(scan, file, scanned, all) ? { scan, file, scanned } : [],
      ),
    );
    if (behind.length === 0 || !(await this.#usable())) return;
    try {
      const folder = join(this.#root, CACHE_FOLDER);
      // Not with its parents: a dataset that was deleted while it was open must not come back as an empty folder.
      for (const one of [dirname(folder), folder]) {
        await mkdir(one).catch((error: unknown) => {
          if (errorCode(error) !== 'EEXIST') throw error;
        });
      }
      for (const { scan, file, scanned } of behind) await this.#write(scan, file, scanned);
      await this.#sweep(folder, present);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#disable(`the index cannot be saved: ${messageOf(error)}`);
    }
  }

  #isBehind<Row extends Place>(
    { kind }: Scan<Row>,
    file: string,
    { state, rows }: ScannedFile<Row>,
    all: boolean,
  ): boolean {
    const saved = this.#saved.get(this.#pathOf(kind, file));
    if (!saved || saved.rows !== rows) return true;
    if (saved.state === JSON.stringify(state)) return false;
    return all || saved.size < SMALL || state.readTo - saved.readTo > saved.readTo * GROWTH;
  }

  async #write<Row extends Place>(
    { kind }: Scan<Row>,
    file: string,
    { state, rows, bad }: ScannedFile<Row>,
  ): Promise<void> {
    const path = this.#pathOf(kind, file);
    const of = { dataset: this.#datasetId, kind, file };
    rows.prepare();
    const bytes = encodeColumns(rows, INDEX_VERSION, of, { state, bad } satisfies z.infer<typeof Kept>);
    const saved = { state: JSON.stringify(state), readTo: state.readTo, rows, size: bytes.length };
    await writeUnflushed(path, bytes);
    this.#saved.set(path, saved);
  }

  /** Deletes what is saved of files that are gone, and what ended processes and earlier versions left. */
  async #sweep(folder: string, present: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const names = new Set([...present].flatMap(([kind, files]) => files.map((file) => nameOf(kind, file))));
    for (const name of await readdir(folder)) {
      if (!NAME.test(name) || names.has(name)) continue;
      await rm(join(folder, name), { force: true });
      this.#saved.delete(join(folder, name));
    }
    for (const file of OLD_FILES) await rm(join(this.#root, file), { force: true });
    await sweepTemporaries(folder);
  }

  #pathOf(kind: string, file: string): string {
    return join(this.#root, CACHE_FOLDER, nameOf(kind, file));
  }

  /** A stranger's dataset must not make us write elsewhere. */
  async #usable(): Promise<boolean> {
    if (this.#disabled) return false;
    for (const folder of [dirname(CACHE_FOLDER), CACHE_FOLDER]) {
      if (!(await lstat(join(this.#root, folder)).catch(() => undefined))?.isSymbolicLink()) continue;
      this.#disable(`${folder} is a symbolic link: the index is kept in memory and rebuilt at every start`);
      return false;
    }
    return true;
  }

  #disable(reason: string): void {
    this.#disabled = true;
    this.#log(reason);
  }
}

const NAME = /^[0-9a-f]{32}\.bin$/;

function nameOf(kind: string, file: string): string {
  return `${createHash('sha256').update(`${kind} ${file}`).digest('hex').slice(0, 32)}.bin`;
}

/** Writes a file atomically, not flushed to disk: a checksum finds what a power failure left of it. */
export async function writeUnflushed(path: string, bytes: Uint8Array): Promise<void> {
  const draft = temporaryPath(path);
  try {
    await writeFile(draft, bytes, { flag: 'wx' });
    await renameOver(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A whole file from the start of a buffer of its own, so that numbers in it can be read in place. */
export async function readAligned(path: string, limit: number): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    if (size > limit) throw new Error('it is larger than what it belongs to');
    const bytes = Buffer.from(new ArrayBuffer(size));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new Error('it ends too early');
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
