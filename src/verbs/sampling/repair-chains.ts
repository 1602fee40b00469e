import { planRepair } from '../../runner/repair/plan-repair.ts';
import { printRound, startRound } from '../dataset/resume.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatRepairPlan } from './print.ts';

export const run: Run<'repair-chains'> = ({ detach, ...args }, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { plan, report } = await planRepair(dataset, args, context.signal);
    if (args.plan) return { planned: report };
    await dataset.createRound(plan);
    context.log(formatRepairPlan(report));
    return await startRound(dataset, plan.round, { detach }, context);
  });

export const print: Print<'repair-chains'> = (result) =>
  'planned' in result ? formatRepairPlan(result.planned) : printRound(result);
