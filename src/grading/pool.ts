import { Worker } from 'node:worker_threads';
import type { GradingPolicy, Verdict } from '../core/model/index.ts';
import type { GradeRequest, WorkerMessage } from './messages.ts';

export interface GradingPoolOptions {
  /** The worker's script: `dist/grading-worker.cjs` in the product. */
  readonly workerPath: string | URL;
  /** Threads, default 1. They start when there is work. */
  readonly workers?: number;
  /** Computing time of one item in milliseconds, default 2,000. Waiting and the worker's start do not count. */
  readonly timeoutMs?: number;
}

/** The pool was closed before an item was graded. */
export class PoolClosedError extends Error {
  override readonly name = 'PoolClosedError';
}

interface Item {
  readonly request: GradeRequest;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the abort listener off again. */
  readonly release: () => void;
}

interface Slot {
  readonly worker: Worker;
  ready: boolean;
  item: Item | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Honest comparisons stay below 100 MB with the compute engine loaded; more is a hostile answer, and the editor's machine is small. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
/** Workers that die before they are ready, one after another: then the script is broken, and starting more would go on for ever. */
const MAX_FAILED_STARTS = 3;
/** Longest text that is sent to a worker whole; the final answer of a longer one is looked for in its last part. */
const MAX_TEXT = 2_000_000;

/**
 * Grades in worker threads, each item within its limit: a worker that exceeds it is terminated and replaced (`timeout`), one that dies
 * gives `error`; the queue goes on either way.
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
   * Grades one response; see gradeAnswer. Rejects with the signal's reason when aborted, with PoolClosedError when the pool closes first;
   * every trouble of the grader itself is a verdict (`timeout`, `error`).
   */
  grade(gold: string, text: string, policy: GradingPolicy, signal?: AbortSignal): Promise<Verdict> {
    if (this.closed) return Promise.reject(new PoolClosedError('The grading pool is closed.'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = this.nextId;
      this.nextId += 1;
      const abort = () => this.abort(id, signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const release = () => signal?.removeEventListener('abort', abort);
      const request = { id, gold, text: text.length > MAX_TEXT ? text.slice(-MAX_TEXT) : text, policy };
      this.queue.push({ request, resolve, reject, release });
      this.work();
    });
  }

  /** Stops all workers; what was not graded is rejected with PoolClosedError. */
  async close(): Promise<void> {
    this.closed = true;
    const error = new PoolClosedError('The grading pool was closed.');
    for (const item of this.queue.splice(0)) this.refuse(item, error);
    for (const slot of [...this.slots]) {
      const { item } = slot;
      this.retire(slot);
      if (item !== undefined) this.refuse(item, error);
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
      const { item } = slot;
      if (item?.request.id !== id) continue;
      this.retire(slot);
      this.refuse(item, reason);
      this.work();
    }
  }

  /** Gives waiting items to idle workers and starts workers while there is more work than they can take. */
  private work(): void {
    if (this.closed) return;
    for (const slot of this.slots) {
      if (!slot.ready || slot.item !== undefined) continue;
      const item = this.queue.shift();
      if (item === undefined) {
        // An idle worker does not keep the process alive.
        slot.worker.unref();
        continue;
      }
      slot.item = item;
      slot.worker.ref();
      this.startClock(slot);
      slot.worker.postMessage(item.request);
    }
    const starting = [...this.slots].filter((slot) => !slot.ready).length;
    for (let i = starting; i < this.queue.length && this.slots.size < this.options.workers; i += 1) this.start();
  }

  private start(): void {
    const worker = new Worker(this.options.workerPath, { resourceLimits: RESOURCE_LIMITS, stdout: true, stderr: true });
    // The compute engine prints warnings on malformed input; our own streams carry progress and results only.
    worker.stdout.resume();
    worker.stderr.resume();
    const slot: Slot = { worker, ready: false, item: undefined, timer: undefined };
    this.slots.add(slot);
    worker.on('message', (message: WorkerMessage) => this.receive(slot, message));
    worker.on('error', (error) => this.lose(slot, error.message));
    worker.on('exit', (code) => this.lose(slot, `the worker ended with code ${code}`));
  }

  private startClock(slot: Slot): void {
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => {
      const seconds = this.options.timeoutMs / 1000;
      this.replace(slot, {
        outcome: 'timeout',
        method: 'none',
        detail: `Grading took longer than ${seconds} s and was stopped.`,
      });
    }, this.options.timeoutMs);
  }

  private receive(slot: Slot, message: WorkerMessage): void {
    if (!this.slots.has(slot)) return;
    if (message.kind === 'ready') {
      slot.ready = true;
      this.failedStarts = 0;
      this.work();
    } else if (message.kind === 'loading') clearTimeout(slot.timer);
    else if (message.kind === 'loaded') this.startClock(slot);
    else if (slot.item?.request.id === message.id) {
      clearTimeout(slot.timer);
      const { item } = slot;
      slot.item = undefined;
      item.release();
      item.resolve(message.verdict);
      this.work();
    }
  }

  private replace(slot: Slot, verdict: Verdict): void {
    const { item } = slot;
    this.retire(slot);
    item?.release();
    item?.resolve(verdict);
    this.work();
  }

  /** A worker died by itself: out of memory, or its script can't be loaded. */
  private lose(slot: Slot, reason: string): void {
    if (!this.slots.has(slot)) return;
    if (!slot.ready) this.failedStarts += 1;
    const verdict: Verdict = { outcome: 'error', method: 'none', detail: `The grader stopped: ${reason}` };
    if (this.failedStarts >= MAX_FAILED_STARTS) {
      for (const item of this.queue.splice(0)) {
        item.release();
        item.resolve(verdict);
      }
      this.failedStarts = 0;
    }
    this.replace(slot, verdict);
  }

  private retire(slot: Slot): void {
    this.slots.delete(slot);
    clearTimeout(slot.timer);
    const ended = slot.worker.terminate().catch(() => undefined);
    this.ending.add(ended);
    ended.then(() => this.ending.delete(ended));
  }
}
