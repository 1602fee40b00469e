import type { ExaminedBatch } from '../../core/examine/examined.ts';
import type { FilterSettings, GradingPolicy } from '../../core/schemas/index.ts';
import { type Ran, WorkerPool, type WorkerPoolOptions } from '../../grading/worker-pool.ts';
import type { RowOrReason } from './source.ts';

/** Message from the pool to a worker. */
export interface ExamineRequest {
  readonly rows: readonly RowOrReason[];
  /** Rows that can’t be examined, by their place in the batch, with the reason. */
  readonly unexamined: Readonly<Record<number, string>>;
}

export interface ExamineWorkerData {
  readonly filters: FilterSettings;
  readonly policy: GradingPolicy;
  readonly benchmarks: readonly { id: string; problem: string }[];
}

/** The limit of one row in milliseconds: the compute engine may be loaded in it. */
const ROW_MS = 10_000;

/**
 * Examines batches of rows in worker threads. A row that exceeds its limit of time or memory is reported as not examined; the others of its batch are
 * examined again.
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
    const whole = await this.#workers.run({ rows, unexamined: {} });
    if ('result' in whole) return whole.result;
    const alone = await Promise.all(rows.map((row) => this.#workers.run({ rows: [row], unexamined: {} })));
    const unexamined = Object.fromEntries(alone.flatMap((ran, at) => ('result' in ran ? [] : [[at, this.#why(ran)]])));
    const rest = await this.#workers.run({ rows, unexamined });
    if ('result' in rest) return rest.result;
    throw new Error(rest.detail);
  }

  close(): Promise<void> {
    return this.#workers.close();
  }

  #why({ failed, detail }: Exclude<Ran<ExaminedBatch>, { result: unknown }>): string {
    if (failed === 'timeout') return `Examining it took longer than ${this.#timeoutMs / 1000} s and was stopped.`;
    return `Examining it ended its thread: ${detail.slice(0, 200)}.`;
  }
}
