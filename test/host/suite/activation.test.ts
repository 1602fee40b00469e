import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../../package.json' with { type: 'json' };
import { measure, test } from '../harness.ts';

const ID = `${manifest.publisher}.${manifest.name}`;

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(ID);
  assert.ok(found, `VS Code does not know ${ID}`);
  return found;
}

test('the extension activates', async () => {
  const found = extension();
  const alreadyActive = found.isActive;
  const started = performance.now();
  await found.activate();
  const took = performance.now() - started;
  assert.equal(found.isActive, true);
  if (!alreadyActive) measure('activation as the suite sees it', `${took.toFixed(1)} ms`);
});

test('every command of the manifest is registered, and none but those under our prefix', async () => {
  await extension().activate();
  const declared = commandsOf(extension().packageJSON);
  assert.ok(declared.length > 0, 'the manifest declares no command');
  const registered = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('longhand.'));
  // VS Code itself makes commands for every view and view container of an extension.
  const ours = registered.filter(
    (id) => !/\.(focus|open|resetViewLocation|removeView|toggleVisibility)$/.test(id) || declared.includes(id),
  );
  assert.deepEqual(ours.sort(), declared.sort());
});

test('the extension host has node:sqlite, which the index requires', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(':memory:');
  const row = database.prepare('select 6 * 7 as answer').get();
  database.close();
  assert.equal(row?.answer, 42);
  measure('Node of the extension host', process.versions.node);
});

function commandsOf(packageJson: unknown): string[] {
  const { contributes } = packageJson as { contributes?: { commands?: { command: string }[] } };
  return (contributes?.commands ?? []).map(({ command }) => command);
}
