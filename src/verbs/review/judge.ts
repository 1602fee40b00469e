import { isLocalModel } from '../../core/schemas/index.ts';
import { formatCost, formatCount, formatDuration, formatMeasure, plural } from '../../core/text/format.ts';
import type { JudgePlan, JudgeSummary } from '../../protocol/judge.ts';
import { planJudge } from '../../runner/judge/plan.ts';
import { runJudge } from '../../runner/judge/run.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'judge'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { work, plan } = await planJudge(dataset, args, context);
    if (args.plan || plan.chains === 0) return { plan };
    const summary = await runJudge(dataset, work, plan, { ...context, cache: context.env.LONGHAND_CACHE });
    return { plan, summary };
  });

export const print: Print<'judge'> = ({ plan, summary }) => (summary ? formatSummary(plan, summary) : formatPlan(plan));

function formatPlan(plan: JudgePlan): string {
  if (plan.chains === 0) return `${plan.model.model} has judged all ${plural(plan.judged, 'chain')}.`;
  const thinking = plan.measured ? 'by its earlier calls' : 'if it does not think before it answers';
  return lines(
    `${plan.model.model} would judge ${plural(plan.chains, 'chain')} (${plural(plan.sentences, 'sentence')} in ${plural(plan.windows, 'window')}); ${formatCount(plan.judged)} are judged already.`,
    `${plural(plan.requests, 'request')}${plan.secondPass ? ' with the second pass' : ''}, ${formatCount(plan.reused)} more answered by the journal; about ${plural(plan.promptTokens, 'prompt token')} and ${plural(plan.completionTokens, 'completion token')} ${thinking}, at most ${formatCount(plan.completionTokensMax)}. Cost: ${formatCost(plan.cost, isLocalModel(plan.model))}.`,
  );
}

function formatSummary({ model }: JudgePlan, summary: JudgeSummary): string {
  const calls = `${plural(summary.calls, 'call')}, ${formatCount(summary.reused)} from the journal, ${plural(summary.retries, 'retry', 'retries')}`;
  return lines(
    `${model.model} judged ${plural(summary.chains, 'chain')}, ${plural(summary.sentences, 'sentence')}: ${formatCounts(summary.labels)}; acts: ${formatCounts(summary.acts)}.`,
    ...formatPasses(summary),
    `Judge and classifiers disagree on ${plural(summary.differ, 'sentence')} in ${plural(summary.differingChains, 'chain')}.`,
    `${calls}; ${formatCount(summary.promptTokens)} prompt and ${plural(summary.completionTokens, 'completion token')}, ${formatDuration(summary.seconds)}. Cost: ${formatCost(summary.cost, isLocalModel(model))}.`,
    ...(summary.failedWindows === 0
      ? []
      : [`${plural(summary.failedWindows, 'window has', 'windows have')} no usable answer:`]),
    ...summary.failed.map(({ chainId, from, to, reason }) => `  ${chainId}, sentences ${from} to ${to}: ${reason}`),
  );
}

function formatPasses({ secondPass }: JudgeSummary): string[] {
  if (secondPass === undefined) return [];
  const { passes, unconfirmedWindows } = secondPass;
  return [
    'Second pass, in sentences:',
    ...Object.entries(passes).map(
      ([kind, { kept, added, removed, kappa }]) =>
        `  ${kind}: ${formatCount(kept)} kept, ${formatCount(added)} added, ${formatCount(removed)} removed, κ ${kappa === null ? 'unknown' : formatMeasure(kappa, 2)}`,
    ),
    ...(unconfirmedWindows === 0
      ? []
      : [
          `  ${plural(unconfirmedWindows, 'window keeps', 'windows keep')} the labels of the first pass: no usable answer.`,
        ]),
  ];
}
