import { lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { errorCode } from '../lines/files.ts';
import type { Place } from './rows.ts';
import { BadRow, FileState, type Scan, type ScannedFile } from './scan.ts';

/** Raised whenever a row's or a file state's shape changes: an index of another version is thrown away. */
const INDEX_VERSION = 10;

export const CACHE_FILE = join('.cache', 'index.sqlite');

const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE files (file TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE rows (file TEXT, offset INTEGER, bad INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (file, offset)) WITHOUT ROWID;
`;

const FileLine = z.object({ file: z.string(), kind: z.string(), state: z.string() });
const RowLine = z.object({ bad: z.number(), data: z.string() });

interface Saved {
  state: string;
  /** Compared by identity: a file that is read anew gets new rows. */
  rows: readonly Place[];
}

/** A scan with the schema of its rows: the database is a file like any other and may hold anything. */
export interface Cached<Row extends Place = Place> {
  scan: Scan<Row>;
  schema: z.ZodType<Row>;
}

/**
 * The scans of a dataset kept in `.cache/index.sqlite` for the next start. Nothing depends on it: where node:sqlite is missing,
 * the folder cannot be written or the file is not ours, everything is read from the journals again.
 */
export class IndexCache {
  readonly #path: string;
  readonly #datasetId: string;
  readonly #log: (text: string) => void;
  /** What the database has, as far as this process knows; what differs from it is written at the next save. */
  #saved = new Map<string, Saved>();
  #disabled = false;

  constructor(root: string, datasetId: string, log: (text: string) => void) {
    this.#path = join(root, CACHE_FILE);
    this.#datasetId = datasetId;
    this.#log = log;
  }

  /** Fills the scans with what was saved. A database that does not fit is deleted. */
  async load(parts: readonly Cached[]): Promise<void> {
    if (!(await this.#usable()) || !(await exists(this.#path))) return;
    try {
      await this.#within((db) => {
        if (!this.#fits(db)) throw new Error('it belongs to another version or another dataset');
        for (const line of all(db, 'SELECT file, kind, state FROM files')) {
          const { file, kind, state } = FileLine.parse(line);
          const part = parts.find(({ scan }) => scan.kind === kind);
          if (!part) throw new Error(`unknown kind ${kind}`);
          const scanned = loadFile(db, file, parseState(state), part.schema);
          part.scan.files.set(file, scanned);
          this.#saved.set(file, { state, rows: scanned.rows });
        }
      });
    } catch (error) {
      for (const { scan } of parts) scan.files.clear();
      if (isBusy(error)) return;
      await this.#throwAway(messageOf(error));
    }
  }

  /** Writes what changed since the last load or save. Another process that is writing goes first; then the next save catches up. */
  async save(parts: readonly Cached[]): Promise<void> {
    if (!this.#isBehind(parts) || !(await this.#usable())) return;
    for (const lastTry of [false, true]) {
      try {
        // Not with its parents: a dataset that was deleted while it was open must not come back as an empty folder.
        await mkdir(dirname(this.#path)).catch((error: unknown) => {
          if (errorCode(error) !== 'EEXIST') throw error;
        });
        return await this.#write(parts);
      } catch (error) {
        if (isBusy(error) || errorCode(error) === 'ENOENT') return;
        if (lastTry || isUnwritable(error)) return this.#disable(`the index cannot be saved: ${messageOf(error)}`);
        await this.#throwAway(messageOf(error));
      }
    }
  }

  #isBehind(parts: readonly Cached[]): boolean {
    const present = new Set<string>();
    for (const { scan } of parts) {
      for (const [file, { state }] of scan.files) {
        present.add(file);
        if (this.#saved.get(file)?.state !== JSON.stringify(state)) return true;
      }
    }
    return [...this.#saved.keys()].some((file) => !present.has(file));
  }

  async #write(parts: readonly Cached[]): Promise<void> {
    await this.#within((db) => {
      db.exec('BEGIN IMMEDIATE');
      if (!this.#fits(db)) this.#start(db);
      const stored = storedStates(db);
      const saved = new Map<string, Saved>();
      for (const { scan } of parts) {
        for (const [file, scanned] of scan.files) {
          const state = JSON.stringify(scanned.state);
          const before = stored.get(file);
          const known = this.#saved.get(file);
          // Rows may be added to those of the database only where they are the very ones that this process added to.
          const grew = before !== undefined && before === known?.state && scanned.rows === known.rows;
          if (!grew) dropFile(db, file);
          if (!grew || before !== state) saveFile(db, scan.kind, file, scanned, grew ? parseState(before).readTo : 0);
          saved.set(file, { state, rows: scanned.rows });
          stored.delete(file);
        }
      }
      for (const file of stored.keys()) dropFile(db, file);
      db.exec('COMMIT');
      this.#saved = saved;
    });
  }

  #start(db: DatabaseSync): void {
    for (const line of all(
      db,
      "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
    )) {
      const { type, name } = z.object({ type: z.string(), name: z.string() }).parse(line);
      db.exec(`DROP ${type} "${name.replaceAll('"', '""')}"`);
    }
    db.exec(SCHEMA);
    const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
    insert.run('version', String(INDEX_VERSION));
    insert.run('dataset', this.#datasetId);
  }

  #fits(db: DatabaseSync): boolean {
    if (all(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").length === 0) return false;
    const meta = new Map(
      all(db, 'SELECT key, value FROM meta').map((line) => {
        const { key, value } = z.object({ key: z.string(), value: z.string() }).parse(line);
        return [key, value];
      }),
    );
    return meta.get('version') === String(INDEX_VERSION) && meta.get('dataset') === this.#datasetId;
  }

  async #within(work: (db: DatabaseSync) => void): Promise<void> {
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(this.#path);
    try {
      // The file may be a stranger's: his schema must not call functions. Another process may be writing: wait for it a little.
      db.exec('PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 1000; PRAGMA synchronous = NORMAL');
      work(db);
    } finally {
      db.close();
    }
  }

  async #usable(): Promise<boolean> {
    if (this.#disabled) return false;
    try {
      await import('node:sqlite');
    } catch {
      this.#disable('this Node has no node:sqlite: the index is kept in memory and rebuilt at every start');
      return false;
    }
    // A stranger's dataset must not make us write elsewhere.
    const folder = await lstat(dirname(this.#path)).catch(() => undefined);
    const file = await lstat(this.#path).catch(() => undefined);
    if (folder?.isSymbolicLink() || file?.isSymbolicLink()) {
      this.#disable('.cache is a symbolic link: the index is kept in memory and rebuilt at every start');
      return false;
    }
    return true;
  }

  #disable(reason: string): void {
    this.#disabled = true;
    this.#log(reason);
  }

  async #throwAway(reason: string): Promise<void> {
    this.#saved.clear();
    this.#log(`the saved index is discarded and rebuilt: ${reason}`);
    try {
      for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(this.#path + suffix, { force: true });
    } catch (error) {
      this.#disable(`it cannot be deleted: ${messageOf(error)}`);
    }
  }
}

function loadFile<Row extends Place>(
  db: DatabaseSync,
  file: string,
  state: FileState,
  schema: z.ZodType<Row>,
): ScannedFile<Row> {
  const scanned: ScannedFile<Row> = { state, rows: [], bad: [] };
  for (const line of all(db, 'SELECT bad, data FROM rows WHERE file = ? ORDER BY offset', file)) {
    const { bad, data } = RowLine.parse(line);
    const value: unknown = JSON.parse(data);
    if (bad) scanned.bad.push(BadRow.parse(value));
    else scanned.rows.push(schema.parse(value));
  }
  // A place that points elsewhere would make us read what is not of this dataset.
  const stray = [...scanned.rows, ...scanned.bad].some(
    (row) => row.file !== file || row.offset + row.length > state.size,
  );
  if (stray) throw new Error(`it has rows outside of ${file}`);
  return scanned;
}

function saveFile<Row extends Place>(
  db: DatabaseSync,
  kind: string,
  file: string,
  scanned: ScannedFile<Row>,
  from: number,
): void {
  const insert = db.prepare('INSERT OR REPLACE INTO rows (file, offset, bad, data) VALUES (?, ?, ?, ?)');
  for (const row of scanned.rows) if (row.offset >= from) insert.run(file, row.offset, 0, JSON.stringify(row));
  for (const row of scanned.bad) if (row.offset >= from) insert.run(file, row.offset, 1, JSON.stringify(row));
  const state = JSON.stringify(scanned.state);
  db.prepare('INSERT OR REPLACE INTO files (file, kind, state) VALUES (?, ?, ?)').run(file, kind, state);
}

function dropFile(db: DatabaseSync, file: string): void {
  db.prepare('DELETE FROM rows WHERE file = ?').run(file);
  db.prepare('DELETE FROM files WHERE file = ?').run(file);
}

function all(db: DatabaseSync, sql: string, ...values: string[]): unknown[] {
  return db.prepare(sql).all(...values);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

function storedStates(db: DatabaseSync): Map<string, string> {
  return new Map(
    all(db, 'SELECT file, kind, state FROM files').map((line) => {
      const { file, state } = FileLine.parse(line);
      return [file, state];
    }),
  );
}

function parseState(text: string): FileState {
  return FileState.parse(JSON.parse(text));
}

/** SQLite's result codes: https://www.sqlite.org/rescode.html */
const BUSY = [5, 6];
const UNWRITABLE = [8, 13, 14];

function isBusy(error: unknown): boolean {
  return BUSY.includes(sqliteCode(error));
}

function isUnwritable(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return (
    ['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOTDIR', 'EEXIST'].includes(code) || UNWRITABLE.includes(sqliteCode(error))
  );
}

/** The primary result code of an error of node:sqlite; NaN for any other error. */
function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : Number.NaN;
}
