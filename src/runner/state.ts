import { join } from 'node:path';
import { defined } from '../core/defined.ts';
import { messageOf } from '../core/errors.ts';
import {
  type CallReply,
  type CallUse,
  type Chain,
  type ChainClass,
  costOf,
  noReplies,
  type Prices,
  replyOutcome,
} from '../core/schemas/index.ts';
import { RUNNER_FILE, type RunnerState } from '../protocol/runner.ts';
import { overwrite, writeAtomic } from '../system/atomic-write.ts';
import type { SamplingCounts } from './sampling/counts.ts';

const NO_CLASSES: Record<ChainClass, number> = { FT: 0, TT: 0, TF: 0, FF: 0 };
const EVERY_MS = 500;

export const RATE_LIMIT_NOTE = 'Waiting for the rate limit of the server.';

/** Model calls of this run: answered ones, those from the journal, and their usage. */
export class CallCounts {
  calls = 0;
  callsReused = 0;
  retries = 0;
  /** Why calls wait, for the user. */
  waitingFor: string | undefined;
  promptTokens = 0;
  completionTokens = 0;
  /** Answered calls by how their replies ended. */
  readonly replies = noReplies();

  answered(reply: CallReply): void {
    this.calls++;
    this.replies[replyOutcome(reply)]++;
    this.promptTokens += reply.usage.prompt;
    this.completionTokens += reply.usage.completion;
  }

  reused(): void {
    this.callsReused++;
  }

  /** All calls after some seconds. */
  use(prices: Prices | undefined, seconds: number): CallUse {
    const { calls, callsReused: reused, retries, promptTokens, completionTokens } = this;
    const tokens = { promptTokens, completionTokens };
    return {
      calls,
      reused,
      retries,
      ...tokens,
      cost: costOf(this, prices) ?? null,
      seconds: Math.round(seconds * 10) / 10,
    };
  }
}

/** Progress of a round in this run. */
export class RoundCounts extends CallCounts {
  problemsDone = 0;
  chains = 0;
  chainsPassed = 0;
  readonly byClass = { ...NO_CLASSES };
  /** Of a sampling round. */
  sampling: SamplingCounts | undefined;

  assembled(chain: Chain): void {
    this.chains++;
    if (chain.passed) this.chainsPassed++;
    if (chain.class) this.byClass[chain.class]++;
  }
}

/** Updates `runner.json` while the round runs. */
export class StateWriter {
  readonly #path: string;
  readonly #counts: RoundCounts;
  readonly #problemsTotal: number;
  readonly #startedAt = new Date();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failing = false;
  readonly #log: (text: string) => void;
  #state: RunnerState['state'] = 'starting';
  #message: string | undefined;
  /** Problems done before the first paid call, which do not count for the rate. */
  #doneBeforePaying = 0;
  /** Wall time of earlier runs. */
  readonly secondsBefore: number;

  constructor(
    folder: string,
    counts: RoundCounts,
    problemsTotal: number,
    secondsBefore: number,
    log: (text: string) => void,
  ) {
    this.#log = log;
    this.secondsBefore = secondsBefore;
    this.#path = join(folder, RUNNER_FILE);
    this.#counts = counts;
    this.#problemsTotal = problemsTotal;
  }

  async start(): Promise<void> {
    await this.#write();
    this.#timer = setInterval(() => void this.#write(), EVERY_MS);
  }

  /** Sets the state and a message for the user. */
  set(state: RunnerState['state'], message?: string): void {
    this.#state = state;
    this.#message = message;
  }

  /** Writes the last state and stops. */
  async end(state: RunnerState['state'], message?: string): Promise<void> {
    clearInterval(this.#timer);
    this.set(state, message);
    await this.#write();
    if (!this.#failing) return;
    // A state that stays “running” would be wrong.
    await overwrite(this.#path, this.#text()).catch((error: unknown) =>
      this.#log(`${this.#path}: ${messageOf(error)}`),
    );
  }

  /** Wall time of this run. */
  get seconds(): number {
    return (Date.now() - this.#startedAt.getTime()) / 1000;
  }

  #snapshot(): RunnerState {
    const counts = this.#counts;
    if (counts.calls === 0) this.#doneBeforePaying = counts.problemsDone;
    const paidProblems = counts.problemsDone - this.#doneBeforePaying;
    const left = this.#problemsTotal - counts.problemsDone;
    const byProblems = paidProblems > 0 ? (this.seconds / paidProblems) * left : undefined;
    const message = this.#message ?? (this.#state === 'running' ? counts.waitingFor : undefined);
    const isRunning = this.#state === 'starting' || this.#state === 'running';
    const expected = counts.sampling ? counts.sampling.secondsLeft(this.seconds) : byProblems;
    const secondsLeft = isRunning ? expected : undefined;
    return {
      version: 1,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      updatedAt: new Date().toISOString(),
      secondsBefore: this.secondsBefore,
      state: this.#state,
      ...defined({ message }),
      problemsDone: counts.problemsDone,
      problemsTotal: this.#problemsTotal,
      calls: counts.calls,
      callsReused: counts.callsReused,
      replies: { ...counts.replies },
      retries: counts.retries,
      completionTokens: counts.completionTokens,
      promptTokens: counts.promptTokens,
      tokensPerSecond: counts.completionTokens / Math.max(0.001, this.seconds),
      ...defined({ secondsLeft }),
      chains: counts.chains,
      chainsPassed: counts.chainsPassed,
      byClass: { ...counts.byClass },
      ...(counts.sampling && { sampling: counts.sampling.progress(this.seconds) }),
    };
  }

  #text(): string {
    return `${JSON.stringify(this.#snapshot())}\n`;
  }

  /** A failed write is logged and repeated half a second later, since a full disk must not end a round with calls in flight. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeAtomic(this.#path, this.#text(), { sync: false }))
      .then(
        () => {
          this.#failing = false;
        },
        (error: unknown) => {
          if (!this.#failing) this.#log(`runner.json could not be written: ${messageOf(error)}`);
          this.#failing = true;
        },
      );
    return this.#writing;
  }
}
