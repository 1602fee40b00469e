import { Worker } from 'node:worker_threads';

/** Message from the pool to a worker. */
export interface Task<Request> {
  readonly id: number;
  readonly request: Request;
}

/**
 * Message from a worker to the pool. `ready` comes once. `pause` stops the task's clock, while a worker loads something or does what can't hang, and
 * `restart` starts it again from 0.
 */
export type WorkerMessage<Result> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pause'; readonly id: number }
  | { readonly kind: 'restart'; readonly id: number }
  /** `ms`: computing time of the task, without pauses. `failed`: what was thrown. */
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly ms: number;
      readonly result?: Result;
      readonly failed?: string;
    };

export interface WorkerPoolOptions {
  /** The worker's script in dist/. */
  readonly workerPath: string | URL;
  /** Most threads, default 1; started on demand. */
  readonly workers?: number;
  /** Limit of computing time per task in milliseconds, default 2,000; without waiting and start-up. */
  readonly timeoutMs?: number;
  /** Limit of a worker's heap in MiB, default 256: ordinary comparisons stay below 100 with the compute engine loaded. */
  readonly heapMb?: number;
  /** `workerData` of each worker. */
  readonly data?: unknown;
  /** What a worker does, for the names of threads and the details of failures: “Grading” by default. */
  readonly task?: string;
}

/** What a task gave, or why it failed, with its computing time in milliseconds. */
export type Ran<Result> = { readonly ms: number } & (
  | { readonly result: Result }
  | { readonly failed: 'timeout' | 'error'; readonly detail: string }
);

interface Item<Request, Result> {
  readonly task: Task<Request>;
  readonly resolve: (ran: Ran<Result>) => void;
  readonly reject: (error: unknown) => void;
  /** Removes the abort listener. */
  readonly release: () => void;
  /** Aborted after it was sent to a worker, whose verdict is ignored. */
  aborted: boolean;
  /** It was sent to a worker that died, so the next worker gets it alone, to find the item that kills workers. */
  alone: boolean;
}

interface Slot<Request, Result> {
  readonly worker: Worker;
  ready: boolean;
  /** Items sent to the worker in order; the first is being graded. */
  line: Item<Request, Result>[];
  timer: NodeJS.Timeout | undefined;
  startedAt: number;
}

const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
/** Successive workers that die before they are ready, after which the script counts as broken. */
const MAX_FAILED_STARTS = 3;
/**
 * Items sent to one worker in advance, since a message takes as long as most items (0.07 ms): 200,000 rows take 13.6 s of CPU time with 16 and
 * 15.9 s with 4. Many more would wait behind a slow one while other workers are idle.
 */
const DEPTH = 16;
/** Runs tasks in worker threads, each with a time limit. A worker that exceeds it is replaced. */
export class WorkerPool<Request, Result> {
  private readonly options: Required<Omit<WorkerPoolOptions, 'data'>> & Pick<WorkerPoolOptions, 'data'>;
  private readonly queue: Item<Request, Result>[] = [];
  private readonly slots = new Set<Slot<Request, Result>>();
  private readonly ending = new Set<Promise<unknown>>();
  private nextId = 1;
  private failedStarts = 0;
  private closed = false;

  constructor(options: WorkerPoolOptions) {
    this.options = { workers: 1, timeoutMs: 2_000, heapMb: 256, task: 'Grading', ...options };
  }

  /** Rejects with the signal's reason when aborted, and when the pool closes. */
  run(request: Request, signal?: AbortSignal): Promise<Ran<Result>> {
    if (this.closed) return Promise.reject(new Error('The grading pool is closed.'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = this.nextId;
      this.nextId += 1;
      const abort = () => this.abort(id, signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const release = () => signal?.removeEventListener('abort', abort);
      this.queue.push({ task: { id, request }, resolve, reject, release, aborted: false, alone: false });
      this.work();
    });
  }

  /** Worker threads that run or are starting. */
  get threads(): number {
    return this.slots.size;
  }

  /** Stops all workers and rejects ungraded items. */
  async close(): Promise<void> {
    this.closed = true;
    const error = new Error('The grading pool was closed.');
    for (const item of this.queue.splice(0)) this.refuse(item, error);
    for (const slot of [...this.slots]) {
      this.retire(slot);
      for (const item of slot.line) if (!item.aborted) this.refuse(item, error);
    }
    await Promise.all(this.ending);
  }

  private refuse(item: Item<Request, Result>, error: unknown): void {
    item.release();
    item.reject(error);
  }

  private abort(id: number, reason: unknown): void {
    const at = this.queue.findIndex((item) => item.task.id === id);
    if (at >= 0) {
      for (const item of this.queue.splice(at, 1)) this.refuse(item, reason);
      return;
    }
    for (const slot of this.slots) {
      const item = slot.line.find(({ task }) => task.id === id);
      if (item === undefined || item.aborted) continue;
      item.aborted = true;
      if (slot.line[0] === item) this.requeue(slot, slot.line.slice(1));
      this.refuse(item, reason);
      this.work();
    }
  }

  /** Sends queued items to workers, idle ones first, and starts workers while the queue is longer. */
  private work(): void {
    if (this.closed) return;
    const ready = [...this.slots].filter((slot) => slot.ready);
    for (const slot of ready) if (slot.line.length === 0) this.give(slot);
    const starting = this.slots.size - ready.length;
    for (let i = starting; i < this.queue.length && this.slots.size < this.options.workers; i += 1) this.start();
    for (let depth = 1; depth < DEPTH && this.queue.length > 0; depth += 1) {
      for (const slot of ready) if (slot.line.length === depth) this.give(slot);
    }
    // An idle worker does not keep the process alive.
    for (const slot of ready) if (slot.line.length === 0) slot.worker.unref();
  }

  private give(slot: Slot<Request, Result>): void {
    const [next] = this.queue;
    if (next === undefined || slot.line[0]?.alone || (next.alone && slot.line.length > 0)) return;
    this.queue.shift();
    slot.line.push(next);
    if (slot.line.length === 1) {
      slot.worker.ref();
      this.startClock(slot);
    }
    slot.worker.postMessage(next.task);
  }

  private start(): void {
    const worker = new Worker(this.options.workerPath, {
      name: this.options.task,
      resourceLimits: { ...RESOURCE_LIMITS, maxOldGenerationSizeMb: this.options.heapMb },
      workerData: this.options.data,
      stdout: true,
      stderr: true,
    });
    // The compute engine prints warnings on malformed input; our own streams carry progress and results only.
    worker.stdout.resume();
    worker.stderr.resume();
    const slot: Slot<Request, Result> = { worker, ready: false, line: [], timer: undefined, startedAt: 0 };
    this.slots.add(slot);
    worker.on('message', (message: WorkerMessage<Result>) => this.receive(slot, message));
    worker.on('error', (error) => this.lose(slot, error.message));
    worker.on('exit', (code) => this.lose(slot, `the worker ended with code ${code}`));
  }

  private startClock(slot: Slot<Request, Result>): void {
    clearTimeout(slot.timer);
    slot.startedAt = performance.now();
    const [item] = slot.line;
    // A verdict that arrived while this thread was busy is handled first.
    slot.timer = setTimeout(() => setImmediate(() => this.stop(slot, item)), this.options.timeoutMs);
  }

  private stop(slot: Slot<Request, Result>, item: Item<Request, Result> | undefined): void {
    if (!this.slots.has(slot) || item === undefined || slot.line[0] !== item) return;
    const seconds = this.options.timeoutMs / 1000;
    this.requeue(slot, slot.line.slice(1));
    const detail = `${this.options.task} took longer than ${seconds} s and was stopped.`;
    this.answer(item, { failed: 'timeout', detail, ms: performance.now() - slot.startedAt });
    this.work();
  }

  private answer(item: Item<Request, Result>, ran: Ran<Result>): void {
    if (item.aborted) return;
    item.release();
    item.resolve(ran);
  }

  private receive(slot: Slot<Request, Result>, message: WorkerMessage<Result>): void {
    if (!this.slots.has(slot)) return;
    if (message.kind === 'ready') {
      slot.ready = true;
      this.failedStarts = 0;
      this.work();
    } else if (message.kind === 'pause') clearTimeout(slot.timer);
    else if (message.kind === 'restart') this.startClock(slot);
    else if (slot.line[0]?.task.id === message.id) {
      clearTimeout(slot.timer);
      const item = slot.line.shift();
      if (slot.line.length > 0) this.startClock(slot);
      if (item) this.answer(item, ranOf(message));
      this.work();
    }
  }

  /** A worker died by itself: out of memory, or its script can't be loaded. */
  private lose(slot: Slot<Request, Result>, reason: string): void {
    if (!this.slots.has(slot)) return;
    if (!slot.ready) this.failedStarts += 1;
    const failed = { failed: 'error', detail: `${this.options.task} stopped: ${reason}` } as const;
    const [item, ...others] = slot.line;
    // Verdicts may be lost with the worker, so the item that killed it may not be the first.
    const guilty = item !== undefined && (item.alone || others.length === 0) ? item : undefined;
    for (const suspect of slot.line) suspect.alone = true;
    this.requeue(slot, guilty ? others : slot.line);
    if (guilty) this.answer(guilty, { ...failed, ms: performance.now() - slot.startedAt });
    if (this.failedStarts >= MAX_FAILED_STARTS) {
      for (const waiting of this.queue.splice(0)) this.answer(waiting, { ...failed, ms: 0 });
      this.failedStarts = 0;
    }
    this.work();
  }

  /** Ends a worker and puts these items at the front of the queue. */
  private requeue(slot: Slot<Request, Result>, items: readonly Item<Request, Result>[]): void {
    this.retire(slot);
    this.queue.unshift(...items.filter((item) => !item.aborted));
  }

  private retire(slot: Slot<Request, Result>): void {
    this.slots.delete(slot);
    clearTimeout(slot.timer);
    const ended = slot.worker.terminate().catch(() => undefined);
    this.ending.add(ended);
    ended.then(() => this.ending.delete(ended));
  }
}

function ranOf<Result>({ ms, result, failed }: Extract<WorkerMessage<Result>, { kind: 'done' }>): Ran<Result> {
  return failed === undefined ? { result: result as Result, ms } : { failed: 'error', detail: failed, ms };
}
