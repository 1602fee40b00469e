import { planSampling } from '../runner/sampling/plan.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const planSamplingRound: Verb<'plan-sampling'> = async ({ dataset: folder, ...args }, { log }) => {
  const dataset = await Dataset.open(folder, { log });
  try {
    return (await planSampling(dataset, args)).report;
  } finally {
    await dataset.close();
  }
};
