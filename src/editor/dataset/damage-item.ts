import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DamagedFile } from '../../protocol/damage.ts';
import { damageText, damageTotal, lineNumbers } from '../../verbs/dataset/damage.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import type { DatasetRef } from './find-datasets.ts';

/** A damaged file in the Datasets view. Commands repair `file`. */
export interface DamagedNode {
  kind: 'damaged-file';
  ref: DatasetRef;
  file: string;
  damaged: DamagedFile;
}

/** Reasons that a tooltip lists. */
const LISTED = 10;

export const damagedNode = (ref: DatasetRef, damaged: DamagedFile): DamagedNode => {
  return { kind: 'damaged-file', ref, file: damaged.file, damaged };
};

/** The branch of the damaged files of a dataset. */
export function damageItem(ref: DatasetRef, damaged: readonly DamagedFile[]): vscode.TreeItem {
  const { Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(t('Damaged Files'), Collapsed);
  item.id = `${ref.folder}\ndamage`;
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.description = count(damaged.length);
  item.tooltip = `${damageTotal(damaged, l10n)}.`;
  item.contextValue = 'damage';
  return item;
}

/** One damaged file: opens at its first damaged line. */
export function damagedItem({ ref, file, damaged }: DamagedNode): vscode.TreeItem {
  const item = new vscode.TreeItem(file);
  const { count, lines, whole } = damaged;
  item.id = `${ref.folder}\ndamaged-file\n${file}`;
  item.description = descriptionOf(damaged);
  const reasons = lines.slice(0, LISTED).map(({ line, reason }) => t('Line {0}: {1}', String(line), reason));
  // A string and not Markdown, since reasons may quote the file.
  item.tooltip = [`${damageText(damaged, l10n)}.`, ...reasons].join('\n');
  item.iconPath = new vscode.ThemeIcon('file');
  item.contextValue = 'damaged-file';
  if (count === 0 && whole !== undefined) return item;
  const at = new vscode.Position((lines[0]?.line ?? 1) - 1, 0);
  item.command = {
    command: 'vscode.open',
    title: t('Open'),
    arguments: [vscode.Uri.file(join(ref.folder, file)), { selection: new vscode.Range(at, at) }],
  };
  return item;
}

function descriptionOf(damaged: DamagedFile): string {
  const { count, whole } = damaged;
  if (whole !== undefined) return whole;
  const lines = lineNumbers(damaged, l10n);
  return counted(count, 'line {1}', '{0} lines: {1}', lines);
}
