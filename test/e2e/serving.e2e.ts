import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { DatasetSettings, RunRecord } from '../../src/core/schemas/index.ts';
import { cacheFolder, starterPaths } from '../../src/models/starter/cache.ts';
import { STARTER_MODELS } from '../../src/models/starter/catalogue.ts';
import { writeCheckpoint, writeRun } from '../fixtures/training-run.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

const SCRIPT = join(ROOT, 'test', 'integration', 'serving', 'scripted-server.mjs');

/**
 * Serving from the palette: a checkpoint of a run by a SCRIPTED vLLM, which has no model, and a real GGUF file by Longhand's own runtime.
 * The run is made up too: its checkpoint has the files of one and no weights.
 */
export default async function servingTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'serving', prepare }, async ({ workbench, folder, longhand }) => {
    await suite.test('serving: a checkpoint of a run becomes the fine-tuned model, after its command was shown', () =>
      serveRun(workbench, folder),
    );
    await suite.test('serving: a server with too little memory reports it', () => tooLittleMemory(workbench, folder));
    await suite.test(
      'serving: a GGUF file is served by Longhand’s own runtime, and what is served can be stopped',
      () => serveFile(workbench, folder),
    );
    for (const name of ['serve-1', 'serve-2', 'serve-3']) await longhand('stop-run', folder, name);
  });
}

async function prepare({ folder }: Place): Promise<Options> {
  await writeRun(folder, 'sft-1');
  await writeCheckpoint(join(folder, 'runs', 'sft-1', 'out'), 12, true);
  const programs = { vllm: [process.execPath, SCRIPT, 'ok'], sglang: [process.execPath, SCRIPT, 'memory'] };
  return { settings: { 'longhand.starter.threads': 1, 'longhand.serving.programs': programs } };
}

async function serveRun(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Serve Checkpoint…');
  await workbench.asks(/sft-1, step 12/, 60_000);
  await workbench.screenshot('what-dark');
  await workbench.pick(/sft-1, step 12/);
  await workbench.asks(/Which server/);
  const offered = await workbench.quickInputText();
  assert.match(offered, /vLLM/);
  assert.match(offered, /converted to GGUF first/);
  await workbench.screenshot('server-dark');
  await workbench.pick(/vLLM/);
  await workbench.asks(/This is the command/, 60_000);
  assert.match(await workbench.quickInputText(), /--served-model-name sft-1-checkpoint-12-/);
  await workbench.screenshot('plan-dark');
  await workbench.pick(/Arguments…/);
  await workbench.fill(/end of the command/, '--max-model-len 8192');
  await workbench.asks(/--max-model-len 8192/, 60_000);
  assert.equal((await settingsOf(folder)).fineTuned, undefined);
  await workbench.pick(/Start vLLM/);
  await workbench.page.getByText('Run this command?').waitFor();
  await workbench.screenshot('command-dark');
  assert.match(
    await workbench.page.locator('.monaco-dialog-box').textContent().then(String),
    /--generation-config vllm\s+--max-model-len 8192/,
  );
  await workbench.button('Start');
  await workbench.notified(/sft-1-checkpoint-12-[0-9a-f]{8} is served at .* as the fine-tuned model/, 60_000);
  await workbench.screenshot('served-dark');
  const record = RunRecord.parse(JSON.parse(await readFile(join(folder, 'runs', 'serve-1', 'run.json'), 'utf8')));
  assert.deepEqual(record.command.slice(-2), ['--max-model-len', '8192']);
  assert.equal(record.serving?.run, 'sft-1');
  const { fineTuned } = await settingsOf(folder);
  assert.deepEqual(fineTuned, {
    kind: 'openai',
    baseURL: record.serving?.baseURL,
    model: record.serving?.modelName,
  });
  await workbench.clearNotifications();
}

async function tooLittleMemory(workbench: Workbench, folder: string): Promise<void> {
  const before = await settingsOf(folder);
  await workbench.command('Longhand: Serve Checkpoint…');
  await workbench.pick(/sft-1, step 12/);
  await workbench.pick(/SGLang/);
  await workbench.asks(/This is the command/, 60_000);
  await workbench.pick(/Start SGLang/);
  await workbench.button('Start');
  await workbench.notified(/SGLang did not start: there was not enough memory/, 60_000);
  await workbench.screenshot('memory-dark');
  assert.deepEqual(await settingsOf(folder), before);
  await workbench.clearNotifications();
}

async function serveFile(workbench: Workbench, folder: string): Promise<void> {
  const [model] = STARTER_MODELS;
  assert.ok(model);
  await workbench.theme('light');
  await workbench.command('Longhand: Serve Checkpoint…');
  await workbench.pick(/A GGUF file/);
  await workbench.chooseFile(starterPaths(cacheFolder(), model).weights);
  await workbench.asks(/Which server/, 60_000);
  const offered = await workbench.quickInputText();
  assert.doesNotMatch(offered, /vLLM/);
  await workbench.screenshot('server-light');
  await workbench.pick(/Longhand's runtime/);
  await workbench.asks(/This is the command/, 120_000);
  await workbench.screenshot('plan-light');
  await workbench.pick(/Start Longhand/);
  await workbench.page.getByText('Run this command?').waitFor();
  await workbench.screenshot('command-light');
  await workbench.button('Start');
  await workbench.notified(/is served at .* as the fine-tuned model/, 120_000);
  await workbench.screenshot('served-light');
  await workbench.clearNotifications();
  await workbench.command('Longhand: Serve Checkpoint…');
  await workbench.asks(/Stop serve-3/, 60_000);
  await workbench.screenshot('what-light');
  await workbench.pick(/Stop serve-3/);
  await workbench.notified(/is no longer served/, 60_000);
  const state = JSON.parse(await readFile(join(folder, 'runs', 'serve-3', 'attempts', '1', 'state.json'), 'utf8')) as {
    state: string;
  };
  assert.equal(state.state, 'stopped');
}

async function settingsOf(folder: string): Promise<DatasetSettings> {
  return DatasetSettings.parse(JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8')));
}
