import * as vscode from 'vscode';
import type { CommandId } from './contributions/index.ts';

const SHOWN = 'longhand.walkthroughShown';
const COMMAND: CommandId = 'longhand.openWalkthrough';

/**
 * Opens the walkthrough once per user, in the first window with a dataset. Not if editors are open, or if the user turned VS Code's
 * welcome page off.
 */
export async function openWalkthroughOnce(state: vscode.Memento): Promise<void> {
  if (state.get(SHOWN, false)) return;
  const startup = vscode.workspace.getConfiguration('workbench').get<string>('startupEditor', 'welcomePage');
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  // The tab of the welcome page has no input type in the API.
  if (startup !== 'welcomePage' || tabs.some(({ input }) => input !== undefined)) return;
  await state.update(SHOWN, true);
  await vscode.commands.executeCommand(COMMAND);
}
