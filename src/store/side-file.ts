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
  /** Lines that could not be read. */
  bad = 0;

  private constructor(file: string) {
    this.path = sideFileOf(file);
    this.#folder = dirname(file);
  }

  /** Reads the side file of a file, if there is one. @throws StoreError `symbolic-link` if it is a link. */
  static async open(file: string): Promise<SideFile> {
    const side = new SideFile(file);
    await refuseLinks(side.#folder, side.path);
    const lines = await allLinesOf(side.path, SideLine, (numbers) => {
      side.bad = numbers.length;
    });
    // As in a dataset: without its last line, which a killed process has not written, no act of a batch counts.
    const whole = new Set(lines.flatMap((line) => ('batch' in line && line.batch?.last ? line.batch.id : [])));
    for (const line of lines)
      if (!('batch' in line) || line.batch === undefined || whole.has(line.batch.id)) side.#take(line);
    return side;
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

  async #write(lines: readonly SideLine[]): Promise<void> {
    await refuseLinks(this.#folder, this.path);
    try {
      await appendLines(this.path, lines, { sync: true });
    } catch (error) {
      if (!READ_ONLY.has(errorCode(error) ?? '')) throw error;
      const advice = 'Copy the file to a folder that you can write to, and open it there.';
      throw new StoreError('read-only', `Nothing can be written next to the file: ${messageOf(error)}.`, advice);
    }
    for (const line of lines) this.#take(line);
  }

  #take(line: SideLine): void {
    if (line.act === 'columns') this.#columns = line.columns;
    else this.#acts.set(line.chainId, [...this.acts(line.chainId), line]);
  }
}
