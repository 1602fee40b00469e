import { setFlagsFromString } from 'node:v8';
import type { VerbResult } from '../protocol/verbs.ts';
import { Dataset } from '../store/index.ts';
import type { Verb, VerbContext } from './context.ts';

export const resume: Verb<'resume'> = async ({ dataset: folder, round, detach }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    return await run(dataset, round, detach, context);
  } finally {
    await dataset.close();
  }
};

/** Runs a planned round here, or starts a runner of its own for it. */
export async function run(
  dataset: Dataset,
  round: string,
  detach: boolean | undefined,
  context: VerbContext,
): Promise<VerbResult<'resume'>> {
  const { distFolder, env } = context;
  if (detach) {
    const { spawnRunner } = await import('../runner/spawn.ts');
    return { round, pid: await spawnRunner(dataset, round, { distFolder, env }) };
  }
  // A round keeps 15 MB and V8 lets the old generation grow to 50 MB more. Set here, since an unknown flag is a word on stderr here and no start as an option.
  setFlagsFromString('--heap-growing-percent=30');
  const { runRound } = await import('../runner/run-round.ts');
  return runRound(dataset, round, { ...context, cache: env.LONGHAND_CACHE });
}
