import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
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
  await found.activate();
  assert.equal(found.isActive, true);
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

test('the extension host has the checksum and the hash that the index requires', () => {
  assert.equal(crc32('index'), 2155046657);
  assert.equal(hash('sha256', '', 'hex').slice(0, 8), 'e3b0c442');
  measure('Node of the extension host', process.versions.node);
});

function commandsOf(packageJson: unknown): string[] {
  const { contributes } = packageJson as { contributes?: { commands?: { command: string }[] } };
  return (contributes?.commands ?? []).map(({ command }) => command);
}
