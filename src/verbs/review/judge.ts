import { planJudge } from '../../runner/judge/plan-judge.ts';
import { runJudge } from '../../runner/judge/run-judge.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatJudge } from './print.ts';

export const run: Run<'judge'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { work, plan } = await planJudge(dataset, args, context);
    if (args.plan || plan.chains === 0) return { plan };
    const summary = await runJudge(dataset, work, plan, { ...context, cache: context.env.LONGHAND_CACHE });
    return { plan, summary };
  });

export const print: Print<'judge'> = formatJudge;
