import * as vscode from 'vscode';
import type { BrokenRun, RunReport } from '../../protocol/training.ts';
import type { CommandId } from '../contributions/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { t } from '../ui/format.ts';
import { runContext } from './run-state.ts';
import { runIcon, runInBrief, runLines } from './run-text.ts';

/** A run in the Datasets view, and the argument of its commands. */
export interface RunNode {
  kind: 'run';
  ref: DatasetRef;
  run: string;
}

export const runNode = (ref: DatasetRef, run: string): RunNode => ({ kind: 'run', ref, run });

/** The argument as the tree item of a run, or undefined. */
export function runOfNode(value: unknown): RunNode | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'run') return undefined;
  if (!('ref' in value) || !('run' in value) || typeof value.run !== 'string') return undefined;
  return value as RunNode;
}

/** A run that can't be read: a click opens the damaged file. */
export function brokenRunItem(ref: DatasetRef, { run, path, message }: BrokenRun): vscode.TreeItem {
  const item = new vscode.TreeItem(run);
  item.id = `${ref.folder}\nbroken run\n${run}`;
  item.description = t('can’t be read');
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.tooltip = message;
  item.command = { command: 'vscode.open', title: t('Open'), arguments: [vscode.Uri.file(path)] };
  return item;
}

/** A run in the Datasets view: a click shows the loss of a training, the log of anything else. */
export function runItem(node: RunNode, report: RunReport | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(node.run);
  item.id = `${node.ref.folder}\nrun\n${node.run}`;
  if (report === undefined) return item;
  item.description = runInBrief(report);
  item.iconPath = runIcon(report);
  item.contextValue = runContext(report);
  item.tooltip = runLines(report).join('\n');
  const command: CommandId = report.kind === 'train' ? 'longhand.showLoss' : 'longhand.showLog';
  item.command = { command, title: t('Show'), arguments: [node] };
  return item;
}
