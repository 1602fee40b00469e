import type { RoundPlan } from '../../core/schemas/index.ts';
import { formatCount, formatDuration, plural } from '../../core/text/format.ts';
import { planRound } from '../../runner/plan-round.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'plan'> = ({ dataset: folder, ...args }, context) =>
  withDataset(folder, context, (dataset) => planRound(dataset, args));

export const print: Print<'plan'> = ({ round, problemIds, model, expected }) => {
  const cost = expected
    ? `; ${formatCount(expected.requestsMin)} to ${plural(expected.requestsMax, 'request')}, at most ${plural(expected.tokensMax, 'completion token')}; ${formatTime(expected)}`
    : '';
  return `Round ${round}: ${plural(problemIds.length, 'problem')} with ${model?.model ?? 'no model'}${cost}.`;
};

function formatTime({ secondsMin, secondsMax }: NonNullable<RoundPlan['expected']>): string {
  if (secondsMin === undefined || secondsMax === undefined) return 'time unknown: this model has no finished round';
  return `${formatDuration(secondsMin)} to ${formatDuration(secondsMax)}, at the speed of its latest round`;
}
