import { setFlagsFromString } from 'node:v8';
import { defined } from '../../core/defined.ts';
import { formatCount, formatDuration, plural } from '../../core/text/format.ts';
import type { Batches } from '../../runner/sampling/draw-batches.ts';
import type { Dataset } from '../../store/index.ts';
import { listRuns } from '../../store/runs.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { formatCounts, formatFunnel, lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import type { BatchesOptions } from '../sampling/batch/batches.ts';
import { formatRepaired, formatSampled } from '../sampling/print.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'resume'> = ({ dataset: folder, round, ...how }, context) =>
  withDataset(folder, context, (dataset) => startRound(dataset, round, how, context));

export const print: Print<'resume'> = printRound;

/** A round that ended, or that runs in a process of its own. */
export function printRound(result: VerbResult<'resume'>): string {
  if ('pid' in result) {
    return `Round ${result.round} runs in process ${result.pid}. “longhand status” shows its progress.`;
  }
  if (result.sampling) return formatSampled(result, result.sampling);
  if (result.repair) return formatRepaired(result, result.repair);
  return lines(
    `Round ${result.round} finished: ${plural(result.chains, 'chain')} of ${plural(result.problems, 'problem')}, ${formatCount(result.chainsPassed)} passed the filters, ${formatCount(result.quotaDropped.length)} filtered out by the quota.`,
    `${plural(result.calls, 'call')}, ${plural(result.completionTokens, 'completion token')}, ${formatDuration(result.seconds)}. Pairs: ${formatCounts(result.pairs)}. Kept: ${formatCounts(result.kept)}.`,
    ...formatFunnel(result.funnel),
  );
}

/** Runs a planned round here, or starts a runner of its own for it. */
export async function startRound(
  dataset: Dataset,
  round: string,
  { detach, engine, batch = {} }: Pick<VerbArgs<'resume'>, 'detach' | 'engine' | 'batch'>,
  context: VerbContext,
): Promise<VerbResult<'resume'>> {
  const { distFolder, env } = context;
  if (detach) {
    const { spawnRunner } = await import('../../runner/spawn.ts');
    const more = engine === undefined ? {} : { engine, batch };
    return { round, pid: await spawnRunner(dataset, round, { distFolder, env, more }) };
  }
  // Without it, V8 lets the heap of a round grow by 40 MB more (`npm run bench -- runner`). Set here, since Node knows no such option at its start.
  setFlagsFromString('--heap-growing-percent=30');
  const { runRound } = await import('../../runner/run-round.ts');
  const batches = await batchesOf(dataset, round, engine && { engine, batch }, context);
  const summary = await runRound(dataset, round, { ...context, batches, cache: env.LONGHAND_CACHE });
  await dataset.refresh();
  const { funnel } = (await dataset.roundStatuses()).find((status) => status.round === round) ?? {};
  return { ...summary, ...defined({ funnel }) };
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
      `Round ${round} is not a sampling round.`,
      'Only sampling rounds run in batches. Omit --engine.',
    );
  }
  const { RoundBatches } = await import('../sampling/batch/batches.ts');
  return new RoundBatches({ dataset: dataset.folder, plan, calls: dataset.settings.calls, context, on });
}
