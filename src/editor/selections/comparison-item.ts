import * as vscode from 'vscode';
import type { StoredComparison } from '../../store/selections/comparisons.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { counted, t } from '../ui/format.ts';

/** The comparisons of selections of a dataset. The store is loaded on demand. */
export async function listComparisons(folder: string): Promise<StoredComparison[]> {
  return (await import('../../store/selections/comparisons.ts')).listComparisons(folder);
}

/** A comparison in the Datasets view: a click opens its page, with the result or to resume it. */
export function comparisonItem(ref: DatasetRef, { folder, plan, result }: StoredComparison): vscode.TreeItem {
  const item = new vscode.TreeItem(plan.comparison);
  item.id = folder;
  item.contextValue = 'comparison';
  const rows = counted(plan.rows, '{0} row in each arm', '{0} rows in each arm');
  const seeds = counted(plan.seeds.length, '{0} seed', '{0} seeds');
  const first = result?.sets[0]?.comparisons[0];
  item.tooltip = [rows, seeds].join(', ');
  item.description = first
    ? t('{0} points', (100 * first.comparison.test.difference.value).toFixed(1))
    : t('not finished');
  item.iconPath = new vscode.ThemeIcon(first ? 'graph' : 'circle-outline');
  item.command = {
    command: 'longhand.compareSelections',
    title: t('Compare Selections…'),
    arguments: [{ ref, comparison: plan.comparison }],
  };
  return item;
}
