import * as vscode from 'vscode';
import { percent } from '../../core/evaluation/words.ts';
import { listEvaluations, type StoredEvaluation } from '../../store/evaluations.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step } from '../steps.ts';
import { openReport } from './evaluate.ts';
import { count } from './evaluation-plan.ts';

/** Compare Evaluations…: which one before, which one after; the difference as a number of problems, and the report. */
export async function compareTwoEvaluations(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const ended = (await listEvaluations(ref.folder)).filter(({ result }) => result !== undefined);
  if (ended.length < 2) {
    throw new ActionableError(
      vscode.l10n.t('Two finished evaluations are needed; the dataset has {0}.', count(ended.length)),
      [commandAction(vscode.l10n.t('Evaluate…'), 'longhand.evaluate')],
    );
  }
  let before: StoredEvaluation | undefined;
  let after: StoredEvaluation | undefined;
  let common = false;
  const askCommon: Step = async (ui) => {
    const there = new Set(after?.plan.problemIds);
    const both = before?.plan.problemIds.filter((id) => there.has(id)).length ?? 0;
    await ui.pick({
      placeholder: vscode.l10n.t('They are not of the same problems.'),
      choices: [{ label: vscode.l10n.t('Compare the {0} that both have', count(both)), value: true }],
    });
    common = true;
    return undefined;
  };
  const askAfter: Step = async (ui) => {
    const placeholder = vscode.l10n.t('And which one is after?');
    after = await ui.pick({ placeholder, choices: ended.filter((one) => one !== before).map(choiceOf) });
    common = false;
    return after.plan.problemsHash === before?.plan.problemsHash ? undefined : askCommon;
  };
  const askBefore: Step = async (ui) => {
    const placeholder = vscode.l10n.t('Which evaluation is before, such as that of the base model?');
    before = await ui.pick({ placeholder, choices: ended.map(choiceOf) });
    return askAfter;
  };
  if (!(await runSteps(vscode.l10n.t('Compare Evaluations'), askBefore)) || !before || !after) return;
  const args = { dataset: ref.folder, a: before.plan.evaluation, b: after.plan.evaluation, common };
  const title = vscode.l10n.t('Comparing {0} and {1}', args.a, args.b);
  const { words, report } = await services.verbs.run('compare-evaluations', args, { title });
  const open = vscode.l10n.t('Open Report');
  if ((await vscode.window.showInformationMessage(words, open)) === open) await openReport(report);
}

function choiceOf(stored: StoredEvaluation): Choice<StoredEvaluation> {
  const { plan, result } = stored;
  const score = result ? `avg@${plan.k} ${percent(result.scores.average.value)}` : '';
  return {
    label: plan.evaluation,
    description: `${score} · ${vscode.l10n.t('{0} problems', count(plan.problemIds.length))}`,
    detail: `${plan.model.model} · ${new Date(plan.createdAt).toLocaleString(vscode.env.language)}`,
    value: stored,
  };
}
