import { Worker } from 'node:worker_threads';
import type { ExaminedBatch } from '../../core/examine/examined.ts';
import type { FilterSettings, GradingPolicy } from '../../core/schemas/index.ts';
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
  /** The place in its batch of the row that is being examined; IDLE before the first one and after the last. */
  readonly current: SharedArrayBuffer;
}

export interface ExaminePoolOptions extends Omit<ExamineWorkerData, 'current'> {
  /** The worker’s script, dist/examine-worker.mjs. */
  readonly workerPath: string;
  readonly workers: number;
  /** Limit of one row in milliseconds, default 10,000: the compute engine may be loaded in it. */
  readonly timeoutMs?: number;
}

/** No row is being examined. */
export const IDLE = -1;

interface Item {
  readonly request: ExamineRequest;
  readonly resolve: (batch: ExaminedBatch) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  readonly worker: Worker;
  readonly place: Int32Array;
  item: Item | undefined;
  /** The row that was being examined when it was last looked at, and since when. */
  seen: { at: number; since: number };
}

const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
const EVERY_MS = 250;
/** Workers in a row that end while they examine no row, after which the script counts as broken. */
const MAX_FAILED = 3;

/**
 * Examines batches of rows in worker threads. A row that exceeds its limit of time or memory ends its worker, and is reported as not examined;
 * the others of its batch are examined again.
 */
export class ExaminePool {
  readonly #options: ExaminePoolOptions;
  readonly #queue: Item[] = [];
  readonly #slots = new Set<Slot>();
  readonly #timer: NodeJS.Timeout;
  #failed = 0;

  constructor(options: ExaminePoolOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#watch(), EVERY_MS);
  }

  /** Batches come back in any order. Rejects when the pool is closed or its workers can’t start. */
  examine(rows: readonly RowOrReason[]): Promise<ExaminedBatch> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request: { rows, unexamined: {} }, resolve, reject });
      this.#work();
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const error = new Error('The pool of the examination was closed.');
    for (const { reject } of this.#queue.splice(0)) reject(error);
    const slots = [...this.#slots];
    this.#slots.clear();
    for (const { item } of slots) item?.reject(error);
    await Promise.all(slots.map(({ worker }) => worker.terminate()));
  }

  #work(): void {
    while (this.#queue.length > 0) {
      const idle = [...this.#slots].find(({ item }) => item === undefined);
      const slot = idle ?? (this.#slots.size < this.#options.workers ? this.#start() : undefined);
      const item = slot && this.#queue.shift();
      if (!slot || !item) return;
      slot.item = item;
      slot.worker.postMessage(item.request);
    }
  }

  #start(): Slot {
    const { workerPath, filters, policy, benchmarks } = this.#options;
    const current = new SharedArrayBuffer(4);
    const data: ExamineWorkerData = { filters, policy, benchmarks, current };
    const options = { name: 'examine', workerData: data, resourceLimits: LIMITS, stdout: true, stderr: true };
    const worker = new Worker(workerPath, options);
    // The compute engine prints warnings on malformed input.
    worker.stdout.resume();
    worker.stderr.resume();
    const place = new Int32Array(current).fill(IDLE);
    const slot: Slot = { worker, place, item: undefined, seen: { at: IDLE, since: 0 } };
    this.#slots.add(slot);
    worker.on('message', (batch: ExaminedBatch) => {
      this.#failed = 0;
      const { item } = slot;
      slot.item = undefined;
      item?.resolve(batch);
      this.#work();
    });
    worker.on('error', (error) =>
      this.#lose(slot, `The row ended its worker thread: ${error.message.slice(0, 200)}.`, error),
    );
    worker.on('exit', (code) => this.#lose(slot, `The row ended its worker thread (code ${code}).`));
    return slot;
  }

  #watch(): void {
    const { timeoutMs = 10_000 } = this.#options;
    for (const slot of this.#slots) {
      const at = Atomics.load(slot.place, 0);
      if (at === IDLE || at !== slot.seen.at) slot.seen = { at, since: performance.now() };
      else if (performance.now() - slot.seen.since > timeoutMs)
        this.#lose(slot, `Examining it took longer than ${timeoutMs / 1000} s and was stopped.`);
    }
  }

  /** Replaces a worker. The row that it was at is not examined again. */
  #lose(slot: Slot, reason: string, error?: Error): void {
    if (!this.#slots.delete(slot)) return;
    void slot.worker.terminate();
    const { item } = slot;
    const at = Atomics.load(slot.place, 0);
    if (at === IDLE) this.#failed += 1;
    if (item && this.#failed >= MAX_FAILED) item.reject(error ?? new Error(reason));
    else if (item) {
      const unexamined = at === IDLE ? item.request.unexamined : { ...item.request.unexamined, [at]: reason };
      this.#queue.unshift({ ...item, request: { ...item.request, unexamined } });
    }
    this.#work();
  }
}
