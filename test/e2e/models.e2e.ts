import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { DatasetSettings } from '../../src/core/schemas/index.ts';
import { type ScriptedServer, startScriptedServer } from '../fixtures/server.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

/**
 * Selecting, checking and asking models, from the palette. The server and the models of VS Code are SCRIPTED; the model that is checked
 * is the starter model.
 */
export default async function modelTests(suite: Suite): Promise<void> {
  const server = await startScriptedServer(() => ({ content: 'The answer is \\boxed{1}.' }));
  const local = await localServer();
  try {
    await fromThePalette(suite, server);
  } finally {
    local?.close();
    await server.close();
  }
}

/** Something that answers where LM Studio would; undefined where something is there already, which answers as well. */
async function localServer(): Promise<Server | undefined> {
  const server = createServer((_, response) => response.end('{"data":[]}'));
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(1234, '127.0.0.1', () => resolve(server));
  });
}

async function fromThePalette(suite: Suite, server: ScriptedServer): Promise<void> {
  const prepare = async () => ({
    settings: { 'longhand.starter.threads': 1 },
    beside: [join(ROOT, 'test', 'host', 'provider')],
  });
  await onSample(suite, { name: 'models', prepare }, async (walk) => {
    const { workbench, folder } = walk;
    await suite.test('models: a server’s model is tried before it is written, and its address is remembered', () =>
      selectServer(workbench, folder, server),
    );
    await suite.test('models: a model of VS Code shows its limits', () => selectWindowModel(workbench, folder));
    await suite.test('models: a round’s options are in its plan', () => planRound(workbench));
    await suite.test('models: the starter model is checked, and the report is readable', () => check(walk));
  });
}

async function settingsOf(folder: string): Promise<DatasetSettings> {
  return DatasetSettings.parse(JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8')));
}

async function selectServer(workbench: Workbench, folder: string, server: ScriptedServer): Promise<void> {
  await workbench.command('Longhand: Manage Models…', 'Select Model…');
  await workbench.asks(/LM Studio/);
  await workbench.screenshot('select-first-dark');
  assert.match(await workbench.quickInputText(), /running/);
  await workbench.pick(/Another address/);
  await workbench.fill('Address of the server', server.baseURL);
  await workbench.asks(/Which model\?/);
  await workbench.pick('scripted');
  await workbench.asks(/Which prompts/, 60_000);
  await workbench.screenshot('select-prompts-dark');
  await workbench.pick('Full prompts');
  await workbench.until('the model in longhand.json', async () => (await settingsOf(folder)).model !== undefined);
  // VS Code shows few toasts at a time; others are only under the bell.
  await workbench.notified(/now generates the chains/, 8000).catch(async () => {
    await workbench.command('Notifications: Show Notifications');
    const center = workbench.page.locator('.notifications-center');
    await center.getByText('now generates the chains').waitFor();
  });
  await workbench.screenshot('selected-dark');
  assert.deepEqual((await settingsOf(folder)).model, { kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
  await workbench.clearNotifications();
}

async function selectWindowModel(workbench: Workbench, folder: string): Promise<void> {
  await workbench.theme('light');
  await workbench.command('Longhand: Manage Models…', 'Select Model…');
  await workbench.asks(/Which model of the dataset/);
  await workbench.screenshot('select-role-light');
  await workbench.pick('Fine-tuned model');
  await workbench.asks(/now selected/);
  await workbench.asks(/Willing/);
  await workbench.screenshot('select-kind-light');
  assert.match(await workbench.quickInputText(), /Needs this window/);
  await workbench.pick('Willing');
  const allow = workbench.page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: /Allow/ });
  const selected = async () => (await workbench.notifications()).some((text) => /is the fine-tuned model/.test(text));
  await workbench.until('the question or the model', async () => (await allow.isVisible()) || (await selected()));
  await workbench.screenshot('select-window-light');
  if (await allow.isVisible()) await allow.click();
  await workbench.notified(/is the fine-tuned model/, 60_000);
  await workbench.screenshot('selected-window-light');
  assert.equal((await settingsOf(folder)).fineTuned?.kind, 'vscode');
  await workbench.clearNotifications();
}

async function planRound(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Generate Chains…');
  await workbench.pick('All problems');
  await workbench.pick('Another number…');
  await workbench.fill('Number of problems', '5');
  await workbench.asks(/Which strategy/);
  await workbench.screenshot('generate-how-light');
  await workbench.pick('Options…');
  await workbench.asks(/Change options for this round/);
  await workbench.screenshot('generate-options-light');
  await workbench.pick(/^\s*Turns/);
  await workbench.asks(/How many answers/);
  await workbench.pick(/^\s*3/);
  await workbench.asks(/3 answers in a chain/);
  await workbench.pick(/^\s*Calls/);
  await workbench.asks(/One dialogue/);
  await workbench.screenshot('generate-asking-light');
  await workbench.pick(/^\s*One dialogue/);
  await workbench.pick(/^\s*Mode/);
  await workbench.asks(/Include the answer/);
  await workbench.screenshot('generate-mode-light');
  await workbench.pick(/^\s*Hinted/);
  await workbench.pick(/^\s*Behaviours switched off/);
  await workbench.asks(/behaviours to switch off/);
  await workbench.screenshot('generate-behaviours-light');
  await workbench.tick(['backward']);
  await workbench.pick(/^\s*First answers/);
  await workbench.fill('A number from 1 to 64', '6');
  await workbench.pick(/^\s*Chains kept/);
  await workbench.fill('A number from 1 to 20', '2');
  await workbench.asks(/Chains kept\s*2/);
  await workbench.screenshot('generate-changed-light');
  await workbench.pick('Continue');
  await workbench.asks(/requests/, 60_000);
  await workbench.screenshot('generate-plan-light');
  const plan = (await workbench.quickInputText()).replace(/\s+/g, ' ');
  assert.match(plan, /3 turns · one dialogue · hinted · without backward · 2 chains kept/);
  assert.match(plan, /first answers 6/);
  await workbench.page.keyboard.press('Escape');
}

async function check({ workbench, folder, longhand }: Walk): Promise<void> {
  await workbench.theme('dark');
  await longhand('model', folder, '--starter');
  await workbench.command('Longhand: Manage Models…', 'Check Endpoint');
  await workbench.pick(/smollm2/);
  await workbench.notified(/Checking/);
  await workbench.screenshot('check-working-dark');
  await workbench.until(
    'the report',
    async () => (await workbench.tabs()).some((name) => /smollm2/.test(name)),
    180_000,
  );
  await workbench.webview().getByRole('heading').first().waitFor();
  await workbench.screenshot('check-dark');
  await workbench.theme('light');
  await workbench.screenshot('check-light');
}
