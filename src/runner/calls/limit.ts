import { cancelled, ModelError } from '../../models/errors.ts';
import { isRateLimit, LONGEST_TIMER_MS, LONGEST_WAIT_MS } from '../../models/retry.ts';

/** Initial limit: few enough for any server, and 64 after three doublings. */
const START = 8;
/**
 * Milliseconds between two doublings while calls wait and none was rejected. Servers reject within milliseconds; waiting for whole replies would keep
 * a fast server idle at the start of a round.
 */
const RAMP_MS = 20;
/** Factor after the doubling, which may have overshot twofold. */
const FIRST_DECREASE = 0.5;
/** Factor later, when the limit was one above the server's. Use stays between 0.8 and 1 of the server's limit, 0.9 on average; halving would use 0.75. */
const DECREASE = 0.8;
/** The first gap between two calls, when even a single call in flight is rejected; each further refusal doubles it. */
const FIRST_GAP_MS = 500;
/** Factor of the gap after each success; slower than its growth, so that most calls at a steady rate succeed. */
const GAP_DECAY = 0.7;

interface Waiting {
  weight: number;
  start: () => void;
  reject: (error: unknown) => void;
}

export interface AdaptiveLimitOptions {
  /** Highest limit. */
  cap: number;
  signal: AbortSignal;
  /** Called when the limit decreases. */
  onDecrease?: (limit: number, error: ModelError) => void;
  /** Called when calls start or stop waiting for the rate limit of the server. */
  onRateLimit?: (waiting: boolean) => void;
}

/**
 * Adapts the number of completions in flight by additive increase and multiplicative decrease (AIMD). The limit doubles every 20 ms while calls wait,
 * until a call is rejected as too many (429, 503, 529) or times out. Then it decreases once for all calls sent under it, and grows by one for each
 * limitful of replies. All calls wait as long as the server asks.
 * A call rejected while no other is in flight has met a rate limit. Calls then go one by one with a gap, which doubles with each refusal and shrinks
 * with each success.
 */
export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  readonly #waiting: Waiting[] = [];
  #limit: number;
  #inFlight = 0;
  #answered = 0;
  #ramping = true;
  /** Replies since the last increase. */
  #credit = 0;
  /** Number of decreases; a call sent before one does not affect the limit after it. */
  #epoch = 0;
  #pausedUntil = 0;
  /** Milliseconds between two calls; 0 without a rate limit. */
  #gapMs = 0;
  /** Time of the first rejection since the last success. */
  #rejectedAt: number | undefined;
  #answeredAtDecrease = 0;
  #isRateLimited = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = Math.min(START, options.cap);
    options.signal.addEventListener('abort', () => this.#abandon(), { once: true });
  }

  /** Current limit. */
  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Milliseconds since the rate limit began to reject every call; 0 while calls succeed. */
  get rejectedMs(): number {
    return this.#rejectedAt === undefined ? 0 : performance.now() - this.#rejectedAt;
  }

  /** Calls answered so far. */
  get answered(): number {
    return this.#answered;
  }

  /** Runs `work` when there is room for `weight` completions, or nothing else is in flight. `first`: before all waiting calls. */
  async run<T>(weight: number, work: () => Promise<T>, first = false): Promise<T> {
    await this.#enter(weight, first);
    const epoch = this.#epoch;
    try {
      const result = await work();
      this.#answered++;
      this.#succeeded();
      this.#grow(weight);
      return result;
    } catch (error) {
      if (error instanceof ModelError) this.#slowDown(error, epoch, weight);
      throw error;
    } finally {
      this.#inFlight -= weight;
      this.#pump();
    }
  }

  #enter(weight: number, first: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#options.signal.aborted) return reject(cancelled());
      const start = (): void => {
        this.#inFlight += weight;
        resolve();
      };
      if (first) this.#waiting.unshift({ weight, start, reject });
      else this.#waiting.push({ weight, start, reject });
      this.#pump();
    });
  }

  #pump(): void {
    const pause = this.#pausedUntil - performance.now();
    if (pause > 0) {
      this.#wake(pause);
      return;
    }
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#inFlight > 0 && this.#inFlight + next.weight > this.#limit) break;
      this.#waiting.shift();
      next.start();
    }
    if (this.#waiting.length > 0 && this.#ramping && this.#limit < this.#options.cap) this.#wake(RAMP_MS, true);
  }

  /** Calls #pump after `ms` milliseconds; there is one timer. */
  #wake(ms: number, ramp = false): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        if (ramp && this.#ramping && this.#waiting.length > 0) this.#set(this.#limit * 2);
        this.#pump();
      },
      Math.min(ms, LONGEST_TIMER_MS),
    );
  }

  /** Grows only while calls wait, since an unreached limit is not tested. */
  #grow(weight: number): void {
    if (this.#ramping || this.#gapMs > 0 || this.#waiting.length === 0) return;
    this.#credit += weight;
    if (this.#credit < this.#limit) return;
    this.#credit = 0;
    this.#set(this.#limit + 1);
  }

  #succeeded(): void {
    this.#rejectedAt = undefined;
    this.#gapMs = this.#gapMs * GAP_DECAY < FIRST_GAP_MS ? 0 : this.#gapMs * GAP_DECAY;
    if (this.#gapMs > 0) this.#pauseFor(this.#gapMs);
    this.#noteRateLimit();
  }

  #slowDown(error: ModelError, epoch: number, weight: number): void {
    if (!error.overload) return;
    if (isRateLimit(error)) {
      this.#rejectedAt ??= performance.now();
      const isAlone = this.#inFlight <= weight;
      if (isAlone) this.#gapMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_GAP_MS, this.#gapMs * 2));
      this.#pauseFor(Math.max(error.retryAfterMs ?? 0, isAlone ? this.#gapMs : 0));
      this.#noteRateLimit();
    }
    if (epoch !== this.#epoch) return;
    this.#epoch++;
    this.#credit = 0;
    const isFarTooMuch = this.#ramping || this.#answered === this.#answeredAtDecrease;
    this.#set(Math.floor(Math.min(this.#limit, this.#inFlight) * (isFarTooMuch ? FIRST_DECREASE : DECREASE)));
    this.#answeredAtDecrease = this.#answered;
    this.#ramping = false;
    this.#options.onDecrease?.(this.#limit, error);
  }

  /** Starts no call for `ms` milliseconds. */
  #pauseFor(ms: number): void {
    if (ms <= 0) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + ms);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #noteRateLimit(): void {
    const waiting = this.#gapMs > 0 || this.#pausedUntil > performance.now();
    if (waiting === this.#isRateLimited) return;
    this.#isRateLimited = waiting;
    this.#options.onRateLimit?.(waiting);
  }

  #set(limit: number): void {
    this.#limit = Math.max(1, Math.min(limit, this.#options.cap));
  }

  #abandon(): void {
    clearTimeout(this.#timer);
    for (const { reject } of this.#waiting.splice(0)) reject(cancelled());
  }
}
