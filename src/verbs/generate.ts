import { planRound } from '../runner/plan.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';
import { run } from './resume.ts';

export const generate: Verb<'generate'> = async ({ dataset: folder, detach, ...args }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    const plan = await planRound(dataset, args);
    await dataset.createRound(plan);
    context.log(`Round ${plan.round}: ${plan.problemIds.length} problems.`);
    return await run(dataset, plan.round, { detach }, context);
  } finally {
    await dataset.close();
  }
};
