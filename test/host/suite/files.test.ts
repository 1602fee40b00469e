import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { FILE_VIEW } from '../../../src/editor/contributions/index.ts';
import { test } from '../harness.ts';

const LABEL = 'rows.jsonl';

const tabs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputCustom && input.viewType === FILE_VIEW);

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await sleep(100);
  }
}

test('a file of traces opens in the reader where it is, and in a text editor by default', async () => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  const path = join(folder.uri.fsPath, LABEL);
  const conversations = [
    { from: 'human', value: 'What is 6 times 7?' },
    { from: 'gpt', value: 'Six sevens are \\boxed{42}.' },
  ];
  await writeFile(path, `${JSON.stringify({ conversations })}\n`);
  const uri = vscode.Uri.file(path);
  await vscode.commands.executeCommand('vscode.open', uri);
  await until('a text editor', () => vscode.window.activeTextEditor?.document.uri.fsPath === path);
  assert.equal(tabs().length, 0);
  await vscode.commands.executeCommand('longhand.openTraceFile', uri);
  await until('the reader', () => tabs()[0]?.isActive === true);
  assert.equal(tabs()[0]?.label, LABEL);
  await vscode.window.tabGroups.close(tabs());
  await until('it to be closed', () => tabs().length === 0);
});
