import { extname, join } from 'node:path';
import * as vscode from 'vscode';
import { t } from './format.ts';
import { showInformationMessage } from './notify.ts';

const FILTERS: Readonly<Record<string, Record<string, string[]>>> = {
  svg: { SVG: ['svg'] },
  csv: { CSV: ['csv'] },
  html: { HTML: ['html'] },
};

/** Asks for the path of an SVG, CSV or HTML file, lets `write` write it, and offers to open it. @param name Proposed, with its extension. */
export async function saveFile(folder: string, name: string, write: (path: string) => Promise<unknown>): Promise<void> {
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(folder, name)),
    filters: FILTERS[extname(name).slice(1)] ?? {},
  });
  if (file === undefined) return;
  await write(file.fsPath);
  const open = t('Open');
  const saved = t('Saved {0}.', vscode.workspace.asRelativePath(file));
  if ((await showInformationMessage(saved, open)) !== open) return;
  // An editor would show the source of a page.
  if (name.endsWith('.html')) await vscode.env.openExternal(file);
  else await vscode.commands.executeCommand('vscode.open', file);
}
