import { resolvePolicy } from '../../core/grading/policies.ts';
import { formatSeconds, plural } from '../../core/text/format.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { regradeRounds } from '../../runner/rework/regrade.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';
import { policyOf } from './grade-rows.ts';
import { formatRegraded } from './print.ts';

export const run: Run<'regrade'> = ({ chains, apply = false, workers, ...args }, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const own = resolvePolicy(dataset.settings.grading);
    const policy = args.policy === undefined ? own : policyOf(args.policy);
    if (typeof policy === 'string') throw new VerbError(policy, 'docs/reference/grading.md describes each policy.');
    const rounds = await chosenRounds(dataset, { ...args, chains });
    const version = await ownVersion(context.distFolder);
    const result = await regradeRounds(dataset, { rounds, policy, chains, apply, workers, version }, context);
    if (apply && policy.name !== own.name) {
      context.log(
        `New rounds are still graded by “${own.name}”. “longhand policy DATASET --set …” sets another policy for the dataset.`,
      );
    }
    return result;
  });

export const print: Print<'regrade'> = (result) => {
  const known = result.reused > 0 ? `, ${plural(result.reused, 'verdict')} known` : '';
  return lines(
    formatRegraded(result),
    `Graded in ${formatSeconds(result.seconds)}${known}: ${result.folder}`,
    result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.',
  );
};
