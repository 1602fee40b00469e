import { defined } from '../../core/defined.ts';
import { addUnexamined, type ExaminedBatch, emptyBatch, joinBatches } from '../../core/examine/examined.ts';
import type { FilterSettings, GradingPolicy } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { type Ran, WorkerPool, type WorkerPoolOptions } from '../../grading/worker-pool.ts';
import type { RowOrReason } from './source.ts';

/** Message from the pool to a worker. */
export interface ExamineRequest {
  readonly rows: readonly RowOrReason[];
}

export interface ExamineWorkerData {
  readonly filters: FilterSettings;
  readonly policy: GradingPolicy;
  readonly benchmarks: readonly { id: string; problem: string }[];
}

/** The limit of one row in milliseconds: the compute engine may be loaded in it. */
const ROW_MS = 10_000;
/** Characters of the rows of a request: sixteen requests may wait in a worker with a heap of 256 MiB. */
export const MOST_CHARACTERS = 1_000_000;
/** Characters of a row that is examined: Node ends the process with a thread that has no memory. Rows of files are no longer than this. */
const LONGEST = 10_000_000;

/**
 * Examines batches of rows in worker threads. A row that exceeds its limit of time or memory is reported as not examined; the others of its batch are
 * examined again, each alone.
 */
export class ExaminePool {
  readonly #workers: WorkerPool<ExamineRequest, ExaminedBatch>;
  readonly #timeoutMs: number;

  /** `workerPath`: dist/examine-worker.mjs. `timeoutMs`: the limit of one row. */
  constructor({
    workerPath,
    workers,
    timeoutMs = ROW_MS,
    ...data
  }: ExamineWorkerData & Pick<WorkerPoolOptions, 'workerPath' | 'timeoutMs'> & { workers: number }) {
    this.#timeoutMs = timeoutMs;
    this.#workers = new WorkerPool({ workerPath, workers, timeoutMs, data });
  }

  /** Batches come back in any order. Rejects when the pool is closed or its workers can’t start. */
  async examine(rows: readonly RowOrReason[]): Promise<ExaminedBatch> {
    const short = rows.map(withoutLong);
    const parts = await Promise.all(partsOf(short).map((part) => this.#examinePart(part)));
    return joinBatches(parts.flat());
  }

  async #examinePart(rows: readonly RowOrReason[]): Promise<ExaminedBatch[]> {
    const whole = await this.#workers.run({ rows });
    if ('result' in whole) return [whole.result];
    const alone = await Promise.all(rows.map((row) => this.#workers.run({ rows: [row] })));
    if (!alone.some((ran) => 'result' in ran)) await this.#refuseBroken();
    return rows.map((row, at) => {
      const ran = alone[at] ?? whole;
      if ('result' in ran) return ran.result;
      const batch = emptyBatch(1);
      addUnexamined(batch, 0, row, this.#why(ran));
      return batch;
    });
  }

  /** @throws Error where even no rows can be examined. */
  async #refuseBroken(): Promise<void> {
    const none = await this.#workers.run({ rows: [] });
    if ('failed' in none) throw new Error(none.detail);
  }

  close(): Promise<void> {
    return this.#workers.close();
  }

  #why({ failed, detail }: Exclude<Ran<ExaminedBatch>, { result: unknown }>): string {
    if (failed === 'timeout') return `Examining it took longer than ${this.#timeoutMs / 1000} s and was stopped.`;
    return `Examining it ended its thread: ${detail.slice(0, 200)}.`;
  }
}

/** Characters of a row, which a message has to copy. */
export function charactersOf(row: RowOrReason): number {
  if ('reason' in row) return row.reason.length;
  const { problem = '', gold = '', reply } = row;
  // The parts of a reply are copied too.
  return problem.length + gold.length + 2 * (reply?.written.length ?? 0);
}

/** The row, or that it is too long. */
function withoutLong(row: RowOrReason): RowOrReason {
  if ('reason' in row) return row;
  const { id, line, problem = '', gold = '', reply } = row;
  const characters = problem.length + gold.length + (reply?.written.length ?? 0);
  if (characters <= LONGEST) return row;
  const reason = `It has ${plural(characters, 'character')}; at most ${formatCount(LONGEST)} are examined.`;
  return { id, ...defined({ line }), reason };
}

/** Rows that are sent together. */
function partsOf(rows: readonly RowOrReason[]): RowOrReason[][] {
  const parts: RowOrReason[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    characters += charactersOf(row);
    if (characters > MOST_CHARACTERS) {
      parts.push([]);
      characters = charactersOf(row);
    }
    parts.at(-1)?.push(row);
  }
  return parts;
}
