import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import { remarkRounds } from '../../runner/classifier/remark.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'remark'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const rounds = await chosenRounds(dataset, args);
    return remarkRounds(dataset, { rounds, apply: args.apply ?? false }, context);
  });

export const print: Print<'remark'> = ({ applied, version, chains, changed, reviewed, before, after, seconds }) =>
  lines(
    `${plural(chains, 'chain')} marked again by the classifier ${version} in ${formatSeconds(seconds)}.`,
    `Spans before: ${formatCount(before)}, now: ${formatCount(after)}.`,
    ...(reviewed === 0
      ? []
      : [`Kept as they are, because a reviewer changed their spans: ${plural(reviewed, 'chain')}.`]),
    applied
      ? `Written into the rounds: new marks of ${plural(changed, 'chain')}.`
      : `Nothing was changed. --apply writes the new marks of ${plural(changed, 'chain')} into the rounds.`,
  );
