import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { startScriptedHub } from '../fixtures/hub.ts';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A set of the Hugging Face hub from the palette. The hub is SCRIPTED: the real one can't be reached from the tests. */
export default async function hubTests(suite: Suite): Promise<void> {
  const columnData = [
    { name: 'question', data: ['Ann has 2 pears and buys 3. How many?', 'Ben eats 1 of 9 figs. How many are left?'] },
    { name: 'answer', data: ['She has 2+3=5.\n#### 5', 'He has 9-1=8.\n#### 8'] },
  ];
  const rows = new Uint8Array(parquetWriteBuffer({ columnData }));
  const files = { 'README.md': '# GSM8K', 'main/test-00000-of-00001.parquet': rows };
  const hub = await startScriptedHub({ 'openai/gsm8k': { commit: COMMIT, card: { license: 'mit' }, files } });
  try {
    const prepare = async ({ folder }: Place): Promise<Options> => {
      const model = { kind: 'openai', baseURL: 'http://127.0.0.1:9/v1', model: 'never-asked' };
      await changeSettings(folder, { model });
      return { env: { HF_ENDPOINT: hub.url } };
    };
    await onSample(suite, { name: 'hub', prepare }, async ({ workbench, folder }) => {
      await suite.test('hub: a known set is previewed with its commit and licence, and imported', () =>
        importSet(workbench, folder),
      );
      await suite.test('hub: a set by its name is planned for an evaluation, pinned to the commit', () =>
        planEvaluation(workbench),
      );
    });
  } finally {
    await hub.close();
  }
}

async function importSet(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Import Problems…');
  await workbench.asks('Where do the problems come from?');
  await workbench.pick('Hugging Face set…');
  await workbench.asks('of the set to its cache');
  await workbench.screenshot('known-sets');
  await workbench.pick('openai/gsm8k');
  await workbench.asks('Nothing is written before you confirm.', 60_000);
  await workbench.asks('openai/gsm8k@0123456');
  await workbench.screenshot('preview');
  await workbench.pick(/^\s*Import into /);
  await workbench.notified(/Imported 2 problems/);
  const text = await readFile(join(folder, 'problems', 'gsm8k.jsonl'), 'utf8');
  assert.match(text, new RegExp(`"source":"hf:openai/gsm8k:main/test@${COMMIT}"`));
  assert.match(text, /"licence":"mit"/);
}

async function planEvaluation(workbench: Workbench): Promise<void> {
  await workbench.clearNotifications();
  await workbench.command('Longhand: Evaluate…');
  await workbench.asks('Which problems');
  await workbench.pick('Hugging Face set…');
  await workbench.pick('Another set…');
  await workbench.fill('Which set on the Hugging Face Hub', 'openai/gsm8k:main/test');
  await workbench.asks('How many samples');
  await workbench.pick('4 samples');
  await workbench.asks('No requests sent', 60_000);
  assert.match(
    await workbench.quickInputText(),
    /openai\/gsm8k@0123456 · main\/test-00000-of-00001.parquet · licence mit/,
  );
  await workbench.screenshot('plan');
  await workbench.page.keyboard.press('Escape');
}
