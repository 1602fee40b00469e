import type { MappedTrace, TracePlace } from '../core/dataset/index.ts';
import type { Chain } from '../core/schemas/index.ts';
import { GradingPool } from './pool.ts';
import { type ChainLine, gradeTrace, lineOf, type TraceGrading } from './trace.ts';
import { WorkerPool } from './worker-pool.ts';

/** What is the same for all traces of an import. */
export type TraceSetup = Pick<TraceGrading, 'policy' | 'filters' | 'head'>;

/** The arguments of gradeTrace. */
export interface TraceTask {
  trace: MappedTrace;
  gold: string | undefined;
  place: TracePlace;
}

/** Traces of one message: a message takes as long as many answers. */
const BATCH = 8;
/** In UTF-16 code units; a long trace is sent alone. */
const LARGE = 100_000;

interface Waiting {
  task: TraceTask;
  resolve: (line: ChainLine) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes lines of chains of traces in worker threads, as gradeTrace does, several with each message; without the filters that need other texts. A trace that
 * exceeds the time limit or ends its worker is graded from here, where each of
 * its answers has a time limit of its own.
 */
export class TracePool {
  readonly #setup: TraceSetup;
  readonly #workers: WorkerPool<TraceTask[], ChainLine[]>;
  readonly #grading: GradingPool;
  readonly #signal: AbortSignal;
  #waiting: Waiting[] = [];

  /** `distFolder`: has the scripts of the workers. `workers`: most threads. */
  constructor(
    setup: TraceSetup,
    { distFolder, workers, signal }: { distFolder: string; workers: number; signal: AbortSignal },
  ) {
    this.#setup = setup;
    this.#signal = signal;
    this.#workers = new WorkerPool({ workerPath: `${distFolder}/trace-worker.mjs`, workers, data: setup });
    this.#grading = new GradingPool({ workerPath: `${distFolder}/grading-worker.mjs` });
  }

  /** As gradeLine, the chain itself. */
  async grade(task: TraceTask): Promise<Chain> {
    return JSON.parse((await this.gradeLine(task)).json);
  }

  /** Rejects with the signal's reason when it is aborted, and when the pool closes. */
  gradeLine(task: TraceTask): Promise<ChainLine> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      const { thought, answer } = task.trace.parts;
      if (this.#waiting.length >= BATCH || (thought?.length ?? 0) + answer.length > LARGE) this.flush();
    });
  }

  /** Sends the traces that wait for others. */
  flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) void this.#run(batch);
  }

  async close(): Promise<void> {
    await this.#workers.close();
    await this.#grading.close();
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const ran = await this.#workers.run(
        batch.map(({ task }) => task),
        this.#signal,
      );
      if ('result' in ran) {
        for (const [i, { resolve }] of batch.entries()) resolve(ran.result[i] as ChainLine);
      } else if (batch.length > 1) {
        for (const one of batch) void this.#run([one]);
      } else {
        const here = { ...this.#setup, pool: this.#grading, signal: this.#signal };
        for (const { task, resolve } of batch)
          resolve(lineOf(await gradeTrace(task.trace, task.gold, task.place, here)));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
