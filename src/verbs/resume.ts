import { setFlagsFromString } from 'node:v8';
import type { VerbArgs, VerbResult } from '../protocol/verbs.ts';
import type { Batches } from '../runner/sampling/batches.ts';
import { Dataset } from '../store/index.ts';
import { listRuns } from '../store/runs.ts';
import type { BatchesOptions } from './batch/batches.ts';
import { type Verb, type VerbContext, VerbError } from './context.ts';

export const resume: Verb<'resume'> = async ({ dataset: folder, round, ...how }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    return await run(dataset, round, how, context);
  } finally {
    await dataset.close();
  }
};

/** Runs a planned round here, or starts a runner of its own for it. */
export async function run(
  dataset: Dataset,
  round: string,
  { detach, engine, batch = {} }: Pick<VerbArgs<'resume'>, 'detach' | 'engine' | 'batch'>,
  context: VerbContext,
): Promise<VerbResult<'resume'>> {
  const { distFolder, env } = context;
  if (detach) {
    const { spawnRunner } = await import('../runner/spawn.ts');
    const more = engine === undefined ? {} : { engine, batch };
    return { round, pid: await spawnRunner(dataset, round, { distFolder, env, more }) };
  }
  // A round keeps 15 MB and V8 lets the old generation grow to 50 MB more. Set here, since an unknown flag is a word on stderr here and no start as an option.
  setFlagsFromString('--heap-growing-percent=30');
  const { runRound } = await import('../runner/run-round.ts');
  const batches = await batchesOf(dataset, round, engine && { engine, batch }, context);
  return runRound(dataset, round, { ...context, batches, cache: env.LONGHAND_CACHE });
}

/** Loaded only where the round has to do with engines. */
async function batchesOf(
  dataset: Dataset,
  round: string,
  on: BatchesOptions['on'],
  context: VerbContext,
): Promise<Batches | undefined> {
  if (!on && !(await listRuns(dataset.folder)).some(({ record }) => record.sampling?.round === round)) return undefined;
  const plan = await dataset.roundPlan(round);
  if (plan.kind !== 'sampling') {
    throw new VerbError(
      `Round ${round} is no sampling round.`,
      'Only those are asked for in batches; leave --engine out.',
    );
  }
  const { RoundBatches } = await import('./batch/batches.ts');
  return new RoundBatches({ dataset: dataset.folder, plan, context, on });
}
