import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CommandId } from '../../../src/editor/contributions/index.ts';
import { reviewer } from '../../../src/editor/review/reviewer.ts';
import { run as calibrate } from '../../../src/verbs/review/calibrate.ts';
import { test } from '../harness.ts';

const COMMAND: CommandId = 'longhand.calibrateDetectors';

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await sleep(200);
  }
}

const tabs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('longhand.calibrate'));

test('Calibrate Classifier resumes the reviewer’s own calibration, also in an untrusted folder', async () => {
  const dataset = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  // Drawing starts a process, which a restricted folder refuses: here it is done beforehand, as by the command line.
  const { calibration } = await calibrate(
    { dataset, draw: 20, reviewer: await reviewer() },
    {
      signal: new AbortController().signal,
      progress: () => undefined,
      log: () => undefined,
      distFolder: join(dataset, 'none'),
      mediaFolder: join(dataset, 'none'),
      env: {},
      input: () => process.stdin,
      rows: () => process.stdout,
      endsBadly: () => undefined,
    },
  );
  assert.match(calibration, /^1-/);
  const running = vscode.commands.executeCommand(COMMAND);
  // The first choice of the box, as soon as the box is there.
  await until('the page of the sentences', () => {
    if (tabs().length === 0) void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return tabs().length === 1;
  });
  await running;
  assert.equal(tabs()[0]?.label, 'Longhand Calibration');
  await vscode.window.tabGroups.close(tabs());
  await until('it to be closed', () => tabs().length === 0);
});
