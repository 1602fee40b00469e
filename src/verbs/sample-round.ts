import { planSampling } from '../runner/sampling/plan.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';
import { run } from './resume.ts';
import { plannedInWords } from './sampling-words.ts';

export const sampleRound: Verb<'sample-round'> = async (
  { dataset: folder, detach, engine, batch, ...args },
  context,
) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    const { plan, report } = await planSampling(dataset, args);
    await dataset.createRound(plan);
    context.log(plannedInWords(report));
    return await run(dataset, plan.round, { detach, engine, batch }, context);
  } finally {
    await dataset.close();
  }
};
