import { planRound } from '../runner/plan.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const plan: Verb<'plan'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    return await planRound(dataset, args);
  } finally {
    await dataset.close();
  }
};
