import * as vscode from 'vscode';
import { present } from '../../core/defined.ts';
import { count, counted, t } from '../ui/format.ts';
import type { ComparisonNode } from './comparisons.ts';

/** A comparison in the Datasets view: a click opens its page, with the result, how far it is, or to resume it. */
export function comparisonItem({ ref, stored, progress }: ComparisonNode): vscode.TreeItem {
  const { folder, plan, result } = stored;
  const item = new vscode.TreeItem(plan.comparison);
  item.id = folder;
  item.contextValue = 'comparison';
  const rows = counted(plan.rows, '{0} row in each arm', '{0} rows in each arm');
  const seeds = counted(plan.seeds.length, '{0} seed', '{0} seeds');
  const first = result?.sets[0]?.comparisons[0];
  item.tooltip = present([rows, seeds].join(', '), progress?.failure?.message).join('\n');
  item.description = first
    ? t('{0} points', (100 * first.comparison.test.difference.value).toFixed(1))
    : statusText({ progress });
  item.iconPath = new vscode.ThemeIcon(first ? 'graph' : iconOf({ progress }));
  item.command = {
    command: 'longhand.compareSelections',
    title: t('Compare Selections…'),
    arguments: [{ ref, comparison: plan.comparison }],
  };
  return item;
}

type Status = { progress: ComparisonNode['progress'] };

/** How far a comparison without a result is: `running, 3 of 18 steps`. */
export function statusText({ progress }: Status): string {
  if (!progress?.isRunning) return progress?.failure ? t('failed') : t('not finished');
  const { done, total } = progress.steps;
  return t('running, {0} of {1}', count(done), counted(total, '{0} step', '{0} steps'));
}

export function iconOf({ progress }: Status): string {
  if (progress?.isRunning) return 'sync~spin';
  return progress?.failure ? 'error' : 'circle-outline';
}
