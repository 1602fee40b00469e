import { formatExpectedTokens } from '../../core/text/calls.ts';
import { formatCount, formatPercent, plural } from '../../core/text/format.ts';
import type { StepValues, StepValuesPlan } from '../../protocol/step-values.ts';
import { estimateStepValues } from '../../runner/continuation/step-values.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'step-values'> = (args, context) =>
  withDataset(args.dataset, context, (dataset) =>
    estimateStepValues(dataset, args, { ...context, cache: context.env.LONGHAND_CACHE }),
  );

export const print: Print<'step-values'> = ({ plan, values, failed, calls }) =>
  values.length + failed.length === 0
    ? formatPlan(plan)
    : lines(
        ...values.flatMap(formatValues),
        ...failed.map(({ chainId, reason }) => `${chainId}: ${reason}`),
        `${plural(values.length, 'chain')}, ${plural(calls, 'call')} paid.`,
      );

/** What is paid at most. */
function formatPlan(plan: StepValuesPlan): string {
  const { chains, steps, requests, completionTokensMax = 0 } = plan;
  const tokens = formatExpectedTokens({ ...plan, completionTokensMax }, 'half of each chain by every continuation');
  return `${plural(chains, 'chain')} with ${plural(steps, 'step')}, by ${plan.model.model}; at most ${plural(requests, 'continuation')}. ${tokens}.`;
}

function formatValues({ chainId, steps, places, firstWrong, before, after, samples }: StepValues): string[] {
  const found = firstWrong
    ? `the first wrong of ${plural(steps, 'step')} is number ${firstWrong.step} (±1 with ${formatPercent(firstWrong.within)}): ${formatPercent(before)} before it, ${formatPercent(after)} after it`
    : `no collapse of success in ${plural(steps, 'step')}`;
  const rows = places.map(
    ({ kept, right, wrong, mean, low, high }) =>
      `  after ${plural(kept, 'step')}: ${formatCount(right)} of ${formatCount(right + wrong)} right, ${formatPercent(mean)} (${formatPercent(low)} to ${formatPercent(high)})`,
  );
  return [`${chainId}: ${found}; ${plural(samples, 'continuation')}.`, ...rows];
}
