import { join } from 'node:path';
import * as vscode from 'vscode';
import { t } from './format.ts';
import { showInformationMessage } from './notify.ts';

/** Asks for the path of an SVG or CSV file, lets `write` write it, and offers to open it. @param name Proposed, with its extension. */
export async function saveFile(folder: string, name: string, write: (path: string) => Promise<unknown>): Promise<void> {
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(folder, name)),
    filters: name.endsWith('.svg') ? { SVG: ['svg'] } : { CSV: ['csv'] },
  });
  if (file === undefined) return;
  await write(file.fsPath);
  const open = t('Open');
  const saved = t('Saved {0}.', vscode.workspace.asRelativePath(file));
  if ((await showInformationMessage(saved, open)) === open) await vscode.commands.executeCommand('vscode.open', file);
}
