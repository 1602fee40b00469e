// For `npm run bench -- activation`: in a folder without a dataset, nothing has activated the extension yet.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import manifest from '../../../../package.json' with { type: 'json' };
import { measure, test } from '../../harness.ts';

const SETTLE_MS = 5_000;

test('the extension activates on demand', async () => {
  const found = vscode.extensions.getExtension(`${manifest.publisher}.${manifest.name}`);
  assert.equal(found?.isActive, false);
  // The window itself still starts.
  await sleep(SETTLE_MS);
  const startedAt = performance.now();
  await found?.activate();
  measure('activation', `${(performance.now() - startedAt).toFixed(1)} ms`);
});
