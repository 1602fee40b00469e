import { randomBytes } from 'node:crypto';
import { lutimes, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode, linked, temporaryPath } from './atomic-write.ts';
import { isAlive, processStart } from './process.ts';
import { LARGEST_STATE, readWholeText } from './regular-file.ts';

// Not proper-lockfile: it stores no pid, so a lock survives kill -9 until its time limit, and two processes that find it stale can both take it.

const LockHolder = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** As `processStart` returns it, since pids are reused. */
  processStart: z.string().optional(),
});
/** Who holds a lock. */
export type LockHolder = z.infer<typeof LockHolder>;

export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock, with its pid. */
  onWait?: (pid: number | undefined) => void;
}

const HEARTBEAT_MS = 5_000;
/** Age of a lock's heartbeat at which a holder that can't be checked (another machine, no start time) counts as gone. */
const STALE_MS = 60_000;
/** A lock without a readable holder may still be being written, on file systems without hard links. */
const TORN_MS = 1_000;
const POLL_MS = 200;
const GATE_WAIT_MS = 20;
/** Times GATE_WAIT_MS, longer than a few processes need to check one stale lock after another. */
const TRIES = 100;

/**
 * Takes a lock file, which may be on a disk shared by several machines, in an existing folder. A holder that died loses the lock.
 * @returns the lock, or its holder, which may be this process; undefined when others keep taking it.
 * @throws FileKindError when it is not a regular file; the error of the file system.
 */
export async function tryLock(file: string): Promise<{ lock: Lock } | { holder: LockHolder | undefined }> {
  const holder = { pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
  const nonce = randomBytes(8).toString('hex');
  const mine = JSON.stringify({ ...holder, nonce, at: new Date().toISOString() });
  const draft = temporaryPath(file);
  await writeFile(draft, mine, { flag: 'wx' });
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (await linked(draft, file)) return { lock: heldLock(file, mine) };
      const held = await readState(file);
      if (held === undefined) continue;
      const other = parseHolder(held);
      if (!(await isStale(file, other))) {
        if (other !== undefined) return { holder: other };
      } else await removeStale(file, held, draft);
      await sleep(GATE_WAIT_MS);
    }
    return { holder: undefined };
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Waits for the lock file and runs `work` while holding it; creates missing folders.
 * @throws the signal's reason when it aborts while waiting; whatever `work` throws.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { signal, onWait } = options;
  await mkdir(dirname(file), { recursive: true });
  for (let waited = false; ; waited = true) {
    signal?.throwIfAborted();
    const taken = await tryLock(file);
    if ('lock' in taken) return work().finally(() => taken.lock.release());
    if (!waited) onWait?.(taken.holder?.pid);
    await sleep(POLL_MS, undefined, signal && { signal }).catch(() => {});
  }
}

/** The holder of a lock, which may be stale; undefined without a lock or when it can't be read. */
export async function lockHolder(file: string): Promise<LockHolder | undefined> {
  return parseHolder((await readState(file)) ?? '');
}

/** Whether a living process holds the lock. */
export async function isHeld(file: string): Promise<boolean> {
  const holder = await lockHolder(file);
  return holder !== undefined && !(await isStale(file, holder));
}

function heldLock(file: string, mine: string): Lock {
  const heart = setInterval(() => void lutimes(file, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  heart.unref();
  return {
    release: async () => {
      clearInterval(heart);
      if ((await readState(file)) === mine) await rm(file, { force: true });
    },
  };
}

/**
 * Removes a lock whose holder is gone. One process at a time does this and checks again, since another may have replaced the stale lock.
 */
async function removeStale(file: string, stale: string, draft: string): Promise<void> {
  const gate = `${file}.gate`;
  if (await linked(draft, gate)) {
    try {
      if ((await readState(file)) === stale) await rm(file, { force: true });
    } finally {
      await rm(gate, { force: true });
    }
  } else if (await isStale(gate, await lockHolder(gate))) {
    // A process died while it held the gate.
    await rm(gate, { force: true });
  }
}

async function isStale(file: string, holder: LockHolder | undefined): Promise<boolean> {
  if (holder?.host === hostname()) {
    if (!isAlive(holder.pid)) return true;
    const start = processStart(holder.pid);
    if (start !== undefined && holder.processStart !== undefined) return start !== holder.processStart;
  }
  const touched = await stat(file).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > (holder === undefined ? TORN_MS : STALE_MS);
}

async function readState(file: string): Promise<string | undefined> {
  try {
    return await readWholeText(file, LARGEST_STATE);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return LockHolder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
