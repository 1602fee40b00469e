import { join } from 'node:path';
import { Sampler } from '../../core/sampling/index.ts';
import {
  type GradingPolicy,
  JournalLine,
  type RoundPlan,
  type RoundSummary,
  type SamplingEnd,
} from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { CachedClient } from '../calls/cached-client.ts';
import { Journal } from '../calls/journal.ts';
import { openModel } from '../calls/open-model.ts';
import { headInUse } from '../classifier/head.ts';
import type { RoundRun } from '../run-context.ts';
import type { SamplingCounts } from './counts.ts';
import { drawAll } from './draw.ts';
import { drawInBatches, journaling } from './draw-batches.ts';
import { type SamplingRoundPlan, samplingRoundPlan } from './plan-sampling.ts';
import { Responses } from './responses.ts';
import { settle } from './settle.ts';

/** Milliseconds between two counts, since counting many problems is slow. */
const LOOK_EVERY_MS = 250;

/** The sampler of a plan with the state of the round's files. `seconds`: wall time of earlier runs. */
function samplerOf({ sampling }: SamplingRoundPlan, responses: Responses, seconds: number): Sampler {
  const problems = sampling.problems.map(({ problemId, attempts, successes, promptTokens }) => ({
    problemId,
    earlier: { attempts, successes },
    promptTokens,
  }));
  const { settings, response } = sampling;
  const done = { samples: responses.all, use: responses.use, seconds };
  return new Sampler(problems, { settings, maxTokens: response.maxTokens, done });
}

export interface SamplingRun extends RoundRun {
  sampling: SamplingRoundPlan;
  progress: SamplingCounts;
}

/**
 * Runs or resumes a sampling round. A cancelled round is settled too: its responses are selected.
 * @throws as runRound, which calls it.
 */
export async function runSampling(run: SamplingRun): Promise<RoundSummary> {
  const { dataset, folder, sampling: plan, context, counts, progress, state } = run;
  const { signal, log } = context;
  const { batches } = context;
  const journal = await Journal.open(join(folder, 'journal.jsonl'), JournalLine, log);
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  let cached: CachedClient<JournalLine> | undefined;
  try {
    const keep = journaling(journal, counts);
    await batches?.collect(plan.round, keep, signal);
    // A model may be visible only to the cluster.
    const ask = batches?.ask;
    const client = ask
      ? undefined
      : await openModel(plan.model, plan.sampling.idleTimeoutSeconds, dataset, context, state);
    const filterContext = await filterContextOf(dataset.folder, plan.filters, log);
    const responses = await Responses.open({
      dataset,
      plan,
      pool,
      filterContext,
      head: await headInUse(dataset, log),
      signal,
      log,
    });
    const sampler = samplerOf(plan, responses, progress.secondsBefore);
    progress.begin(responses.use);
    const look = looker(run, sampler, responses);
    look(true);
    state.set('running');
    const { concurrency } = plan.sampling;
    const { calls } = dataset.settings;
    const seconds = (): number => progress.secondsBefore + state.seconds;
    const finish = async (ended: SamplingEnd): Promise<RoundSummary> => {
      look(true);
      const use = sampler.used;
      return settle({ dataset, plan, sampler, responses, ended, use, calls: use.samples, seconds: seconds() });
    };
    try {
      const common = { dataset, plan, sampler, responses, signal, seconds, onReturn: () => look(false) };
      if (ask) return await finish(await drawInBatches({ ...common, ask, keep, log }));
      if (!client) throw new RangeError('A round without a model.');
      cached = new CachedClient({ journal, client, concurrency, counts, calls, signal, stopNow: context.stopNow, log });
      const summary = await finish(await drawAll({ ...common, cached }));
      cached.throwIfAllRefused();
      return summary;
    } catch (error) {
      run.onError();
      const cancelled = signal.aborted;
      await cached?.drain();
      if (cancelled) await finish({ how: 'cancelled' });
      throw error;
    }
  } finally {
    await cached?.drain();
    await journal.settled();
    await pool.close();
  }
}

/** Updates the displayed numbers. */
function looker(
  { sampling: { problemIds }, context, counts, progress }: SamplingRun,
  sampler: Sampler,
  responses: Responses,
): (now: boolean) => void {
  let last = 0;
  return (now) => {
    progress.used = sampler.used;
    if (!now && performance.now() - last < LOOK_EVERY_MS) return;
    last = performance.now();
    const seen = { done: 0, solved: 0, survivors: 0, correct: 0 };
    for (const id of problemIds) {
      const problem = sampler.problem(id);
      if (!problem) continue;
      const { tally, state } = problem;
      seen.correct += tally.successes;
      if (tally.successes > 0) seen.solved += 1;
      else if (state === 'open') seen.survivors += 1;
      if (state !== 'open') seen.done += 1;
    }
    counts.problemsDone = seen.done;
    counts.chains = responses.chains.made;
    counts.chainsPassed = responses.chains.passed;
    const { correct, solved, survivors } = seen;
    Object.assign(progress, { correct, solved, survivors });
    context.progress({
      done: seen.done,
      total: problemIds.length,
      unit: 'problems',
      message: `${plural(sampler.used.samples, 'sample')}, ${formatCount(correct)} correct, ${plural(solved, 'problem')} solved, ${formatCount(survivors)} without a success`,
    });
  };
}

interface SettleAgainContext {
  pool: GradingPool;
  /** The current grading policy of the round. */
  policy: GradingPolicy;
  signal: AbortSignal;
  log: (text: string) => void;
}

/**
 * Repeats triage, selection and summary of a sampling round with its current grades; `before` is its summary. Newly correct responses get chains.
 * Makes no calls.
 */
export async function settleAgain(
  dataset: Dataset,
  plan: RoundPlan,
  before: RoundSummary,
  { pool, policy, signal, log }: SettleAgainContext,
): Promise<void> {
  if (!before.sampling) return;
  const planned = samplingRoundPlan(plan);
  // A refiltered round keeps its thresholds.
  const { filters } = before;
  const now = { ...planned, grading: policy, filters: filters ?? planned.filters };
  const filterContext = await filterContextOf(dataset.folder, now.filters, log);
  const responses = await Responses.open({
    dataset,
    plan: now,
    pool,
    filterContext,
    head: await headInUse(dataset, log),
    signal,
    log,
  });
  const sampler = samplerOf(now, responses, before.seconds);
  const { calls, seconds } = before;
  const { ended } = before.sampling;
  const kept = filters ? { filters } : {};
  await settle({ dataset, plan: now, sampler, responses, ended, use: responses.use, calls, seconds, ...kept });
}
