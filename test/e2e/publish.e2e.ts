import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ScriptedHub, startScriptedHub } from '../fixtures/hub.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';

const TOKEN = 'hf_testtesttesttesttesttesttesttest';

/** An export on the Hugging Face Hub. The hub is SCRIPTED: the real one can't be reached from the tests. */
export default async function publishTests(suite: Suite): Promise<void> {
  const hub = await startScriptedHub({});
  hub.writer = TOKEN;
  try {
    const prepare = async () => ({ env: { HF_ENDPOINT: hub.url, HF_TOKEN: '' } });
    await onSample(suite, { name: 'publish', prepare }, async (walk) => {
      await suite.test('publish: the plan is shown first, and the token is entered once', () => publish(walk, hub));
      await suite.test('publish: the same export again uploads nothing', () => again(walk, hub));
    });
  } finally {
    await hub.close();
  }
}

async function publish({ workbench, folder, longhand }: Walk, hub: ScriptedHub): Promise<void> {
  const { folder: exported } = (await longhand('export', folder, '--select', 'passed')) as { folder: string };
  await workbench.command('Longhand: Publish to Hugging Face…');
  await workbench.fill('Dataset repository', 'owner/set');
  await workbench.asks('What applies?');
  await workbench.page.keyboard.press('Enter');
  await workbench.fill('secret storage', TOKEN);
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText('to owner/set?').waitFor({ timeout: 120_000 });
  await workbench.screenshot('plan');
  assert.match((await dialog.textContent()) ?? '', /new, private; licence/);
  assert.ok(hub.received.every(({ method }) => method === 'GET'));
  await workbench.button('Upload');
  await workbench.notified(/Published \d+ files/, 120_000);
  await workbench.screenshot('published');
  const set = hub.repos['owner/set'];
  assert.equal(set?.private, true);
  const rows = 'train.messages.jsonl';
  assert.equal(String(set?.files[rows]), await readFile(join(exported, rows), 'utf8'));
  await workbench.clearNotifications();
}

async function again({ workbench }: Walk, hub: ScriptedHub): Promise<void> {
  hub.received.length = 0;
  await workbench.command('Longhand: Publish to Hugging Face…');
  await workbench.fill('Dataset repository', 'owner/set');
  await workbench.asks('What applies?');
  await workbench.page.keyboard.press('Enter');
  await workbench.page.locator('.monaco-dialog-box').getByText('to owner/set?').waitFor({ timeout: 120_000 });
  await workbench.button('Upload');
  await workbench.notified(/Nothing to upload/, 120_000);
  assert.ok(hub.received.every(({ method }) => method === 'GET'));
}
