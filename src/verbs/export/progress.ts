import type { VerbContext } from '../context.ts';

const EVERY_MS = 100;

/** Reports progress ten times a second at most, and stops at a cancellation. */
export function reporter({ signal, progress }: VerbContext, total: number, unit: string): (done: number) => void {
  let shown = 0;
  return (done) => {
    signal.throwIfAborted();
    if (done < total && performance.now() - shown < EVERY_MS) return;
    shown = performance.now();
    progress({ done, total, unit });
  };
}
