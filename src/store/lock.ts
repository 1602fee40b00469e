import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { isGenerated, RoundPlan, RoundSummary } from '../core/model/index.ts';
import { type RoundStatus, RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import { isAlive, processStart } from '../system/process.ts';
import { StoreError } from './errors.ts';
import { linked, readJson, readText, temporaryPath } from './files.ts';

export const LOCK_FILE = 'runner.lock';
/** A runner writes its state about twice a second; one that is silent for this long is hung or dead. */
const FRESH_MS = 10_000;
/** Together as long as a few processes need to look at one stale lock after the other. */
const TRIES = 100;
const GATE_WAIT_MS = 20;

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
 * Takes `runner.lock` of a round's, the judge's, a grading's, an evaluation's or the workbench's folder for this process. A lock whose process no longer lives is taken
 * over. Throws StoreError `locked` when another holds it, be it in this process.
 */
export async function lockRound(
  folder: string,
  what: 'round' | 'judge' | 'grading' | 'workbench' | 'evaluation' = 'round',
): Promise<RoundLock> {
  const path = join(folder, LOCK_FILE);
  const start = processStart(process.pid);
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
    for (let tries = 0; tries < TRIES; tries++) {
      if (await linked(draft, path)) return { release: () => release(path, text) };
      const held = await readText(path);
      if (held === undefined) continue;
      const holder = parseHolder(held);
      if (holder && (await holderLives(folder, holder, what))) {
        const runs = `The ${what} is being run by process ${holder.pid} on ${holder.host}.`;
        throw new StoreError('locked', runs, `Wait for it, or cancel ${what === 'round' ? 'the round' : 'it there'}.`);
      }
      await removeStale(path, held, draft);
    }
    throw new StoreError('locked', `Other processes keep taking ${path}.`, 'Try again when they have ended.');
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Removes a lock whose holder is dead. Only one process may at a time, and it looks again: another may have taken the stale lock's
 * place since, and removing that one would let two run.
 */
async function removeStale(path: string, stale: string, draft: string): Promise<void> {
  const gate = `${path}.gate`;
  if (await linked(draft, gate)) {
    try {
      if ((await readText(path)) === stale) await rm(path, { force: true });
    } finally {
      await rm(gate, { force: true });
    }
    return;
  }
  const keeper = parseHolder((await readText(gate)) ?? '');
  // Whoever died within these few milliseconds left the gate shut.
  if (keeper?.host === hostname() && !isAlive(keeper.pid)) await rm(gate, { force: true });
  await new Promise((resolve) => setTimeout(resolve, GATE_WAIT_MS));
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readText(path)) === mine) await rm(path, { force: true });
}

async function holderLives(folder: string, holder: LockHolder, what: string): Promise<boolean> {
  // A process of another machine cannot be asked; its sign of life is the state that it writes.
  if (holder.host !== hostname()) {
    // A regrading writes none. Whoever finds it held begins a folder of its own, so that nothing waits for a dead one.
    if (what === 'grading') return true;
    const state = await readJson(join(folder, RUNNER_FILE), RunnerState);
    return isFresh(state?.updatedAt ?? holder.at);
  }
  if (!isAlive(holder.pid)) return false;
  const start = processStart(holder.pid);
  return holder.processStart === undefined || start === undefined || start === holder.processStart;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return LockHolder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isFresh(at: string): boolean {
  return Date.now() - Date.parse(at) < FRESH_MS;
}

/** Chains of a round, and those that passed the filters, as an index counts them. */
export type ChainCounts = Pick<RoundStatus, 'chains' | 'chainsPassed'>;

/**
 * How a round stands, from the files of its folder. The folder's name is the round's: a copy's plan still names the original.
 * Throws StoreError when the folder has no readable plan.
 */
export async function roundStatus(folder: string, counts: ChainCounts): Promise<RoundStatus> {
  const plan = await readJson(join(folder, 'plan.json'), RoundPlan);
  if (!plan) throw badPlan(folder);
  const runner = await readJson(join(folder, RUNNER_FILE), RunnerState);
  const summary = await readJson(join(folder, 'summary.json'), RoundSummary);
  return {
    round: basename(folder),
    kind: plan.kind,
    state: await roundState(folder, plan, runner, summary),
    ...(runner ? { runner } : {}),
    ...counts,
  };
}

function badPlan(folder: string): StoreError {
  const path = join(folder, 'plan.json');
  return new StoreError('bad-plan', `${path} is missing or is no plan of a round.`, 'Restore it from git or a backup.');
}

async function roundState(
  folder: string,
  plan: RoundPlan,
  runner: RunnerState | undefined,
  summary: RoundSummary | undefined,
): Promise<RoundStatus['state']> {
  if (!runner) return summary || !isGenerated(plan.kind) ? 'finished' : 'planned';
  if (runner.state !== 'starting' && runner.state !== 'running') return runner.state;
  const text = await readText(join(folder, LOCK_FILE));
  const holder = text === undefined ? undefined : parseHolder(text);
  const elsewhere = holder !== undefined && holder.host !== hostname();
  if (isFresh(runner.updatedAt) && (elsewhere || isAlive(runner.pid))) return 'running';
  // A runner can die between its last two files.
  return summary && summary.finishedAt >= runner.startedAt ? 'finished' : 'interrupted';
}
