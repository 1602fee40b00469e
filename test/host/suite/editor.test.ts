import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CommandId } from '../../../src/editor/contributions/index.ts';
import { test } from '../harness.ts';

const run = (command: CommandId, ...args: unknown[]) => vscode.commands.executeCommand(command, ...args);

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await sleep(100);
  }
}

const workspace = (): string => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return folder.uri.fsPath;
};

/** Tabs of the review editor; the editor puts its own prefix before the view type. */
const reviewTabs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('longhand.review'));

test('the review queue opens in one editor, whatever part of it is asked for', async () => {
  await run('longhand.openReviewQueue');
  await until('the review editor', () => reviewTabs().length === 1);
  await run('longhand.openReviewQueue', { query: [{ field: 'class', op: '=', values: ['FT'] }] });
  await until('it to be the active one', () => reviewTabs()[0]?.isActive === true);
  assert.equal(reviewTabs().length, 1);
  await until('its title to name the filter', () => /: Class: FT.* · \d+ of \d+$/.test(reviewTabs()[0]?.label ?? ''));
  await vscode.window.tabGroups.close(reviewTabs());
  await until('it to be closed', () => reviewTabs().length === 0);
});

/** Tabs of the chain table. */
const chainTabs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('longhand.chainTable'));

test('the chain table opens in one editor, and shares its query with the review queue', async () => {
  await run('longhand.openChains');
  await until('the chain table', () => chainTabs().length === 1);
  await until('its title', () => chainTabs()[0]?.label === 'Chains');
  await run('longhand.openChains', { query: [{ field: 'class', op: '=', values: ['FT'] }] });
  await until('its title to count the chains', () => /^Chains: \d+ of \d+$/.test(chainTabs()[0]?.label ?? ''));
  assert.equal(chainTabs().length, 1);
  await run('longhand.openReviewQueue', { query: [] });
  await until('the table to list all chains again', () => chainTabs()[0]?.label === 'Chains');
  await vscode.window.tabGroups.close([...chainTabs(), ...reviewTabs()]);
  await until('both to be closed', () => chainTabs().length + reviewTabs().length === 0);
});

test('the settings file opens, and a value that it may not have is marked while it is typed', async () => {
  await run('longhand.openSettingsFile');
  const document = vscode.window.activeTextEditor?.document;
  assert.ok(document, 'no editor has opened');
  assert.equal(document.uri.fsPath, join(workspace(), 'longhand.json'));
  const marks = () => vscode.languages.getDiagnostics(document.uri);
  const text = document.getText();
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, whole, text.replace(/"version":\s*1/, '"version": 7'));
  assert.notEqual(text.replace(/"version":\s*1/, '"version": 7'), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  await until('a mark at the wrong version', () => marks().length > 0);
  await vscode.commands.executeCommand('workbench.action.files.revert');
  assert.equal(document.isDirty, false);
});

test('a command opens nothing of a dataset that is not in the workspace', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'longhand-outside-'));
  await writeFile(join(outside, 'longhand.json'), '{ "version": 1 }');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const ref = { folder: outside, name: 'outside' };
  await run('longhand.openSettingsFile', { ref });
  await run('longhand.openSettingsFile', { kind: 'run', ref, run: '../..' });
  assert.equal(vscode.window.activeTextEditor, undefined);
  await rm(outside, { recursive: true });
});
