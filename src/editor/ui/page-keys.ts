import * as vscode from 'vscode';
import { type KeyOverrides, readKeys } from '../../protocol/keys.ts';
import { setting } from '../context.ts';
import { t } from './format.ts';
import { showWarningMessage } from './notify.ts';

const SETTING = 'longhand.keys';

/** The problems that were shown last. */
let shown = '';

/** The keys of the setting that pages use. Shows what is wrong with the others, once. */
export function keyOverrides(): KeyOverrides {
  const { overrides, problems } = readKeys(setting(SETTING));
  const text = problems.join(' ');
  if (text !== shown && text !== '') void showProblems(text);
  shown = text;
  return overrides;
}

async function showProblems(text: string): Promise<void> {
  const open = t('Open Settings');
  const chosen = await showWarningMessage(t('Setting {0}: {1}', SETTING, text), open);
  if (chosen === open) await vscode.commands.executeCommand('workbench.action.openSettings', SETTING);
}

/** Calls `changed` when the keys of the setting change. */
export function onKeysChanged(changed: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SETTING)) changed();
  });
}
