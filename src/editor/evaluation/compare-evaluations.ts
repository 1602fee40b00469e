import * as vscode from 'vscode';
import { formatPercent } from '../../core/text/format.ts';
import { listEvaluations, type StoredEvaluation } from '../../store/evaluations.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { type Choice, runSteps, type Step } from '../ui/steps.ts';
import { openReport } from './evaluate.ts';

/** Compare Evaluations…: asks for two evaluations, then shows the difference and offers the report. */
export async function compareTwoEvaluations(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const ended = (await listEvaluations(ref.folder)).filter(({ result }) => result !== undefined);
  if (ended.length < 2) {
    throw new ActionableError(
      t('Comparing requires two finished evaluations. The dataset has {0}.', count(ended.length)),
      [commandAction(t('Evaluate…'), 'longhand.evaluate')],
    );
  }
  let before: StoredEvaluation | undefined;
  let after: StoredEvaluation | undefined;
  let common = false;
  const askCommon: Step = async (ui) => {
    const there = new Set(after?.plan.problemIds);
    const both = before?.plan.problemIds.filter((id) => there.has(id)).length ?? 0;
    await ui.pick({
      placeholder: t('The evaluations have different problems.'),
      choices: [
        {
          label: counted(both, 'Compare the {0} problem that both have', 'Compare the {0} problems that both have'),
          value: true,
        },
      ],
    });
    common = true;
    return undefined;
  };
  const askAfter: Step = async (ui) => {
    const placeholder = t('Which evaluation do you compare with it?');
    after = await ui.pick({ placeholder, choices: ended.filter((one) => one !== before).map(choiceOf) });
    common = false;
    return after.plan.problemsHash === before?.plan.problemsHash ? undefined : askCommon;
  };
  const askBefore: Step = async (ui) => {
    const placeholder = t('Which evaluation is the baseline, such as that of the base model?');
    before = await ui.pick({ placeholder, choices: ended.map(choiceOf) });
    return askAfter;
  };
  if (!(await runSteps(t('Compare Evaluations'), askBefore)) || !before || !after) return;
  const args = { dataset: ref.folder, a: before.plan.evaluation, b: after.plan.evaluation, common };
  const title = t('Comparing {0} and {1}', args.a, args.b);
  const { words, report } = await services.verbs.run('compare-evaluations', args, { title });
  const open = t('Open Report');
  if ((await showInformationMessage(words, open)) === open) await openReport(report);
}

function choiceOf(stored: StoredEvaluation): Choice<StoredEvaluation> {
  const { plan, result } = stored;
  const score = result ? `avg@${plan.k} ${formatPercent(result.scores.average.value)}` : '';
  return {
    label: plan.evaluation,
    description: `${score} · ${counted(plan.problemIds.length, '{0} problem', '{0} problems')}`,
    detail: `${plan.model.model} · ${new Date(plan.createdAt).toLocaleString(vscode.env.language)}`,
    value: stored,
  };
}
