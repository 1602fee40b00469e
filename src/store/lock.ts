import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { roundFunnel } from '../core/dataset/funnel/index.ts';
import { defined } from '../core/defined.ts';
import { isGenerated, RoundPlan, RoundSummary } from '../core/schemas/index.ts';
import { type RoundStatus, RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import { type Lock, lockHolder, tryLock } from '../system/lock.ts';
import { isAlive } from '../system/process.ts';
import { LARGEST_STATE } from '../system/regular-file.ts';
import type { RoundTally } from './chain-index/grade-counts.ts';
import { StoreError } from './errors.ts';
import { readJson } from './lines/files.ts';

export const LOCK_FILE = 'runner.lock';
/** A runner writes its state about twice per second; after this silence it hangs or is dead. */
const FRESH_MS = 10_000;

/**
 * Takes `runner.lock` in the folder of a round, the judge, a grading, an evaluation, an examination, a comparison or the workbench.
 * @throws StoreError `locked` when a running process holds it, which may be this one.
 */
export async function lockRound(
  folder: string,
  what: 'round' | 'judge' | 'grading' | 'workbench' | 'evaluation' | 'examination' | 'comparison' = 'round',
): Promise<Lock> {
  const path = join(folder, LOCK_FILE);
  const taken = await tryLock(path);
  if ('lock' in taken) return taken.lock;
  const { holder } = taken;
  if (!holder)
    throw new StoreError('locked', `Other processes keep taking ${path}.`, 'Try again when they have ended.');
  const runs = `The ${what} is being run by process ${holder.pid} on ${holder.host}.`;
  throw new StoreError('locked', runs, `Wait for it, or cancel ${what === 'round' ? 'the round' : 'it there'}.`);
}

function isFresh(at: string): boolean {
  return Date.now() - Date.parse(at) < FRESH_MS;
}

/**
 * The status of a round by the files in its folder, whose name is the round's; a copied plan names the original.
 * @throws StoreError `bad-plan`
 */
export async function roundStatus(folder: string, tally: RoundTally): Promise<RoundStatus> {
  const plan = await readJson(join(folder, 'plan.json'), RoundPlan);
  if (!plan) throw badPlan(folder);
  const runner = await readJson(join(folder, RUNNER_FILE), RunnerState, LARGEST_STATE);
  const summary = await readJson(join(folder, 'summary.json'), RoundSummary);
  const calls = summary?.calls ?? (runner && runner.calls + runner.callsReused);
  const funnel = roundFunnel({ plan, summary, calls, answers: tally.answers, chains: tally });
  return {
    round: basename(folder),
    kind: plan.kind,
    state: await roundState(folder, plan, runner, summary),
    chains: tally.chains,
    chainsPassed: tally.passed,
    ...defined({ runner, funnel }),
  };
}

function badPlan(folder: string): StoreError {
  const path = join(folder, 'plan.json');
  return new StoreError(
    'bad-plan',
    `${path} is missing or is not a plan of a round.`,
    'Restore it from git or a backup.',
  );
}

async function roundState(
  folder: string,
  plan: RoundPlan,
  runner: RunnerState | undefined,
  summary: RoundSummary | undefined,
): Promise<RoundStatus['state']> {
  if (!runner) return summary || !isGenerated(plan.kind) ? 'finished' : 'planned';
  if (runner.state !== 'starting' && runner.state !== 'running') return runner.state;
  const holder = await lockHolder(join(folder, LOCK_FILE));
  const elsewhere = holder !== undefined && holder.host !== hostname();
  if (isFresh(runner.updatedAt) && (elsewhere || isAlive(runner.pid))) return 'running';
  // A runner may die after the summary and before its last state.
  return summary && summary.finishedAt >= runner.startedAt ? 'finished' : 'interrupted';
}
