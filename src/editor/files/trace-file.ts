import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MappedTrace, TracePlace } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import type { Chain, FileMapping } from '../../core/schemas/index.ts';
import type { ChainTableRow } from '../../protocol/chains.ts';
import type { RowRead } from '../../store/source/row-file.ts';
import type { Reading } from '../../store/trace-table/readings.ts';
import type { TraceFacts } from '../../store/trace-table/trace-table.ts';
import type {
  FileProgress,
  FileRequest,
  FileThreadData,
  FoundInFile,
  FoundRows,
  FromFileThread,
  ToFileThread,
} from './messages.ts';

/**
 * Rows and texts of strangers: only a hostile file needs more. With a larger young generation, the rows that were read fill 100 MB before they are
 * collected.
 */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  progress?: Progress | undefined;
}

type Progress = (progress: FileProgress) => void;

/** How a long request is watched and ended. */
export interface Watch {
  signal: AbortSignal;
  progress?: Progress;
}

/**
 * A file that is read, unpacked, parsed and graded in a thread of its own, so that no file can block or end the extension host. The thread finds all
 * rows in the background.
 */
export class TraceFile {
  readonly #worker: Worker;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onFound: (found: FoundRows['found']) => void;
  #next = 1;
  #ended: UserError | undefined;

  /**
   * @param dist Folder of the bundles. @param kept Folder where what was read is kept for the next time.
   * @param onFound Called when more rows are found, some times a second.
   */
  constructor({ path, dist, kept }: FileThreadData, onFound: (found: FoundRows['found']) => void) {
    this.#path = path;
    this.#onFound = onFound;
    const data: FileThreadData = { path, dist, kept };
    this.#worker = new Worker(join(dist, 'file-worker.mjs'), { workerData: data, resourceLimits: RESOURCE_LIMITS });
    this.#worker.on('message', (message: FromFileThread) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(error.message));
    this.#worker.on('exit', () => this.#end('its thread ended'));
  }

  /** The row at an index from 0; undefined after the last one. @throws UserError if the file can't be opened. */
  row(index: number, signal?: AbortSignal): Promise<RowRead | undefined> {
    return this.#ask({ kind: 'row', index }, defined({ signal }));
  }

  /** As RowFile. */
  rowOfLine(line: number, signal?: AbortSignal): Promise<number | undefined> {
    return this.#ask({ kind: 'rowOfLine', line }, defined({ signal }));
  }

  /** The first rows that can be read, at most `count`. */
  first(count: number): Promise<unknown[]> {
    return this.#ask({ kind: 'first', count });
  }

  /** The trace graded and marked, as a chain. */
  graded(trace: MappedTrace, gold: string | undefined, place: TracePlace): Promise<Chain> {
    return this.#ask({ kind: 'grade', trace, gold, place });
  }

  /** Which column means what in tables, from now on. */
  setColumns(columns: FileMapping | undefined): Promise<void> {
    return this.#ask({ kind: 'columns', columns });
  }

  /** The chains of a query. Reads what it needs of the file. */
  find(request: Omit<Extract<FileRequest, { kind: 'find' }>, 'kind'>, watch: Watch): Promise<FoundInFile> {
    return this.#ask({ kind: 'find', ...request }, watch);
  }

  /** Reads what all fields of this reading need. */
  read(reading: Reading, watch: Watch): Promise<void> {
    return this.#ask({ kind: 'read', reading }, watch);
  }

  /** The rows of the chain table for these chains, without what reviewers did. */
  tableRows(ids: readonly string[]): Promise<ChainTableRow[]> {
    return this.#ask({ kind: 'tableRows', ids });
  }

  /** What acts on these chains need, in order; undefined for one that can't be read. */
  facts(ids: readonly string[], watch?: Watch): Promise<(TraceFacts | undefined)[]> {
    return this.#ask({ kind: 'facts', ids }, watch);
  }

  /** Whether the file has not changed since it was opened or grew. */
  isSame(): Promise<boolean> {
    return this.#ask({ kind: 'isSame' });
  }

  /** As RowFile. */
  grow(): Promise<number | undefined> {
    return this.#ask({ kind: 'grow' });
  }

  async close(): Promise<void> {
    this.#end('it was closed');
    await this.#worker.terminate();
  }

  #ask<T>(request: FileRequest, { signal, progress }: Partial<Watch> = {}): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject, progress }));
    this.#send({ ...request, id });
    signal?.addEventListener('abort', () => {
      this.#send({ kind: 'abort', id });
      this.#waiting.get(id)?.reject(signal.reason);
      this.#waiting.delete(id);
    });
    // The worker answers each kind of request with its own type.
    return answer as Promise<T>;
  }

  #send(message: ToFileThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromFileThread): void {
    if ('found' in message) {
      this.#onFound(message.found);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if ('progress' in message) {
      waiting?.progress?.(message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if ('error' in message) {
      const { kind, message: text, advice } = message.error;
      waiting?.reject(new UserError(kind, text, advice));
    } else waiting?.resolve(message.value);
  }

  #end(why: string): void {
    this.#ended ??= new UserError(
      'file',
      `Can’t read ${this.#path}: ${why}.`,
      'Close the editor and open the file again.',
    );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
