import { join } from 'node:path';
import { messageWithAdvice, UserError } from '../core/errors.ts';
import type { RoundPlan, RoundSummary } from '../core/schemas/index.ts';
import { ModelError } from '../models/errors.ts';
import { RUNNER_FILE, RunnerState } from '../protocol/runner.ts';
import type { Dataset } from '../store/index.ts';
import { readJson } from '../store/lines/files.ts';
import { explainRunDiskFull } from '../system/atomic-write.ts';
import { LARGEST_STATE } from '../system/regular-file.ts';
import { type DialoguePlan, dialoguePlan } from './dialogue/dialogue-round.ts';
import { type RepairRoundPlan, repairRoundPlan } from './repair/plan-repair.ts';
import type { RoundRun, RunContext } from './run-context.ts';
import { SamplingCounts } from './sampling/counts.ts';
import { type SamplingRoundPlan, samplingRoundPlan } from './sampling/plan-sampling.ts';
import { RoundCounts, StateWriter } from './state.ts';
import { watchCancel } from './watch-cancel.ts';

/**
 * Runs or resumes a planned round; calls, grades and chains in its files are not repeated.
 * @throws UserError `round` for a round without a model or a cancelled one; ModelError when the model can't be used; StoreError when another process
 * runs the round. `runner.json` reports the same.
 */
export async function runRound(dataset: Dataset, round: string, context: RunContext): Promise<RoundSummary> {
  const plan = await dataset.roundPlan(round);
  const folder = dataset.roundFolder(round);
  const secondsBefore = secondsOf(await readJson(join(folder, RUNNER_FILE), RunnerState, LARGEST_STATE));
  const work = workOf(plan, secondsBefore);
  const lock = await dataset.lockRound(round);
  const counts = new RoundCounts();
  if ('progress' in work) counts.sampling = work.progress;
  const state = new StateWriter(folder, counts, plan.problemIds.length, secondsBefore, context.log);
  const watched = await watchCancel(folder, context);
  let cancelledFirst: boolean | undefined;
  const onError = (): void => {
    cancelledFirst ??= watched.signal.aborted;
  };
  try {
    await state.start();
    const { signal, stopNow } = watched;
    const running = { ...context, signal, stopNow };
    const summary = await execute(work, { dataset, folder, context: running, counts, state, onError });
    await state.end('finished');
    return summary;
  } catch (thrown) {
    const error = explainRunDiskFull(thrown);
    onError();
    const cancelled = cancelledFirst === true;
    const closed = error instanceof ModelError && error.kind === 'closed';
    await state.end(
      cancelled ? 'cancelled' : closed ? 'interrupted' : 'failed',
      cancelled ? undefined : messageWithAdvice(error),
    );
    if (cancelled) throw new UserError('round', `Round ${round} was cancelled.`, 'Resume it with Longhand: Resume….');
    throw error;
  } finally {
    watched.end();
    await lock.release();
  }
}

type Work =
  | { dialogue: DialoguePlan }
  | { repair: RepairRoundPlan }
  | { sampling: SamplingRoundPlan; progress: SamplingCounts };

/** @throws UserError `round` for a round without a model */
function workOf(plan: RoundPlan, secondsBefore: number): Work {
  if (plan.kind === 'repair') return { repair: repairRoundPlan(plan) };
  if (plan.kind !== 'sampling') return { dialogue: dialoguePlan(plan) };
  const sampling = samplingRoundPlan(plan);
  return { sampling, progress: new SamplingCounts(sampling.sampling, secondsBefore) };
}

/** Wall time of all earlier runs, by the last state. */
function secondsOf(earlier: RunnerState | undefined): number {
  if (!earlier) return 0;
  const { sampling, secondsBefore = 0, startedAt, updatedAt } = earlier;
  const ran = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000;
  // From older versions of sampling rounds.
  return sampling?.seconds ?? secondsBefore + Math.max(0, ran || 0);
}

/** Loads only the code of the round's kind. */
async function execute(work: Work, run: RoundRun): Promise<RoundSummary> {
  if ('sampling' in work) {
    const { runSampling } = await import('./sampling/run-sampling.ts');
    return runSampling({ ...run, ...work });
  }
  if ('repair' in work) {
    const { runRepair } = await import('./repair/run-repair.ts');
    return runRepair({ ...run, plan: work.repair });
  }
  const { runDialogue } = await import('./dialogue/dialogue-round.ts');
  return runDialogue({ ...run, plan: work.dialogue });
}
