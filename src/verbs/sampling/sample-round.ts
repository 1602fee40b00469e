import { planSampling } from '../../runner/sampling/plan-sampling.ts';
import { printRound, startRound } from '../dataset/resume.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatSamplingPlan } from './print.ts';

export const run: Run<'sample-round'> = ({ dataset: folder, detach, engine, batch, ...args }, context) =>
  withDataset(folder, context, async (dataset) => {
    const { plan, report } = await planSampling(dataset, args);
    await dataset.createRound(plan);
    context.log(formatSamplingPlan(report));
    return await startRound(dataset, plan.round, { detach, engine, batch }, context);
  });

export const print: Print<'sample-round'> = printRound;
