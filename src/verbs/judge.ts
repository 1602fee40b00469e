import { planJudge } from '../runner/judge/plan.ts';
import { runJudge } from '../runner/judge/run.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const judge: Verb<'judge'> = async (args, context) => {
  const dataset = await Dataset.open(args.dataset, { log: context.log });
  try {
    const { work, plan } = await planJudge(dataset, args, context);
    if (args.plan || plan.chains === 0) return { plan };
    const summary = await runJudge(dataset, work, plan, { ...context, cache: context.env.LONGHAND_CACHE });
    return { plan, summary };
  } finally {
    await dataset.close();
  }
};
