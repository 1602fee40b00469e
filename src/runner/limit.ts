import { cancelled, ModelError } from '../models/errors.ts';

/** In flight at first. Few enough for any server, and enough that the doubling below reaches 64 in three steps. */
const START = 8;
/**
 * Milliseconds between two doublings, while calls wait and none was turned away. A limit is told at the door, in a few milliseconds; to wait for whole
 * replies instead (minutes, with long reasoning) would keep a fast server idle for the first part of a round.
 */
const RAMP_MS = 20;
/** What is left of the limit when the doubling was too much: it overshot by up to twofold. */
const FIRST_CUT = 0.5;
/**
 * What is left of it later. The limit then stood one above what the server takes, so a small step back is enough: between 0.8 and 1 of the server's limit,
 * 0.9 on average are in use. Halving, which networks need to be fair to strangers, would use 0.75.
 */
const CUT = 0.8;

interface Waiting {
  weight: number;
  start: () => void;
  reject: (error: unknown) => void;
}

export interface AdaptiveLimitOptions {
  /** Never more than this in flight. */
  cap: number;
  signal: AbortSignal;
  /** The server turned a call away; `limit` is the new limit. */
  onCut?: (limit: number, error: ModelError) => void;
}

/**
 * How many completions are in flight, found by trying (AIMD: additive increase, multiplicative decrease). The limit doubles every 20 ms while there is
 * demand, until a call is turned away as too many (429, 503, 529) or times out; it is then cut, once for all calls that were sent under it, and from
 * there on grows by one for each limitful of replies. A server that says how long to wait is left alone by the whole queue for that long.
 */
export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  readonly #waiting: Waiting[] = [];
  #limit: number;
  #inFlight = 0;
  #answered = 0;
  #ramping = true;
  /** Replies since the limit last grew. */
  #credit = 0;
  /** Counts the cuts: a call that was sent before one says nothing about the limit after it. */
  #epoch = 0;
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = Math.min(START, options.cap);
    options.signal.addEventListener('abort', () => this.#abandon(), { once: true });
  }

  /** Completions that may be in flight now. */
  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls answered so far: progress, for whoever asks whether waiting makes sense. */
  get answered(): number {
    return this.#answered;
  }

  /**
   * Runs `work` when there is room for `weight` completions, or when nothing else is in flight. `first`: before all others that wait.
   * @throws ModelError `cancelled` while waiting; what `work` throws.
   */
  async run<T>(weight: number, work: () => Promise<T>, first = false): Promise<T> {
    await this.#enter(weight, first);
    const epoch = this.#epoch;
    try {
      const result = await work();
      this.#answered++;
      this.#grow(weight);
      return result;
    } catch (error) {
      if (error instanceof ModelError) this.#heed(error, epoch);
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

  /** Looks again after so many milliseconds; one timer at a time. */
  #wake(ms: number, ramp = false): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (ramp && this.#ramping && this.#waiting.length > 0) this.#set(this.#limit * 2);
      this.#pump();
    }, ms);
  }

  /** Grows only where calls wait: a limit that nothing reaches is not tried out. */
  #grow(weight: number): void {
    if (this.#ramping || this.#waiting.length === 0) return;
    this.#credit += weight;
    if (this.#credit < this.#limit) return;
    this.#credit = 0;
    this.#set(this.#limit + 1);
  }

  #heed(error: ModelError, epoch: number): void {
    if (!error.overload) return;
    if (error.retryAfterMs !== undefined) {
      this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + error.retryAfterMs);
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (epoch !== this.#epoch) return;
    this.#epoch++;
    this.#credit = 0;
    this.#set(Math.floor(Math.min(this.#limit, this.#inFlight) * (this.#ramping ? FIRST_CUT : CUT)));
    this.#ramping = false;
    this.#options.onCut?.(this.#limit, error);
  }

  #set(limit: number): void {
    this.#limit = Math.max(1, Math.min(limit, this.#options.cap));
  }

  #abandon(): void {
    clearTimeout(this.#timer);
    for (const { reject } of this.#waiting.splice(0)) reject(cancelled());
  }
}
