import { join } from 'node:path';
import { JournalLine, type RoundSummary, type SamplingEnd } from '../../core/model/index.ts';
import { Sampler } from '../../core/sampling/index.ts';
import { GradingPool } from '../../grading/pool.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import { Journal } from '../journal.ts';
import { openModel } from '../open-model.ts';
import { Payer } from '../payer.ts';
import type { RoundRun } from '../round-run.ts';
import type { SamplingCounts } from './counts.ts';
import { drawAll } from './draw.ts';
import { drawInBatches, journaling } from './draw-batches.ts';
import { Responses } from './responses.ts';
import { settle } from './settle.ts';
import type { SamplingRoundPlan } from './work.ts';

/** Looking at all problems takes a while where there are many. */
const LOOK_EVERY_MS = 250;

/** The sampler of a plan, with what the round's files hold. `seconds`: wall time of earlier runs. */
export function samplerOf({ sampling }: SamplingRoundPlan, responses: Responses, seconds: number): Sampler {
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
 * Runs a sampling round to its end, or goes on with one that stopped. A cancelled round is settled too: what it has is selected from.
 * @throws as runRound, which calls it.
 */
export async function executeSampling(run: SamplingRun): Promise<RoundSummary> {
  const { dataset, folder, sampling: plan, context, counts, progress, state } = run;
  const { signal, log } = context;
  const { batches } = context;
  const journal = await Journal.open(join(folder, 'journal.jsonl'), JournalLine);
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  try {
    const keep = journaling(journal, counts);
    await batches?.collect(plan.round, keep, signal);
    // A cluster may see a model that this machine does not.
    const ask = batches?.ask;
    const client = ask
      ? undefined
      : await openModel(plan.model, plan.sampling.idleTimeoutSeconds, dataset.folder, context, state);
    const filterContext = await filterContextOf(dataset.folder, plan.filters, log);
    const responses = await Responses.open({ dataset, plan, pool, filterContext, signal, log });
    const sampler = samplerOf(plan, responses, progress.secondsBefore);
    progress.begin(responses.use);
    const look = looker(run, sampler, responses);
    look(true);
    state.say('running');
    const { concurrency } = plan.sampling;
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
      const payer = new Payer({ journal, client, concurrency, counts, signal, log });
      return await finish(await drawAll({ ...common, payer }));
    } catch (error) {
      if (signal.aborted) await finish({ how: 'cancelled' });
      throw error;
    }
  } finally {
    // A reply that is being written down was paid for: the process must not end before it stands in the journal.
    await journal.settled();
    await pool.close();
  }
}

/** Keeps the numbers true that a person sees. */
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
      message: `${sampler.used.samples} samples, ${correct} correct, ${solved} problems solved, ${survivors} without a success`,
    });
  };
}
