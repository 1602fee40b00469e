import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CANCEL_FILE } from '../protocol/runner.ts';

const CANCEL_POLL_MS = 250;

interface Signals {
  signal: AbortSignal;
  stopNow?: AbortSignal | undefined;
}

/**
 * The signals of work in a folder, which its cancel file aborts too: the first file `signal`, the next one `stopNow`. An earlier file is removed.
 * @returns also `end`, which stops watching
 */
export async function watchCancel(folder: string, outer: Signals): Promise<Required<Signals> & { end: () => void }> {
  const stop = new AbortController();
  // Every call in flight listens to it; Node warns at eleven listeners.
  setMaxListeners(0, stop.signal);
  const forward = (): void => stop.abort();
  outer.signal.addEventListener('abort', forward, { once: true });
  if (outer.signal.aborted) stop.abort();
  const stopNow = new AbortController();
  const path = join(folder, CANCEL_FILE);
  await rm(path, { force: true });
  const timer = setInterval(() => {
    // Without `force`, it fails for a missing file.
    rm(path).then(
      () => (stop.signal.aborted ? stopNow : stop).abort(),
      () => undefined,
    );
  }, CANCEL_POLL_MS);
  return {
    signal: stop.signal,
    stopNow: AbortSignal.any([stopNow.signal, ...(outer.stopNow ? [outer.stopNow] : [])]),
    end: () => {
      clearInterval(timer);
      outer.signal.removeEventListener('abort', forward);
    },
  };
}
