import type { GradingPolicy, Verdict } from '../core/schemas/index.ts';
import { plural } from '../core/text/format.ts';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

/** What the grading worker is asked. */
export interface GradeRequest {
  readonly gold: string;
  readonly text: string;
  readonly policy: GradingPolicy;
}

/** A verdict with its computing time in milliseconds. */
export interface TimedVerdict {
  readonly verdict: Verdict;
  readonly ms: number;
}

/** In characters; of a longer text the end is graded, which has the final answer. A longer gold answer is none. */
const MAX_TEXT = 2_000_000;

const TOO_LONG = `The gold answer has more than ${plural(MAX_TEXT, 'character')}.`;

export const gradedText = (text: string): string => (text.length > MAX_TEXT ? text.slice(-MAX_TEXT) : text);

/**
 * Grades in worker threads (dist/grading-worker.mjs), each item with a time limit. A worker that exceeds it is replaced and the verdict is `timeout`;
 * one that dies gives `error`.
 */
export class GradingPool {
  private readonly pool: WorkerPool<GradeRequest, Verdict>;

  constructor(options: Omit<WorkerPoolOptions, 'data'>) {
    this.pool = new WorkerPool(options);
  }

  /**
   * Grades one response; see gradeAnswer. Rejects with the signal's reason when aborted, and when the pool closes. Failures of the grader are
   * verdicts (`timeout`, `error`).
   */
  async grade(gold: string, text: string, policy: GradingPolicy, signal?: AbortSignal): Promise<Verdict> {
    return (await this.gradeTimed(gold, text, policy, signal)).verdict;
  }

  /** As `grade`, with the computing time. */
  async gradeTimed(gold: string, text: string, policy: GradingPolicy, signal?: AbortSignal): Promise<TimedVerdict> {
    if (gold.length > MAX_TEXT) return { verdict: { outcome: 'error', method: 'none', detail: TOO_LONG }, ms: 0 };
    const ran = await this.pool.run({ gold, text: gradedText(text), policy }, signal);
    if ('result' in ran) return { verdict: ran.result, ms: ran.ms };
    return { verdict: { outcome: ran.failed, method: 'none', detail: ran.detail }, ms: ran.ms };
  }

  /** Worker threads that run or are starting. */
  get threads(): number {
    return this.pool.threads;
  }

  /** Stops all workers and rejects ungraded items. */
  close(): Promise<void> {
    return this.pool.close();
  }
}
