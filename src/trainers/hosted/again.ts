import { HostedError } from './errors.ts';

/** Most tries to send the file and create the job; the job is then polled without limit. */
const TRIES = 6;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** How retries wait and are logged. */
export interface Patience {
  sleep: (ms: number) => Promise<void>;
  log: (text: string) => void;
  signal: AbortSignal;
}

/** Calls `work` until it succeeds, fails permanently or has been tried often enough. It must find out the effect of an earlier try itself. */
export async function withRetries<T>(
  { log, sleep, signal }: Patience,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tried >= TRIES) throw error;
      const wait = Math.max(error.retryAfterMs ?? 0, waitMs(tried));
      if (wait > 10 * LONGEST_WAIT_MS) throw error;
      log(`${what}: ${error.message} Retrying in ${Math.ceil(wait / 1000)} s.`);
      await sleep(wait);
    }
  }
}

/** Whether a retry may succeed. */
export function isPassing(error: unknown): error is HostedError {
  return error instanceof HostedError && (error.kind === 'busy' || error.kind === 'unreachable');
}

/** Milliseconds to wait after this many failures. */
export function waitMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}
