import { planSampling } from '../../runner/sampling/plan-sampling.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatPlanTable } from './print.ts';

export const run: Run<'plan-sampling'> = ({ dataset: folder, ...args }, { distFolder, log }) =>
  withDataset(folder, { log, distFolder }, async (dataset) => (await planSampling(dataset, args)).report);

export const print: Print<'plan-sampling'> = formatPlanTable;
