import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from './process.ts';

const Owner = z.object({ pid: z.number().int(), host: z.string(), nonce: z.string() });
type Owner = z.infer<typeof Owner>;

const HEARTBEAT_MS = 5_000;
/** A holder that has not touched its lock for so long is gone, even where its pid can't be asked (another machine, a container). */
const STALE_MS = 60_000;
const POLL_MS = 200;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock, with its pid. */
  onWait?: (pid: number | undefined) => void;
}

/**
 * Runs `work` while holding the lock file, which may lie on a disk that several processes share. A holder that died, by kill -9 or with
 * its machine, loses the lock.
 * @throws the signal's reason when it aborts while waiting; whatever `work` throws.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const owner: Owner = { pid: process.pid, host: hostname(), nonce: randomBytes(8).toString('hex') };
  await acquire(file, owner, options);
  const heart = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  heart.unref();
  try {
    return await work();
  } finally {
    clearInterval(heart);
    const holder = await readOwner(file);
    if (holder?.nonce === owner.nonce) await rm(file, { force: true });
  }
}

/** Whether a living process holds the lock. */
export async function isHeld(file: string): Promise<boolean> {
  const holder = await readOwner(file);
  return holder !== undefined && !(await isStale(file, holder));
}

async function acquire(file: string, owner: Owner, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  for (let waited = false; ; ) {
    signal?.throwIfAborted();
    if (await create(file, owner)) return;
    const holder = await readOwner(file);
    if (await isStale(file, holder)) {
      await remove(file, holder);
      continue;
    }
    if (!waited) onWait?.(holder?.pid);
    waited = true;
    await sleep(POLL_MS, undefined, signal ? { signal } : {}).catch(() => {});
  }
}

/** A lock that is read before its owner was written has no owner yet; it counts as held until it is old. */
async function create(file: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(owner)).finally(() => handle.close());
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Owner.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isStale(file: string, holder: Owner | undefined): Promise<boolean> {
  const touched = await stat(file).catch(() => undefined);
  if (!touched) return false;
  if (Date.now() - touched.mtimeMs > STALE_MS) return true;
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

/**
 * Takes a stale lock away. Another process may have done so already and hold the new lock under the same name: what was moved away
 * is looked at, and put back when it is not the stale one.
 */
async function remove(file: string, stale: Owner | undefined): Promise<void> {
  const aside = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await readOwner(aside);
  if (moved?.nonce !== stale?.nonce) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
