import { join } from 'node:path';
import type { CallReply, Chain, ChainClass } from '../core/model/index.ts';
import { RUNNER_FILE, type RunnerState } from '../protocol/runner.ts';
import { messageOf, writeAtomic } from '../store/files.ts';
import type { SamplingCounts } from './sampling/counts.ts';

const NO_CLASSES: Record<ChainClass, number> = { FT: 0, TT: 0, TF: 0, FF: 0 };
const EVERY_MS = 500;

/** Model calls of this run: those answered, those taken from the journal instead, and what the answered ones took. */
export class CallCounts {
  calls = 0;
  callsReused = 0;
  retries = 0;
  promptTokens = 0;
  completionTokens = 0;

  answered(reply: CallReply): void {
    this.calls++;
    this.promptTokens += reply.usage.prompt;
    this.completionTokens += reply.usage.completion;
  }

  reused(): void {
    this.callsReused++;
  }
}

/** What a round has done so far in this run. */
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

/** Keeps `runner.json` true while the round runs. */
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
  /** Problems that were done before the first paid call took no time and say nothing of the rate. */
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

  /** A word for whoever looks: what it waits for. */
  say(state: RunnerState['state'], message?: string): void {
    this.#state = state;
    this.#message = message;
  }

  /** Writes the last state and stops. */
  async end(state: RunnerState['state'], message?: string): Promise<void> {
    clearInterval(this.#timer);
    this.say(state, message);
    await this.#write();
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
    const secondsLeft = counts.sampling ? counts.sampling.secondsLeft(this.seconds) : byProblems;
    return {
      version: 1,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      updatedAt: new Date().toISOString(),
      secondsBefore: this.secondsBefore,
      state: this.#state,
      ...(this.#message === undefined ? {} : { message: this.#message }),
      problemsDone: counts.problemsDone,
      problemsTotal: this.#problemsTotal,
      calls: counts.calls,
      callsReused: counts.callsReused,
      retries: counts.retries,
      completionTokens: counts.completionTokens,
      promptTokens: counts.promptTokens,
      tokensPerSecond: counts.completionTokens / Math.max(0.001, this.seconds),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      chains: counts.chains,
      chainsPassed: counts.chainsPassed,
      byClass: { ...counts.byClass },
      ...(counts.sampling ? { sampling: counts.sampling.progress(this.seconds) } : {}),
    };
  }

  /** A write that fails is told and tried again half a second later: a full disk must not end a round that still has answers coming. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeAtomic(this.#path, `${JSON.stringify(this.#snapshot())}\n`, { sync: false }))
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
