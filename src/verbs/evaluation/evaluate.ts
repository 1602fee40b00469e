import { join } from 'node:path';
import { formatEvaluated, formatExpectedUse } from '../../core/evaluation/format.ts';
import type { EvaluationPlan, EvaluationScores } from '../../core/evaluation/index.ts';
import { formatNoAnswers, isLocalModel } from '../../core/schemas/index.ts';
import { formatCost, formatCount, formatPercent, plural } from '../../core/text/format.ts';
import { planEvaluation } from '../../runner/evaluation/plan-evaluation.ts';
import { type FindContamination, runEvaluation } from '../../runner/evaluation/run-evaluation.ts';
import { createEvaluation, REPORT_FILE, readEvaluation, type StoredEvaluation } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbContext } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { problemSet } from './problems.ts';

export const run: Run<'evaluate'> = (args, context) => evaluateModel(args, context);

/**
 * Plans an evaluation and runs it, or resumes one.
 * @param contamination as in runEvaluation
 */
export function evaluateModel(
  { dataset: folder, ...args }: VerbArgs<'evaluate'>,
  context: VerbContext,
  contamination?: FindContamination,
): Promise<VerbResult<'evaluate'>> {
  return withDataset(folder, context, async (dataset) => {
    if (args.resume !== undefined) {
      const stored = await readEvaluation(dataset.folder, args.resume);
      return await measure(dataset, stored, brief(stored.plan, 0), { context, contamination });
    }
    const { bad, ...set } = await problemSet(dataset, args, context);
    const { plan, problems } = await planEvaluation(dataset, set, args);
    const shown = brief(plan, bad);
    if (args.plan) return { plan: shown };
    const stored = await createEvaluation(dataset.folder, plan, problems);
    context.log(formatPlan(shown));
    return await measure(dataset, stored, shown, { context, contamination });
  });
}

export const print: Print<'evaluate'> = ({ plan, result, report }) =>
  result
    ? lines(
        formatEvaluated(result, plan.k),
        `${formatPercent(result.scores.truncated.value)} truncated, ${notGraded(result)}. ${plural(result.calls, 'paid sample')}, ${plural(result.completionTokens, 'completion token')}.`,
        `Report: ${report}`,
      )
    : formatPlan(plan);

/** `3 not graded, 2 blocked by the provider, 0 without a reply`. */
function notGraded({
  scores: { ungraded, blocked, refused, unfinished, empty },
  unanswered,
}: {
  scores: EvaluationScores;
  unanswered: number;
}): string {
  const parts = [`${formatCount(ungraded)} not graded`, ...formatNoAnswers({ blocked, refused, unfinished, empty })];
  return [...parts, `${formatCount(unanswered)} without a reply`].join(', ');
}

/** What an evaluation would ask for. */
function formatPlan({ evaluation, problems, bad, k, model, role, expected }: VerbResult<'evaluate'>['plan']): string {
  const { tokens, time } = formatExpectedUse(expected);
  const left = bad === 0 ? '' : ` (${plural(bad, 'row')} could not be used)`;
  return `Evaluation ${evaluation}: ${plural(problems, 'problem')}${left}, ${plural(k, 'sample')} each, with ${model.model} (${role}); ${plural(expected.requests, 'request')}. ${tokens}. Cost: ${expected.cost === undefined ? '' : 'about '}${formatCost(expected.cost, isLocalModel(model))}, ${time}.`;
}

async function measure(
  dataset: Dataset,
  stored: StoredEvaluation,
  plan: VerbResult<'evaluate'>['plan'],
  { context, contamination }: { context: VerbContext; contamination: FindContamination | undefined },
): Promise<VerbResult<'evaluate'>> {
  const run = { ...context, cache: context.env.LONGHAND_CACHE };
  const result = await runEvaluation(dataset, stored, run, contamination);
  return { plan, result, report: join(stored.folder, REPORT_FILE) };
}

/** Without what may be long. */
function brief(
  { prompts: _prompts, problemIds, ...plan }: EvaluationPlan,
  bad: number,
): VerbResult<'evaluate'>['plan'] {
  return { ...plan, problems: problemIds.length, bad };
}
