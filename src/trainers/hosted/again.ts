import { HostedError } from './errors.ts';

/** Tries of what may be tried again, before the file is there and the job is made; what was made is then looked at for ever. */
const TRIES = 6;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** How trying again waits and says so. */
export interface Patience {
  sleep: (ms: number) => Promise<void>;
  say: (words: string) => void;
  signal: AbortSignal;
}

/** Calls `attempt` until it succeeds, fails for good or was tried often enough. It must find out itself what an earlier try has done. */
export async function again<T>({ say, sleep, signal }: Patience, what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || tried >= TRIES) throw error;
      const wait = error.retryAfterMs ?? waitMs(tried);
      if (wait > 10 * LONGEST_WAIT_MS) throw error;
      say(`${what}: ${error.message} Looking again in ${Math.ceil(wait / 1000)} s.`);
      await sleep(wait);
    }
  }
}

/** Whether the same may succeed later. */
export function isPassing(error: unknown): error is HostedError {
  return error instanceof HostedError && (error.problem === 'busy' || error.problem === 'unreachable');
}

/** Milliseconds to wait after so many failures. */
export function waitMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}
