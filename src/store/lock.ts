import { link, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RoundPlan, RoundSummary } from '../core/model/index.ts';
import { type RoundStatus, RunnerState } from '../protocol/runner.ts';
import { StoreError } from './errors.ts';
import { errorCode, readJson, readLines, readText, temporaryPath } from './files.ts';

export const LOCK_FILE = 'runner.lock';
/** A runner writes its state about twice a second; one that is silent for this long is hung or dead. */
export const FRESH_MS = 10_000;

/** Who holds a round. A pid alone is reused after a reboot or by chance, so its start time stands beside it where the system tells it. */
const LockHolder = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** Start of the process in clock ticks since boot; only Linux tells it cheaply. */
  processStart: z.string().optional(),
  at: z.string(),
});
type LockHolder = z.infer<typeof LockHolder>;

export interface RoundLock {
  release(): Promise<void>;
}

/**
 * Takes `runner.lock` of a round folder for this process. A lock whose process no longer lives is taken over. Throws StoreError
 * `locked` when another process holds it.
 */
export async function lockRound(folder: string): Promise<RoundLock> {
  const path = join(folder, LOCK_FILE);
  const start = await processStart(process.pid);
  const mine: LockHolder = {
    pid: process.pid,
    host: hostname(),
    ...(start === undefined ? {} : { processStart: start }),
    at: new Date().toISOString(),
  };
  const text = JSON.stringify(mine);
  // A link appears with its content or not at all, and fails when the name is taken: no one ever reads half a lock.
  const draft = temporaryPath(path);
  await writeFile(draft, text, { flag: 'wx' });
  try {
    for (let tries = 0; tries < 5; tries++) {
      if (await linked(draft, path)) return { release: () => release(path, text) };
      const held = await readText(path);
      if (held === undefined) continue;
      const holder = parseHolder(held);
      if (holder && (await holderLives(folder, holder))) {
        throw new StoreError('locked', `the round is being run by process ${holder.pid} on ${holder.host}`);
      }
      await putAside(path, held);
    }
    throw new StoreError('locked', `other processes keep taking ${path}`);
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // Some file systems have no links; there an exclusive write is the next best.
    try {
      await writeFile(to, (await readText(from)) ?? '', { flag: 'wx' });
      return true;
    } catch (second) {
      if (errorCode(second) === 'EEXIST') return false;
      throw second;
    }
  }
}

/** Moves a stale lock away; when a live one had taken its place in between, that one is put back. */
async function putAside(path: string, stale: string): Promise<void> {
  const aside = temporaryPath(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readText(aside)) !== stale) await linked(aside, path);
  await rm(aside, { force: true });
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readText(path)) === mine) await rm(path, { force: true });
}

async function holderLives(folder: string, holder: LockHolder): Promise<boolean> {
  // A process of another machine cannot be asked; its sign of life is the state that it writes.
  if (holder.host !== hostname()) {
    const state = await readJson(join(folder, 'runner.json'), RunnerState);
    return isFresh(state?.updatedAt ?? holder.at);
  }
  if (!isAlive(holder.pid)) return false;
  const start = await processStart(holder.pid);
  return holder.processStart === undefined || start === undefined || start === holder.processStart;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return LockHolder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a process with this id exists on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const stat = await readText(`/proc/${pid}/stat`);
  // The command name, in parentheses, may hold spaces; the start time is the 20th field after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function isFresh(at: string): boolean {
  return Date.now() - Date.parse(at) < FRESH_MS;
}

/**
 * How a round stands, from the files of its folder. `counts` spares reading chains.jsonl to whoever has an index. Throws StoreError
 * when the folder has no readable plan.
 */
export async function roundStatus(
  folder: string,
  counts?: { chains: number; chainsPassed: number },
): Promise<RoundStatus> {
  const plan = await readJson(join(folder, 'plan.json'), RoundPlan);
  if (!plan) throw new StoreError('bad-plan', `${join(folder, 'plan.json')} is missing or is no plan of a round`);
  const runner = await readJson(join(folder, 'runner.json'), RunnerState);
  const summary = await readJson(join(folder, 'summary.json'), RoundSummary);
  return {
    round: plan.round,
    kind: plan.kind,
    state: await roundState(folder, plan, runner, summary),
    ...(runner ? { runner } : {}),
    ...(counts ?? (await countChains(join(folder, 'chains.jsonl')))),
  };
}

async function roundState(
  folder: string,
  plan: RoundPlan,
  runner: RunnerState | undefined,
  summary: RoundSummary | undefined,
): Promise<RoundStatus['state']> {
  if (!runner) return summary || plan.kind !== 'dialogue' ? 'finished' : 'planned';
  if (runner.state !== 'starting' && runner.state !== 'running') return runner.state;
  const text = await readText(join(folder, LOCK_FILE));
  const holder = text === undefined ? undefined : parseHolder(text);
  const elsewhere = holder !== undefined && holder.host !== hostname();
  if (isFresh(runner.updatedAt) && (elsewhere || isAlive(runner.pid))) return 'running';
  // A runner can die between its last two files.
  return summary && summary.finishedAt >= runner.startedAt ? 'finished' : 'interrupted';
}

async function countChains(path: string): Promise<{ chains: number; chainsPassed: number }> {
  const passed = new Map<string, boolean>();
  try {
    for await (const read of readLines(path)) {
      if ('error' in read) continue;
      const chain = ChainHead.safeParse(read.value).data;
      if (chain) passed.set(chain.id, chain.passed);
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return { chains: passed.size, chainsPassed: [...passed.values()].filter(Boolean).length };
}

const ChainHead = z.object({ id: z.string(), passed: z.boolean() });
