import { cancelled, ModelError } from './errors.ts';

export interface Retry {
  error: ModelError;
  /** Number of the next try, from 2. */
  tries: number;
  /** Milliseconds until then. */
  waitMs: number;
}

export interface RetryOptions {
  signal?: AbortSignal | undefined;
  /** Most tries, at least 1; without those rejected by the rate limit. */
  maxTries: number;
  /** Milliseconds for which the rate limit may reject every call. */
  rateLimitMs: number;
  /** Milliseconds since the rate limit began to reject every call; 0 while calls succeed. */
  rejectedMs?: () => number;
  onRetry?: (retry: Retry) => void;
  /** Number of calls that succeeded elsewhere; while it grows, the back-off at the rate limit starts again. */
  progress?: () => number;
  /** Uniform in [0, 1); for tests. */
  random?: () => number;
  /** Waits; rejects when the signal aborts. For tests. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 60_000;
/** A longer timeout makes setTimeout fire immediately. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `fn` until it succeeds, fails permanently or has been tried `maxTries` times. Waits 1, 2, 4 … 60 s with equal jitter (half fixed, half random, so that
 * failed calls do not return together), or longer if the server asks for it.
 * @throws ModelError the last error; `cancelled` when the signal aborts; one that names the limit when the rate limit rejects calls for longer than
 * `rateLimitMs` or the server asks for a longer wait before any call has succeeded. Other errors are not retried.
 */
export async function withRetries<T>(fn: (tries: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, maxTries, rateLimitMs, rejectedMs = () => 0, onRetry, progress = () => 0 } = options;
  const { random = Math.random, sleep = pause } = options;
  let seen = progress();
  let failures = 0;
  let waits = 0;
  for (let tries = 1; ; tries++) {
    if (signal?.aborted) throw cancelled();
    try {
      return await fn(tries);
    } catch (error) {
      if (!(error instanceof ModelError) || !error.retryable) throw error;
      // While other calls succeed, only the time without any success ends the run.
      if ((error.retryAfterMs ?? 0) > rateLimitMs && progress() === 0) throw asksTooLong(error, rateLimitMs);
      if (!isRateLimit(error)) failures++;
      else if (progress() > seen) waits = 0;
      else if (rejectedMs() >= rateLimitMs) throw rejectedTooLong(error, rateLimitMs);
      seen = progress();
      if (failures >= maxTries) throw error;
      const waitMs = Math.min(rateLimitMs + 1_000, waitFor(error, waits++, random));
      onRetry?.({ error, tries: tries + 1, waitMs });
      await sleep(waitMs, signal);
    }
  }
}

/** Whether the server rejected the call because there are too many. A timeout may have other causes. */
export function isRateLimit(error: ModelError): boolean {
  return error.overload && error.kind !== 'timeout';
}

function waitFor(error: ModelError, waits: number, random: () => number): number {
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** waits);
  const own = backoff / 2 + (backoff / 2) * random();
  const asked = error.retryAfterMs ?? 0;
  // Jitter, so that waiting calls do not all return together.
  return Math.round(Math.max(own, asked + Math.min(1_000, asked / 4) * random()));
}

const RAISE =
  'Resume later: what is in the journal is not paid again. Or raise calls.rateLimitMinutes in longhand.json.';

function asksTooLong(error: ModelError, limitMs: number): ModelError {
  const asked = formatWait(error.retryAfterMs ?? 0);
  return new ModelError(
    error.kind,
    `${error.message} It asks to wait ${asked}, longer than the limit of ${formatWait(limitMs)}.`,
    { advice: RAISE, retryable: false },
  );
}

function rejectedTooLong(error: ModelError, limitMs: number): ModelError {
  return new ModelError(error.kind, `${error.message} No call has succeeded for ${formatWait(limitMs)}.`, {
    advice: RAISE,
    retryable: false,
  });
}

function formatWait(ms: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ];
  const [unit, size] = units.find(([, each]) => ms >= 2 * each) ?? ['s', 1_000];
  return ms > 365 * 86_400_000 ? 'more than a year' : `${Math.ceil(ms / size)} ${unit}`;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  // Not that of node:timers/promises, which tests with scripted time can't replace.
  return new Promise((done, fail) => {
    const cancel = (): void => {
      clearTimeout(timer);
      fail(cancelled());
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', cancel);
        done();
      },
      Math.min(ms, LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
  });
}
