import { defined } from '../../core/defined.ts';
import { isLocalModel } from '../../core/models/model-ref.ts';
import { formatVerdict } from '../../core/schemas/index.ts';
import { formatContinuations, formatPrefixCheck } from '../../core/text/calls.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { ContinuePlan } from '../../protocol/continuation.ts';
import { checkOfKept, planContinue } from '../../runner/continuation/plan-continue.ts';
import { editorOf, runContinue } from '../../runner/continuation/run-continue.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'continue'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { work, plan } = await planContinue(dataset, args);
    // Before the plan is shown.
    if (args.write !== undefined) editorOf(args, work);
    if (args.plan) {
      const cache = context.env.LONGHAND_CACHE;
      const checkedBy = plan.requests > 0 ? await checkOfKept(dataset, work, { ...context, cache }) : undefined;
      return { plan: { ...plan, ...defined({ checkedBy }) }, continuations: [], written: false, calls: 0 };
    }
    context.log(formatContinuePlan(plan));
    const total = args.samples;
    let done = 0;
    const result = await runContinue(dataset, args, work, {
      ...context,
      cache: context.env.LONGHAND_CACHE,
      onEvent: (continued) => {
        if (continued.type !== 'part') done++;
        context.progress({ done, total, unit: 'continuations', continued });
      },
    });
    return { plan, ...result };
  });

export const print: Print<'continue'> = ({ plan, round, continuations, kept, written, calls }) => {
  if (round === undefined) return formatContinuePlan(plan);
  const texts = continuations.map(({ index, text, verdict, ended, tokens }) => {
    const how = `${formatVerdict(verdict, ended)}, ${plural(tokens, 'token')}`;
    return `\n── continuation ${index}: ${how} ──\n${text.trim()}`;
  });
  return [
    ...texts,
    '',
    `${plural(continuations.length, 'continuation')}, ${formatCount(calls)} paid.`,
    ...(kept === undefined ? [] : [`Kept as ${kept}.`]),
    ...(written ? [`Written into ${plan.chain}.`] : []),
  ].join('\n');
};

/** `8 continuations of 3-sampling/p1/0 after 1,204 characters by …; 5 to be paid. About …` */
function formatContinuePlan(plan: ContinuePlan): string {
  const { chain, kept, model, requests, reused } = plan;
  const what = `${plural(requests + reused, 'continuation')} of ${chain} after ${plural(kept, 'character')}, by ${model.model}`;
  const check = requests > 0 ? ` ${formatPrefixCheck(plan.checkedBy)}` : '';
  return `${what}; ${formatCount(requests)} to be paid. ${formatContinuations(plan, isLocalModel(model))}${check}`;
}
