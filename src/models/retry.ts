import { cancelled, ModelError } from './errors.ts';

export interface Retry {
  error: ModelError;
  /** The attempt that comes next, from 2. */
  attempt: number;
  /** Milliseconds until then. */
  waitMs: number;
}

export interface RetryOptions {
  signal?: AbortSignal | undefined;
  /** Attempts in all, at least 1. */
  maxAttempts: number;
  onRetry?: (retry: Retry) => void;
  /** Counts what else gets through: an attempt that was turned away as too many does not count while this grows. */
  progress?: () => number;
  /** Uniform in [0, 1); for tests. */
  random?: () => number;
  /** Waits; rejects when the signal aborts. For tests. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A server that asks for more than this (a daily quota) is not waited for. */
const LONGEST_ASKED_MS = 10 * 60_000;

/**
 * Calls `fn` until it succeeds, fails for good or has been tried `maxAttempts` times. Waits as long as the server asked, else
 * 1, 2, 4 … 60 s with "equal jitter": half of that for sure, the other half by chance, so that calls which failed together do not
 * come back together.
 * @throws ModelError the last error; `cancelled` when the signal aborted; other errors as they are, at once.
 */
export async function withRetries<T>(fn: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, maxAttempts, onRetry, progress = () => 0, random = Math.random, sleep = pause } = options;
  let seen = progress();
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw cancelled();
    try {
      return await fn(attempt);
    } catch (error) {
      if (!(error instanceof ModelError) || !error.retryable) throw error;
      if (error.overload && error.kind !== 'timeout' && progress() > seen) attempt = 1;
      seen = progress();
      if (attempt >= maxAttempts) throw error;
      if ((error.retryAfterMs ?? 0) > LONGEST_ASKED_MS) throw error;
      const waitMs = waitFor(error, attempt, random);
      onRetry?.({ error, attempt: attempt + 1, waitMs });
      await sleep(waitMs, signal);
    }
  }
}

function waitFor(error: ModelError, attempt: number, random: () => number): number {
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  const own = Math.round(backoff / 2 + (backoff / 2) * random());
  if (error.retryAfterMs === undefined) return own;
  // Exactly the asked time would bring all waiting calls back at once.
  return Math.round(error.retryAfterMs + Math.min(1_000, error.retryAfterMs / 4) * random());
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    const stop = () => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
