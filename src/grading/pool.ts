import { Worker } from 'node:worker_threads';
import type { GradingPolicy, Verdict } from '../core/schemas/index.ts';

/** Message from the pool to a worker. */
export interface GradeRequest {
  readonly id: number;
  readonly gold: string;
  readonly text: string;
  readonly policy: GradingPolicy;
}

/**
 * Message from a worker to the pool. `ready` comes once. `loading` pauses the item's clock while the compute engine loads, `loaded` starts it
 * again.
 */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loading'; readonly id: number }
  | { readonly kind: 'loaded'; readonly id: number }
  /** `ms`: computing time of the item, without loading the engine. */
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: Verdict; readonly ms: number };

export interface GradingPoolOptions {
  /** The worker's script, dist/grading-worker.mjs. */
  readonly workerPath: string | URL;
  /** Most threads, default 1; started on demand. */
  readonly workers?: number;
  /** Limit of computing time per item in milliseconds, default 2,000; without waiting and start-up. */
  readonly timeoutMs?: number;
}

/** A verdict with its computing time in milliseconds. */
export interface TimedVerdict {
  readonly verdict: Verdict;
  readonly ms: number;
}

interface Item {
  readonly request: GradeRequest;
  readonly resolve: (graded: TimedVerdict) => void;
  readonly reject: (error: unknown) => void;
  /** Removes the abort listener. */
  readonly release: () => void;
  /** Aborted after it was sent to a worker, whose verdict is ignored. */
  aborted: boolean;
  /** It was sent to a worker that died, so the next worker gets it alone, to find the item that kills workers. */
  alone: boolean;
}

interface Slot {
  readonly worker: Worker;
  ready: boolean;
  /** Items sent to the worker in order; the first is being graded. */
  line: Item[];
  timer: NodeJS.Timeout | undefined;
  startedAt: number;
}

/** Ordinary comparisons stay below 100 MB with the compute engine loaded; only a hostile answer needs more. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
/** Successive workers that die before they are ready, after which the script counts as broken. */
const MAX_FAILED_STARTS = 3;
/**
 * Items sent to one worker in advance, since a message takes as long as most items (0.07 ms): 200,000 rows take 13.6 s of CPU time with 16 and
 * 15.9 s with 4. Many more would wait behind a slow one while other workers are idle.
 */
const DEPTH = 16;
/** In characters; of a longer text the end is graded, which has the final answer. */
const MAX_TEXT = 2_000_000;

/**
 * Grades in worker threads, each item with a time limit. A worker that exceeds it is replaced and the verdict is `timeout`; one that dies gives
 * `error`.
 */
export class GradingPool {
  private readonly options: Required<GradingPoolOptions>;
  private readonly queue: Item[] = [];
  private readonly slots = new Set<Slot>();
  private readonly ending = new Set<Promise<unknown>>();
  private nextId = 1;
  private failedStarts = 0;
  private closed = false;

  constructor(options: GradingPoolOptions) {
    this.options = { workers: 1, timeoutMs: 2_000, ...options };
  }

  /**
   * Grades one response; see gradeAnswer. Rejects with the signal's reason when aborted, and when the pool closes. Failures of the grader are
   * verdicts (`timeout`, `error`).
   */
  async grade(gold: string, text: string, policy: GradingPolicy, signal?: AbortSignal): Promise<Verdict> {
    return (await this.gradeTimed(gold, text, policy, signal)).verdict;
  }

  /** As `grade`, with the computing time. */
  gradeTimed(gold: string, text: string, policy: GradingPolicy, signal?: AbortSignal): Promise<TimedVerdict> {
    if (this.closed) return Promise.reject(new Error('The grading pool is closed.'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = this.nextId;
      this.nextId += 1;
      const abort = () => this.abort(id, signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const release = () => signal?.removeEventListener('abort', abort);
      const request = { id, gold, text: text.length > MAX_TEXT ? text.slice(-MAX_TEXT) : text, policy };
      this.queue.push({ request, resolve, reject, release, aborted: false, alone: false });
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

  private refuse(item: Item, error: unknown): void {
    item.release();
    item.reject(error);
  }

  private abort(id: number, reason: unknown): void {
    const at = this.queue.findIndex((item) => item.request.id === id);
    if (at >= 0) {
      for (const item of this.queue.splice(at, 1)) this.refuse(item, reason);
      return;
    }
    for (const slot of this.slots) {
      const item = slot.line.find(({ request }) => request.id === id);
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

  private give(slot: Slot): void {
    const [next] = this.queue;
    if (next === undefined || slot.line[0]?.alone || (next.alone && slot.line.length > 0)) return;
    this.queue.shift();
    slot.line.push(next);
    if (slot.line.length === 1) {
      slot.worker.ref();
      this.startClock(slot);
    }
    slot.worker.postMessage(next.request);
  }

  private start(): void {
    const worker = new Worker(this.options.workerPath, {
      name: 'grading',
      resourceLimits: RESOURCE_LIMITS,
      stdout: true,
      stderr: true,
    });
    // The compute engine prints warnings on malformed input; our own streams carry progress and results only.
    worker.stdout.resume();
    worker.stderr.resume();
    const slot: Slot = { worker, ready: false, line: [], timer: undefined, startedAt: 0 };
    this.slots.add(slot);
    worker.on('message', (message: WorkerMessage) => this.receive(slot, message));
    worker.on('error', (error) => this.lose(slot, error.message));
    worker.on('exit', (code) => this.lose(slot, `the worker ended with code ${code}`));
  }

  private startClock(slot: Slot): void {
    clearTimeout(slot.timer);
    slot.startedAt = performance.now();
    const [item] = slot.line;
    // A verdict that arrived while this thread was busy is handled first.
    slot.timer = setTimeout(() => setImmediate(() => this.stop(slot, item)), this.options.timeoutMs);
  }

  private stop(slot: Slot, item: Item | undefined): void {
    if (!this.slots.has(slot) || item === undefined || slot.line[0] !== item) return;
    const seconds = this.options.timeoutMs / 1000;
    this.requeue(slot, slot.line.slice(1));
    this.answer(item, performance.now() - slot.startedAt, {
      outcome: 'timeout',
      method: 'none',
      detail: `Grading took longer than ${seconds} s and was stopped.`,
    });
    this.work();
  }

  private answer(item: Item, ms: number, verdict: Verdict): void {
    if (item.aborted) return;
    item.release();
    item.resolve({ verdict, ms });
  }

  private receive(slot: Slot, message: WorkerMessage): void {
    if (!this.slots.has(slot)) return;
    if (message.kind === 'ready') {
      slot.ready = true;
      this.failedStarts = 0;
      this.work();
    } else if (message.kind === 'loading') clearTimeout(slot.timer);
    else if (message.kind === 'loaded') this.startClock(slot);
    else if (slot.line[0]?.request.id === message.id) {
      clearTimeout(slot.timer);
      const item = slot.line.shift();
      if (slot.line.length > 0) this.startClock(slot);
      if (item) this.answer(item, message.ms, message.verdict);
      this.work();
    }
  }

  /** A worker died by itself: out of memory, or its script can't be loaded. */
  private lose(slot: Slot, reason: string): void {
    if (!this.slots.has(slot)) return;
    if (!slot.ready) this.failedStarts += 1;
    const verdict: Verdict = { outcome: 'error', method: 'none', detail: `The grader stopped: ${reason}` };
    const [item, ...others] = slot.line;
    // Verdicts may be lost with the worker, so the item that killed it may not be the first.
    const guilty = item !== undefined && (item.alone || others.length === 0) ? item : undefined;
    for (const suspect of slot.line) suspect.alone = true;
    this.requeue(slot, guilty ? others : slot.line);
    if (guilty) this.answer(guilty, performance.now() - slot.startedAt, verdict);
    if (this.failedStarts >= MAX_FAILED_STARTS) {
      for (const waiting of this.queue.splice(0)) this.answer(waiting, 0, verdict);
      this.failedStarts = 0;
    }
    this.work();
  }

  /** Ends a worker and puts these items at the front of the queue. */
  private requeue(slot: Slot, items: readonly Item[]): void {
    this.retire(slot);
    this.queue.unshift(...items.filter((item) => !item.aborted));
  }

  private retire(slot: Slot): void {
    this.slots.delete(slot);
    clearTimeout(slot.timer);
    const ended = slot.worker.terminate().catch(() => undefined);
    this.ending.add(ended);
    ended.then(() => this.ending.delete(ended));
  }
}
