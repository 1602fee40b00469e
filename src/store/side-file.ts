import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import { FileMapping, type ReviewAct, ReviewAct as ReviewActSchema } from '../core/schemas/index.ts';
import { textHash } from './chain-index/rows.ts';
import { StoreError } from './errors.ts';
import { allLinesOf, appendLines, errorCode } from './lines/files.ts';
import { refuseLinks } from './links.ts';

/** Codes of the file system where nothing can be written. */
const READ_ONLY = new Set(['EACCES', 'EPERM', 'EROFS']);

/** A reviewer's choice of columns for the file; the last one counts. */
const ColumnsLine = z.object({
  act: z.literal('columns'),
  at: z.string(),
  reviewer: z.string().min(1),
  columns: FileMapping,
});

/** A line of a side file. */
const SideLine = z.union([ReviewActSchema, ColumnsLine]);
type SideLine = z.infer<typeof SideLine>;

/** Where the reviews of a file that belongs to no dataset are stored. */
export const sideFileOf = (path: string): string => `${path}.longhand.jsonl`;

/**
 * The chain id of a trace in the acts of a side file. The hash keeps acts from another text, when the file or the columns change.
 * @param trace Place of the trace, such as `17`, or `17.2` for the second one of row 17.
 */
export const sideKey = (trace: string, text: string): string => `${trace}@${textHash(text).slice(0, 12)}`;

/** The place of the trace in a chain id of a side file. */
export const tracePlace = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('@')));

/** The place of a trace by the number of its row, from 1, and its number among the traces of the row, from 0. */
export const placeOfTrace = (row: number, at: number): string => (at === 0 ? String(row) : `${row}.${at + 1}`);

/** Decisions, labels and edits of a file, in a file next to it. The file itself is never written. */
export class SideFile {
  readonly path: string;
  readonly #folder: string;
  readonly #acts = new Map<string, ReviewAct[]>();
  #columns: FileMapping | undefined;
  /** Size and time of the file as it was read, or written by this. */
  #stamp: Stamp = { size: 0, time: 0 };
  #tail: Promise<unknown> = Promise.resolve();
  /** Lines that could not be read. */
  bad = 0;

  private constructor(file: string) {
    this.path = sideFileOf(file);
    this.#folder = dirname(file);
  }

  /** Reads the side file of a file, if there is one. @throws StoreError `symbolic-link` if it is a link. */
  static async open(file: string): Promise<SideFile> {
    const side = new SideFile(file);
    await side.#read();
    return side;
  }

  /** Reads what another window or program has written since. @returns whether there was something. @throws as `open` */
  refresh(): Promise<boolean> {
    return this.#inTurn(async () => {
      const { size, time } = await stampOf(this.path);
      if (size === this.#stamp.size && time === this.#stamp.time) return false;
      await this.#read();
      return true;
    });
  }

  async #read(): Promise<void> {
    await refuseLinks(this.#folder, this.path);
    // Taken before: what is written while it is read is read again.
    const stamp = await stampOf(this.path);
    let bad = 0;
    const lines = await allLinesOf(this.path, SideLine, (numbers) => {
      bad = numbers.length;
    });
    this.bad = bad;
    this.#stamp = stamp;
    this.#acts.clear();
    this.#columns = undefined;
    // As in a dataset: without its last line, which a killed process has not written, no act of a batch counts.
    const whole = new Set(lines.flatMap((line) => ('batch' in line && line.batch?.last ? line.batch.id : [])));
    for (const line of lines)
      if (!('batch' in line) || line.batch === undefined || whole.has(line.batch.id)) this.#take(line);
  }

  /** The columns that were chosen last. */
  get columns(): FileMapping | undefined {
    return this.#columns;
  }

  /** The chain ids that have acts, in the order of their first act. */
  get keys(): readonly string[] {
    return [...this.#acts.keys()];
  }

  /** The acts on a chain, of all reviewers, in order. */
  acts(key: string): readonly ReviewAct[] {
    return this.#acts.get(key) ?? [];
  }

  /** The acts are on disk when this resolves. Writes nothing when it rejects. */
  append(acts: readonly ReviewAct[]): Promise<void> {
    return this.#write(z.array(ReviewActSchema).parse(acts));
  }

  setColumns(columns: FileMapping, reviewer: string, at: string): Promise<void> {
    return this.#write([{ act: 'columns', at, reviewer, columns }]);
  }

  #write(lines: readonly SideLine[]): Promise<void> {
    return this.#inTurn(() => this.#append(lines));
  }

  async #append(lines: readonly SideLine[]): Promise<void> {
    await refuseLinks(this.#folder, this.path);
    const before = await stampOf(this.path);
    try {
      await appendLines(this.path, lines, { sync: true });
    } catch (error) {
      if (!READ_ONLY.has(errorCode(error) ?? '')) throw error;
      const advice = 'Copy the file to a folder that you can write to, and open it there.';
      throw new StoreError('read-only', `Nothing can be written next to the file: ${messageOf(error)}.`, advice);
    }
    for (const line of lines) this.#take(line);
    const { size, time } = this.#stamp;
    const after = await stampOf(this.path);
    const written = lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0);
    // Lines of others in between are read by the next refresh.
    if (before.size === size && before.time === time && after.size === size + written) this.#stamp = after;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  #take(line: SideLine): void {
    if (line.act === 'columns') {
      this.#columns = line.columns;
      return;
    }
    const known = this.#acts.get(line.chainId);
    if (known === undefined) this.#acts.set(line.chainId, [line]);
    else known.push(line);
  }
}

interface Stamp {
  size: number;
  /** Milliseconds. */
  time: number;
}

async function stampOf(path: string): Promise<Stamp> {
  const found = await stat(path).catch(() => undefined);
  return { size: found?.size ?? 0, time: found?.mtimeMs ?? 0 };
}
