import { resolve } from 'node:path';
import { agreementOf, agreementText } from '../../core/dataset/dashboard/agreement.ts';
import { lengthBins, passGroups } from '../../core/dataset/dashboard/groups.ts';
import { funnelLine, mainLoss } from '../../core/dataset/funnel/index.ts';
import { defined } from '../../core/defined.ts';
import { reviewPace } from '../../core/review/pace.ts';
import { BEHAVIOURS, ChainClass, costOf, type Decision, pricesOf } from '../../core/schemas/index.ts';
import { csvTable } from '../../core/text/csv.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { DashboardReport, DashboardRound, Figure } from '../../protocol/dashboard.ts';
import type { RoundStatus } from '../../protocol/runner.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { UsageError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'dashboard'> = ({ dataset: folder, figure, csv }, { distFolder, log, signal }) => {
  if ((figure === undefined) !== (csv === undefined))
    throw new UsageError('Give --figure and --csv together.', 'dashboard');
  return withDataset(folder, { log, distFolder }, async (dataset) => {
    const report = await dashboardOf(dataset, signal);
    if (figure === undefined || csv === undefined) return report;
    await writeAtomic(resolve(csv), figureTable(report, figure));
    return { ...report, csv: resolve(csv) };
  });
};

async function dashboardOf(dataset: Dataset, signal: AbortSignal | undefined): Promise<DashboardReport> {
  const { index } = dataset;
  const rounds: DashboardRound[] = [];
  for (const status of await dataset.roundStatuses()) {
    signal?.throwIfAborted();
    const chains = index.chains().filter(({ round }) => round === status.round);
    rounds.push(await roundOf(dataset, status, chains));
  }
  const tallies = new Map(rounds.map(({ round }) => [round, index.tallies([round])]));
  return { dataset: dataset.settings.name, rounds, problems: passGroups(tallies), ...reviews(dataset) };
}

async function roundOf(
  dataset: Dataset,
  { round, kind, funnel }: RoundStatus,
  chains: readonly ChainEntry[],
): Promise<DashboardRound> {
  const plan = await dataset.roundPlan(round);
  const passed = chains.filter((chain) => chain.passed);
  const classes = ChainClass.options.map((name) => {
    const own = passed.filter((chain) => chain.class === name);
    return { class: name, passed: own.length, kept: own.filter(({ quotaDropped }) => !quotaDropped).length };
  });
  const use = await usedTokens(dataset, round);
  const prices = plan.model && pricesOf(dataset.settings, plan.model);
  return {
    ...{ round, kind, chains: chains.length, ...use },
    accepted: chains.filter(({ id }) => dataset.index.decision(id) === 'accepted').length,
    classes: classes.filter((one) => one.passed > 0),
    lengths: lengthBins(chains.map(({ tokens }) => tokens)),
    behaviours: meanActs(chains),
    ...defined({
      funnel,
      model: plan.model?.model,
      firstWrongShare: kind === 'dialogue' ? plan.dialogue?.firstWrongShare : undefined,
      cost: costOf(use, prices),
    }),
  };
}

/** Tokens of the calls in the journal of a round; those of a handwritten or imported round are 0. */
async function usedTokens(
  dataset: Dataset,
  round: string,
): Promise<Pick<DashboardRound, 'calls' | 'promptTokens' | 'completionTokens'>> {
  const use = { calls: 0, promptTokens: 0, completionTokens: 0 };
  for await (const { reply } of dataset.journal(round)) {
    use.calls += 1;
    use.promptTokens += reply.usage.prompt;
    use.completionTokens += reply.usage.completion;
  }
  return use;
}

function meanActs(chains: readonly ChainEntry[]): DashboardRound['behaviours'] {
  const means = BEHAVIOURS.flatMap((kind, i) => {
    const known = chains.filter(({ acts, tokens }) => typeof acts[i] === 'number' && tokens > 0);
    const tokens = known.reduce((sum, chain) => sum + chain.tokens, 0);
    const acts = known.reduce((sum, chain) => sum + (chain.acts[i] ?? 0), 0);
    return tokens === 0 ? [] : [[kind, (1000 * acts) / tokens] as const];
  });
  return Object.fromEntries(means);
}

function reviews({ index }: Dataset): Pick<DashboardReport, 'reviewers' | 'agreement'> {
  const made = new Map<string, { decision: Decision; at?: string }[]>();
  const common = new Map<string, (readonly [Decision, Decision])[]>();
  for (const { id } of index.chains()) {
    // An undo leaves a pending decision.
    const decided = [...index.review(id).reviewers].filter(([, { decision }]) => decision !== 'pending');
    for (const [one, own] of decided) {
      listOf(made, one).push(own);
      for (const [other, { decision }] of decided)
        if (one < other) listOf(common, JSON.stringify([one, other])).push([own.decision, decision]);
    }
  }
  const reviewers = inOrder(made).map(([reviewer, own]) => {
    const number = (decision: Decision): number => own.filter((one) => one.decision === decision).length;
    const times = own.map(({ at = '' }) => Date.parse(at)).filter((time) => !Number.isNaN(time));
    const perHour = reviewPace(
      times.sort((a, b) => a - b),
      0,
    )?.perHour;
    return {
      ...{ reviewer, accepted: number('accepted'), rejected: number('rejected'), skipped: number('skipped') },
      ...defined({ perHour }),
    };
  });
  const agreement = inOrder(common)
    .map(([pair, decisions]) => ({
      reviewers: JSON.parse(pair) as [string, string],
      ...agreementOf(decisions),
    }))
    .filter((pair) => pair.chains > 0);
  return { reviewers, agreement };
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

const inOrder = <T>(lists: ReadonlyMap<string, T>): (readonly [string, T])[] =>
  [...lists].sort(([one], [other]) => (one < other ? -1 : 1));

/** The numbers of a figure as CSV. */
export function figureTable(report: DashboardReport, figure: Figure): string {
  const { rounds } = report;
  switch (figure) {
    case 'funnel':
      return csvTable(
        ['round', 'stage', 'count', 'reason', 'lost'],
        rounds.flatMap(({ round, funnel, accepted }) => [
          ...(funnel?.stages ?? []).flatMap(({ stage, count, losses }) => [
            [round, stage, count, '', ''],
            ...losses.map((loss) => [round, stage, '', loss.reason, loss.count]),
          ]),
          ...(funnel === undefined ? [] : [[round, 'accepted', accepted, '', '']]),
        ]),
      );
    case 'classes':
      return csvTable(
        ['round', 'class', 'passed', 'kept', 'wrong_first_percent_asked'],
        rounds.flatMap(({ round, classes, firstWrongShare }) =>
          classes.map((one) => [round, one.class, one.passed, one.kept, firstWrongShare]),
        ),
      );
    case 'pass-rates':
      return csvTable(
        ['problems', 'round', 'attempts', 'successes'],
        report.problems.flatMap(({ problems, cells }) =>
          cells.map((cell) => [problems.join(' '), cell.round, cell.attempts, cell.successes]),
        ),
      );
    case 'lengths':
      return csvTable(
        ['round', 'from_tokens', 'below_tokens', 'chains'],
        rounds.flatMap(({ round, lengths }) => lengths.map(({ from, to, chains }) => [round, from, to, chains])),
      );
    case 'behaviours':
      return csvTable(
        ['round', 'behaviour', 'acts_per_1000_tokens'],
        rounds.flatMap(({ round, behaviours }) =>
          Object.entries(behaviours).map(([kind, rate]) => [round, kind, rate]),
        ),
      );
    case 'reviewers':
      return reviewersTable(report);
    case 'costs':
      return csvTable(
        ['round', 'model', 'calls', 'prompt_tokens', 'completion_tokens', 'cost'],
        rounds.map((one) => [one.round, one.model, one.calls, one.promptTokens, one.completionTokens, one.cost]),
      );
  }
}

/** The reviewers, then each pair that has decided about the same chains. */
function reviewersTable({ reviewers, agreement }: DashboardReport): string {
  const own = ['reviewer', 'accepted', 'rejected', 'skipped', 'decisions_per_hour'];
  const ofPairs = ['other_reviewer', 'chains_of_both', 'same_decision', 'same_share_low', 'same_share_high', 'kappa'];
  return csvTable(
    [...own, ...ofPairs],
    [
      ...reviewers.map(({ reviewer, accepted, rejected, skipped, perHour }) => {
        return [reviewer, accepted, rejected, skipped, perHour, ...ofPairs.map(() => '')];
      }),
      ...agreement.map(({ reviewers: [one, other], chains, same, low, high, kappa }) => {
        return [one, '', '', '', '', other, chains, same, low, high, kappa ?? ''];
      }),
    ],
  );
}

export const print: Print<'dashboard'> = ({ dataset, rounds, reviewers, agreement, csv }) =>
  lines(
    `${dataset}: ${plural(rounds.length, 'round')}.`,
    ...rounds.flatMap(formatRound),
    ...reviewers.map(
      ({ reviewer, accepted, rejected, perHour }) =>
        `  ${reviewer}: ${formatCount(accepted)} accepted, ${formatCount(rejected)} rejected${perHour === undefined ? '' : `, ${formatCount(Math.round(perHour))} decisions per hour`}`,
    ),
    ...agreement.map((pair) => `  ${agreementText(pair)}`),
    ...(csv === undefined ? [] : [`Table: ${csv}`]),
  );

function formatRound({ round, funnel, chains, accepted, promptTokens, completionTokens }: DashboardRound): string[] {
  const tokens = `${plural(promptTokens, 'prompt token')} and ${plural(completionTokens, 'completion token')}`;
  const loss = funnel === undefined ? '' : mainLoss(funnel);
  return [
    `  ${round}: ${plural(chains, 'chain')}, ${formatCount(accepted)} accepted, ${tokens}`,
    ...(funnel === undefined ? [] : [`    ${funnelLine(funnel)}`]),
    ...(loss === '' ? [] : [`    ${loss}`]),
  ];
}
