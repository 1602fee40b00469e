import { join } from 'node:path';
import * as vscode from 'vscode';
import type { StoredEvaluation } from '../store/evaluations.ts';
import type { DatasetRef } from './find-datasets.ts';

/** The evaluations of a dataset; what reads them is loaded with the first look. */
export async function listEvaluations(folder: string): Promise<StoredEvaluation[]> {
  return (await import('../store/evaluations.ts')).listEvaluations(folder);
}

/** An evaluation in the Datasets view: a click opens its report, or asks whether to go on with one that stopped. */
export function evaluationItem(ref: DatasetRef, { folder, plan, result }: StoredEvaluation): vscode.TreeItem {
  const item = new vscode.TreeItem(plan.evaluation);
  item.id = folder;
  item.contextValue = 'evaluation';
  const problems = vscode.l10n.t('{0} problems', plan.problemIds.length);
  item.tooltip = `${plan.model.model} (${plan.role}), ${problems}, ${vscode.l10n.t('{0} samples each', plan.k)}`;
  if (result === undefined) {
    item.description = vscode.l10n.t('not finished');
    item.iconPath = new vscode.ThemeIcon('circle-outline');
    item.command = { command: 'longhand.evaluate', title: vscode.l10n.t('Evaluate…'), arguments: [{ ref }] };
    return item;
  }
  item.description = `avg@${plan.k} ${(100 * result.scores.average.value).toFixed(1)} %`;
  item.iconPath = new vscode.ThemeIcon('graph');
  item.command = {
    command: 'markdown.showPreview',
    title: vscode.l10n.t('Open Report'),
    arguments: [vscode.Uri.file(join(folder, 'report.md'))],
  };
  return item;
}
