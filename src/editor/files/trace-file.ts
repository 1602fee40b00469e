import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MappedTrace, TracePlace } from '../../core/dataset/index.ts';
import { UserError } from '../../core/errors.ts';
import type { Chain } from '../../core/schemas/index.ts';
import type { RowRead } from '../../store/source/row-file.ts';
import type { FileRequest, FileThreadData, FoundRows, FromFileThread } from './messages.ts';

/** Rows and texts of strangers: only a hostile file needs more. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, stackSizeMb: 4 };

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
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

  /** @param dist Folder of the bundles. @param onFound Called when more rows are found, some times a second. */
  constructor(path: string, dist: string, onFound: (found: FoundRows['found']) => void) {
    this.#path = path;
    this.#onFound = onFound;
    const data: FileThreadData = { path, gradingWorker: join(dist, 'grading-worker.mjs') };
    this.#worker = new Worker(join(dist, 'file-worker.mjs'), { workerData: data, resourceLimits: RESOURCE_LIMITS });
    this.#worker.on('message', (message: FromFileThread) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(error.message));
    this.#worker.on('exit', () => this.#end('its thread ended'));
  }

  /** The row at an index from 0; undefined after the last one. @throws UserError if the file can't be opened. */
  row(index: number): Promise<RowRead | undefined> {
    return this.#ask({ kind: 'row', index });
  }

  /** The first rows that can be read, at most `count`. */
  first(count: number): Promise<unknown[]> {
    return this.#ask({ kind: 'first', count });
  }

  /** The trace graded and marked, as a chain. */
  graded(trace: MappedTrace, gold: string | undefined, place: TracePlace): Promise<Chain> {
    return this.#ask({ kind: 'grade', trace, gold, place });
  }

  async close(): Promise<void> {
    this.#end('it was closed');
    await this.#worker.terminate();
  }

  #ask<T>(request: FileRequest): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ ...request, id });
    // The worker answers each kind of request with its own type.
    return answer as Promise<T>;
  }

  #receive(message: FromFileThread): void {
    if ('found' in message) {
      this.#onFound(message.found);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new UserError('file', message.error.message, message.error.advice));
    else waiting?.resolve(message.value);
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
