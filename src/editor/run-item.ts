import * as vscode from 'vscode';
import type { BrokenRun } from '../protocol/training.ts';
import type { CommandId } from './contributions/index.ts';
import type { DatasetRef } from './find-datasets.ts';
import { type RunReport, runContext } from './run-state.ts';
import { runIcon, runInBrief, runLines } from './run-text.ts';

/** What a run is in the Datasets view, and the argument of commands about it. */
export interface RunNode {
  kind: 'run';
  ref: DatasetRef;
  run: string;
}

export const runNode = (ref: DatasetRef, run: string): RunNode => ({ kind: 'run', ref, run });

/** The run that a tree item stands for, or undefined for any other value. */
export function runOfNode(value: unknown): RunNode | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'run') return undefined;
  return value as RunNode;
}

/** What should be a run and can't be read: a click opens the file that is wrong. */
export function brokenRunItem(ref: DatasetRef, { run, path, message }: BrokenRun): vscode.TreeItem {
  const item = new vscode.TreeItem(run);
  item.id = `${ref.folder}\nbroken run\n${run}`;
  item.description = vscode.l10n.t('can’t be read');
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.tooltip = message;
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [vscode.Uri.file(path)] };
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
  const tooltip = new vscode.MarkdownString();
  // appendText escapes: a message may quote what a job wrote.
  for (const line of runLines(report)) tooltip.appendText(line).appendMarkdown('\n\n');
  item.tooltip = tooltip;
  const command: CommandId = report.kind === 'train' ? 'longhand.showLoss' : 'longhand.openRunLog';
  item.command = { command, title: vscode.l10n.t('Show'), arguments: [node] };
  return item;
}
