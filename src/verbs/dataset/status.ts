import { formatCount, plural } from '../../core/text/format.ts';
import type { RoundStatus } from '../../protocol/runner.ts';
import { EXIT } from '../context.ts';
import { formatFunnel, lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { formatSamplingProgress } from '../sampling/print.ts';
import { withDataset } from '../with-dataset.ts';
import { damageLines, strictlyDamaged } from './damage.ts';

export const run: Run<'status'> = ({ dataset: folder, strict }, { distFolder, log, endsBadly }) =>
  withDataset(folder, { log, distFolder }, async (dataset) => {
    const damaged = await dataset.index.findDamage();
    if (strict && damaged.length > 0) endsBadly(strictlyDamaged(damaged), EXIT.damaged);
    const counts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    for (const id of dataset.index.reviewed()) counts[dataset.index.decision(id)]++;
    const { problemCount, chainCount } = dataset.index;
    return {
      dataset: dataset.folder,
      name: dataset.settings.name,
      problems: problemCount,
      chains: chainCount,
      accepted: counts.accepted,
      rejected: counts.rejected,
      // A skipped chain is still to be decided.
      pending: chainCount - counts.accepted - counts.rejected,
      rounds: await dataset.roundStatuses(),
      damaged,
    };
  });

export const print: Print<'status'> = (result) =>
  lines(
    `${result.name} (${result.dataset}): ${plural(result.problems, 'problem')}, ${plural(result.chains, 'chain')}; ${formatCount(result.accepted)} accepted, ${formatCount(result.rejected)} rejected, ${formatCount(result.pending)} pending.`,
    ...result.rounds.flatMap((round) => [`  ${formatRound(round)}`, ...formatFunnel(round.funnel)]),
    ...damageLines(result.damaged),
  );

function formatRound({ round, runner, state, chains, chainsPassed }: RoundStatus): string {
  const done =
    runner && state !== 'finished'
      ? `, ${formatCount(runner.problemsDone)} of ${plural(runner.problemsTotal, 'problem')}`
      : '';
  const message = runner?.message === undefined ? '' : ` — ${runner.message}`;
  const sampling = runner?.sampling ? `, ${formatSamplingProgress(runner.sampling)}` : '';
  return `${round}: ${state}, ${plural(chains, 'chain')}, ${formatCount(chainsPassed)} passed${done}${sampling}${message}`;
}
