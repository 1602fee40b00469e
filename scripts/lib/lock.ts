import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 5_000;
/** A holder touches its lock every BEAT_MS; one that did not for this long was killed. */
const STALE_MS = 60_000;

/** Runs `work` while no other process runs it under the same lock file; waits for the other one, and survives its death. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!(await take(file))) {
    const held = await stat(file).catch(() => undefined);
    if (held && Date.now() - held.mtimeMs > STALE_MS) await rm(file, { force: true });
    else await sleep(500);
  }
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
