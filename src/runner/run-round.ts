import { setMaxListeners } from 'node:events';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoundPlan, RoundSummary } from '../core/model/index.ts';
import { ModelError } from '../models/errors.ts';
import { CANCEL_FILE, RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import { readJson } from '../store/files.ts';
import type { Dataset } from '../store/index.ts';
import { type DialoguePlan, dialoguePlan } from './dialogue-plan.ts';
import { RoundError } from './error.ts';
import type { RoundRun, RunContext } from './round-run.ts';
import { SamplingCounts } from './sampling/counts.ts';
import { type SamplingRoundPlan, samplingRoundPlan } from './sampling/work.ts';
import { RoundCounts, StateWriter } from './state.ts';

const CANCEL_POLL_MS = 250;

/**
 * Runs a planned round to its end, or goes on with one that stopped: calls, grades and chains that its files hold are not made again.
 * @throws RoundError for a round that no model makes or that was cancelled; ModelError when the model can't be used; StoreError when
 * another process runs the round. `runner.json` says the same.
 */
export async function runRound(dataset: Dataset, round: string, context: RunContext): Promise<RoundSummary> {
  const plan = await dataset.roundPlan(round);
  const folder = dataset.roundFolder(round);
  const secondsBefore = secondsOf(await readJson(join(folder, RUNNER_FILE), RunnerState));
  const work = workOf(plan, secondsBefore);
  const lock = await dataset.lockRound(round);
  const counts = new RoundCounts();
  if ('progress' in work) counts.sampling = work.progress;
  const state = new StateWriter(folder, counts, plan.problemIds.length, secondsBefore, context.log);
  const stop = new AbortController();
  // Every call in flight listens; the warning at eleven is about leaks.
  setMaxListeners(0, stop.signal);
  const forward = (): void => stop.abort();
  context.signal.addEventListener('abort', forward, { once: true });
  if (context.signal.aborted) stop.abort();
  const unwatch = await watchCancel(join(folder, CANCEL_FILE), stop);
  try {
    await state.start();
    const running = { ...context, signal: stop.signal };
    const summary = await execute(work, { dataset, folder, context: running, counts, state });
    await state.end('finished');
    return summary;
  } catch (error) {
    const cancelled = stop.signal.aborted;
    // Whatever was in flight is given up, so that nothing is paid after the round has ended.
    stop.abort();
    const closed = error instanceof ModelError && error.kind === 'closed';
    await state.end(
      cancelled ? 'cancelled' : closed ? 'interrupted' : 'failed',
      cancelled ? undefined : inWords(error),
    );
    if (cancelled) throw new RoundError(`Round ${round} was cancelled.`, 'Longhand: Resume Round goes on with it.');
    throw error;
  } finally {
    unwatch();
    context.signal.removeEventListener('abort', forward);
    await lock.release();
  }
}

type Work = { dialogue: DialoguePlan } | { sampling: SamplingRoundPlan; progress: SamplingCounts };

/** What a plan asks for. Throws RoundError for one that no model makes. */
function workOf(plan: RoundPlan, secondsBefore: number): Work {
  if (plan.kind !== 'sampling') return { dialogue: dialoguePlan(plan) };
  const sampling = samplingRoundPlan(plan);
  return { sampling, progress: new SamplingCounts(sampling.sampling, secondsBefore) };
}

/** Wall time of all runs that came before, by what the last of them has written. */
function secondsOf(earlier: RunnerState | undefined): number {
  if (!earlier) return 0;
  const { sampling, secondsBefore = 0, startedAt, updatedAt } = earlier;
  const ran = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000;
  // A sampling round of an older version has only this.
  return sampling?.seconds ?? secondsBefore + Math.max(0, ran || 0);
}

/** Only the code of the round's kind is loaded. */
async function execute(work: Work, run: RoundRun): Promise<RoundSummary> {
  if ('sampling' in work) {
    const { executeSampling } = await import('./sampling/run.ts');
    return executeSampling({ ...run, ...work });
  }
  const { executeDialogue } = await import('./dialogue-round.ts');
  return executeDialogue({ ...run, plan: work.dialogue });
}

/** Removes a cancel file of an earlier run and aborts when a new one appears. */
async function watchCancel(path: string, stop: AbortController): Promise<() => void> {
  await rm(path, { force: true });
  const timer = setInterval(() => {
    access(path).then(
      () => stop.abort(),
      () => undefined,
    );
  }, CANCEL_POLL_MS);
  return () => clearInterval(timer);
}

function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof Error && 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  return `${message} ${advice}`.trim();
}
