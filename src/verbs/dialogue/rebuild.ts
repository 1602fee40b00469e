import { AssemblySettings } from '../../core/schemas/index.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { rebuildRounds } from '../../runner/rework/rebuild.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatRebuild } from './print.ts';

export const run: Run<'rebuild'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { dialogue } = dataset.settings;
    const settings = AssemblySettings.parse({
      untrained: args.untrained ?? dialogue.untrained,
      keepPerProblem: args.keepPerProblem ?? dialogue.keepPerProblem,
      firstWrongShare: args.firstWrongShare ?? dialogue.firstWrongShare,
    });
    const rounds = await chosenRounds(dataset, args);
    return await rebuildRounds(dataset, { rounds, settings, apply: args.apply ?? false }, context);
  });

export const print: Print<'rebuild'> = formatRebuild;
