import { plural } from '../../core/text/format.ts';
import { planRound } from '../../runner/plan-round.ts';
import { printRound, startRound } from '../dataset/resume.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'generate'> = ({ dataset: folder, detach, ...args }, context) =>
  withDataset(folder, context, async (dataset) => {
    const plan = await planRound(dataset, args);
    await dataset.createRound(plan);
    context.log(`Round ${plan.round}: ${plural(plan.problemIds.length, 'problem')}.`);
    return await startRound(dataset, plan.round, { detach }, context);
  });

export const print: Print<'generate'> = printRound;
