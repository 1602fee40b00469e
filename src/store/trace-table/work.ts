import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of work before requests of others are answered. */
const TURN_MS = 20;

/** How long work is ended and watched. */
export interface Work {
  signal: AbortSignal;
  /** `share` of the file, 0 to 1. */
  progress(doing: 'rows' | 'grades' | 'texts', share: number): void;
}

/** Lets others have their turn after some milliseconds, and ends work that is aborted. */
export function turns(signal: AbortSignal): { isOver(): boolean; next(report: () => void): Promise<void> } {
  let since = performance.now();
  return {
    isOver: () => performance.now() - since > TURN_MS,
    next: async (report) => {
      report();
      await nextTurn();
      signal.throwIfAborted();
      since = performance.now();
    },
  };
}
