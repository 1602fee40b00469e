import { join } from 'node:path';
import type { EvaluationPlan } from '../core/evaluation/index.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { planEvaluation } from '../runner/evaluation/plan.ts';
import { runEvaluation } from '../runner/evaluation/run.ts';
import { createEvaluation, REPORT_FILE, readEvaluation, type StoredEvaluation } from '../store/evaluations.ts';
import { Dataset } from '../store/index.ts';
import type { Verb, VerbContext } from './context.ts';
import { problemSet } from './evaluation-problems.ts';
import { evaluationPlanned } from './evaluation-words.ts';

export const evaluate: Verb<'evaluate'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  try {
    if (args.resume !== undefined) {
      const stored = await readEvaluation(dataset.folder, args.resume);
      return await run(dataset, stored, brief(stored.plan, 0), context);
    }
    const { bad, ...set } = await problemSet(dataset, args, context);
    const { plan, problems } = await planEvaluation(dataset, set, args);
    const said = brief(plan, bad);
    if (args.plan) return { plan: said };
    const stored = await createEvaluation(dataset.folder, plan, problems);
    context.log(evaluationPlanned(said));
    return await run(dataset, stored, said, context);
  } finally {
    await dataset.close();
  }
};

async function run(
  dataset: Dataset,
  stored: StoredEvaluation,
  plan: VerbResult<'evaluate'>['plan'],
  context: VerbContext,
): Promise<VerbResult<'evaluate'>> {
  const result = await runEvaluation(dataset, stored, { ...context, cache: context.env.LONGHAND_CACHE });
  return { plan, result, report: join(stored.folder, REPORT_FILE) };
}

/** Without what may be long. */
function brief(
  { prompts: _prompts, problemIds, ...plan }: EvaluationPlan,
  bad: number,
): VerbResult<'evaluate'>['plan'] {
  return { ...plan, problems: problemIds.length, bad };
}
