import { join } from 'node:path';
import * as vscode from 'vscode';
import { formatPercent } from '../../core/text/format.ts';
import type { StoredEvaluation } from '../../store/evaluations.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { counted, t } from '../ui/format.ts';

/** The evaluations of a dataset. The store is loaded on demand. */
export async function listEvaluations(folder: string): Promise<StoredEvaluation[]> {
  return (await import('../../store/evaluations.ts')).listEvaluations(folder);
}

/** An evaluation in the Datasets view: a click opens its report, or Evaluate… to resume a stopped one. */
export function evaluationItem(
  ref: DatasetRef,
  { folder, plan, result, isRunning }: StoredEvaluation,
): vscode.TreeItem {
  const item = new vscode.TreeItem(plan.evaluation);
  item.id = folder;
  item.contextValue = 'evaluation';
  const problems = counted(plan.problemIds.length, '{0} problem', '{0} problems');
  item.tooltip = `${plan.model.model} (${plan.role}), ${problems}, ${t('{0} each', counted(plan.k, '{0} sample', '{0} samples'))}`;
  if (result === undefined) {
    item.description = isRunning ? t('running') : t('not finished');
    item.iconPath = new vscode.ThemeIcon(isRunning ? 'sync~spin' : 'circle-outline');
    item.command = { command: 'longhand.evaluate', title: t('Evaluate…'), arguments: [{ ref }] };
    return item;
  }
  item.description = `avg@${plan.k} ${formatPercent(result.scores.average.value)}`;
  item.iconPath = new vscode.ThemeIcon('graph');
  item.command = {
    command: 'markdown.showPreview',
    title: t('Open Report'),
    arguments: [vscode.Uri.file(join(folder, 'report.md'))],
  };
  return item;
}
