import { resolvePolicy } from '../../core/grading/policies.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { regradeRounds } from '../../runner/rework/regrade.ts';
import { VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';
import { policyOf } from './grade-rows.ts';

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

export const print: Print<'regrade'> = (result) =>
  lines(
    `${result.folder}: ${plural(result.answers, 'answer')} and ${plural(result.chains, 'chain')} graded by “${result.policy}” in ${result.seconds.toFixed(1)} s${result.reused > 0 ? `, ${plural(result.reused, 'verdict')} known` : ''}${result.missing > 0 ? `; ${plural(result.missing, 'problem is', 'problems are')} missing` : ''}.`,
    `Answers: ${formatCounts(result.flips.answers)}. Chains: ${formatCounts(result.flips.chains)}. Classes: ${formatCounts(result.flips.classes)}.`,
    `${plural(result.passedBefore, 'chain')} passed the filters before, ${formatCount(result.passedAfter)} now. ${result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.'}`,
  );
