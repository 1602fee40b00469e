import { thoughtAnchors } from '../../core/continuation/anchors.ts';
import { isLocalModel } from '../../core/models/model-ref.ts';
import { formatContinuations } from '../../core/text/calls.ts';
import { formatCount, formatPercent, plural } from '../../core/text/format.ts';
import type { StepAccuracy, StepValues, StepValuesPlan } from '../../protocol/step-values.ts';
import { estimateStepValues } from '../../runner/continuation/step-values.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { openRows } from '../rows/source.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'step-values'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const labelled = args.labelled === undefined ? undefined : (await openRows(args.labelled, context)).source;
    return estimateStepValues(dataset, args, { ...context, cache: context.env.LONGHAND_CACHE }, labelled);
  });

export const print: Print<'step-values'> = ({ plan, values, failed, calls, accuracy }) =>
  values.length + failed.length === 0
    ? formatPlan(plan)
    : lines(
        ...values.flatMap(formatValues),
        ...failed.map(({ chainId, reason }) => `${chainId}: ${reason}`),
        ...(accuracy === undefined ? [] : formatAccuracy(accuracy)),
        `${plural(values.length, 'chain')}, ${plural(calls, 'call')} paid.`,
      );

/** What is paid at most. */
function formatPlan(plan: StepValuesPlan): string {
  const { chains, steps, requests, reused, model } = plan;
  const known = reused === 0 ? '' : ` ${plural(reused, 'outcome')} known already.`;
  return `${plural(chains, 'chain')} with ${plural(steps, 'step')}, by ${model.model}; at most ${plural(requests, 'continuation')} to be paid.${known} ${formatContinuations(plan, isLocalModel(model))}`;
}

function formatValues({ chainId, steps, places, firstWrong, before, after, samples }: StepValues): string[] {
  const found = firstWrong
    ? `the first wrong of ${plural(steps, 'step')} is number ${firstWrong.step} (±1 with ${formatPercent(firstWrong.within)}): ${formatPercent(before)} before it, ${formatPercent(after)} after it`
    : `no step found after which success collapses, of ${plural(steps, 'step')}`;
  const rows = places.map(
    ({ kept, right, wrong, mean, low, high }) =>
      `  after ${plural(kept, 'step')}: ${formatCount(right)} of ${formatCount(right + wrong)} right, ${formatPercent(mean)} (${formatPercent(low)} to ${formatPercent(high)})`,
  );
  const anchors = thoughtAnchors(places, steps).map(
    ({ first, last, before: from, after: to, chance }) =>
      `  thought anchor: ${first === last ? `step ${formatCount(first)}` : `steps ${formatCount(first)} to ${formatCount(last)}`}, ${formatPercent(from)} to ${formatPercent(to)}, changed with a probability of ${formatPercent(chance)}`,
  );
  return [`${chainId}: ${found}; ${plural(samples, 'continuation')}.`, ...rows, ...anchors];
}

/** `F1 of the first wrong step, with gold answers: 61 %. 8 of 12 found, 10 within one step; …` */
function formatAccuracy({ wrong, exact, near, right, none, f1, samples, scan, skipped }: StepAccuracy): string[] {
  const of = (count: number, all: number): string => `${formatCount(count)} of ${formatCount(all)}`;
  return [
    `F1 of the first wrong step, with gold answers: ${f1 === null ? 'unknown, since it needs chains with and without a wrong step' : formatPercent(f1)}.`,
    `  with a wrong step: ${of(exact, wrong)} found, ${of(near, wrong)} within one step; without: ${of(none, right)} found to be right.`,
    `  ${plural(samples, 'continuation')}, ${formatPercent(samples / Math.max(1, scan))} of a scan with 8 at each step.`,
    ...(skipped === 0 ? [] : [`  ${plural(skipped, 'row')} without an answer or a known label skipped.`]),
  ];
}
