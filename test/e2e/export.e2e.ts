import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { ROOT } from '../../scripts/lib/paths.ts';
import { accessibilityProblems } from './lib/axe.ts';
import { openExportPage, planned, setField, writeExport } from './lib/export-page.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place, type Walk } from './lib/on-sample.ts';
import { THEMES, type Theme } from './lib/workbench.ts';

const WAIT = 30_000;

/** The page of Export Training Set: nothing is written before Write, the chains of a warning are excluded, and the files hold what was shown. */
export default async function exportTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'export', prepare }, async (walk) => {
    const { workbench, folder } = walk;
    const frame = await openExportPage(workbench);
    await suite.test('export: the page shows rows, tokens, warnings and the mask, and writes nothing', async () => {
      assert.equal(await tile(frame, 'rows'), 18);
      await frame
        .getByText(/with a wrong final answer/)
        .first()
        .waitFor();
      await frame.locator('.part.masked', { hasText: 'Masked: ' }).first().waitFor({ state: 'attached' });
      for (const theme of Object.keys(THEMES) as Theme[]) {
        await workbench.theme(theme);
        await workbench.screenshot(`page-${theme}`);
        assert.deepEqual(await accessibilityProblems(frame), [], theme);
      }
      await frame.locator('.preview article').nth(1).scrollIntoViewIfNeeded();
      await workbench.theme('dark');
      await workbench.screenshot('rows-dark');
      assert.ok(!(await readdir(folder)).includes('exports'));
    });
    await suite.test('export: with a model, the first rows are those that its chat template renders', () =>
      rendered(walk, frame),
    );
    await suite.test('export: steps, pairs and problems are shown as they are written', () => forms(walk, frame));
    await suite.test('export: a warning leads to its chains in the chain table', () => warned(walk, frame));
    await suite.test(
      'export: without the chains of a warning, split and written, the files hold what the page showed',
      () => written(walk),
    );
    await suite.test('export: a file of it can bring the whole export', () => importedBack(walk));
  });
}

/** All chains are accepted, also those with a wrong answer. */
async function prepare({ folder, longhand }: Place): Promise<Options> {
  await longhand('review', folder, '--reviewer', 'export', '--accept', '--where', '');
  const { chains } = (await longhand('chains', folder, '--limit', '1')) as { chains: { id: string }[] };
  const where = `chain = ${JSON.stringify(chains[0]?.id)}`;
  await longhand('review', folder, '--reviewer', 'export', '--first-wrong-step', '3', '--where', where);
  return {};
}

async function tile(frame: FrameLocator, label: string): Promise<number> {
  await planned(frame);
  const one = frame.locator('.tile').filter({ has: frame.getByText(label, { exact: true }) });
  return Number(((await one.locator('dd').first().textContent()) ?? '').replaceAll(/[≈,\s]/g, ''));
}

/** With a template that reads thoughts and one that does not, in a dark and a light theme. */
async function rendered({ workbench, home }: Walk, frame: FrameLocator): Promise<void> {
  await setSelect(frame, 'Chains in pieces', 'thought');
  const row = frame.locator('.preview article').first();
  for (const name of ['qwen3', 'kimi-k2']) {
    const model = join(home, name);
    await mkdir(model);
    await writeFile(join(model, 'config.json'), '{}');
    await writeFile(join(model, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<|im_end|>' }));
    await copyFile(join(ROOT, 'test', 'fixtures', 'templates', `${name}.jinja`), join(model, 'chat_template.jinja'));
    await setField(frame, 'Folder of the model', model);
    await frame.getByText(`rendered by the chat template of ${model}`).waitFor();
    for (const text of ['<think>', '</think>', '<|im_end|>'])
      await row.locator('.part.trained', { hasText: text }).first().waitFor({ state: 'attached' });
    for (const theme of ['dark', 'light'] as const) {
      await workbench.theme(theme);
      await frame.locator('.preview h2').evaluate((title) => title.scrollIntoView());
      await workbench.screenshot(`rendered-${name}-${theme}`);
      await row.evaluate((article) => article.scrollIntoView({ block: 'end' }));
      await workbench.screenshot(`rendered-${name}-end-${theme}`);
      assert.ok(
        await row.evaluate(({ ownerDocument: { documentElement: page } }) => page.scrollHeight <= page.clientHeight),
      );
    }
    assert.deepEqual(await accessibilityProblems(frame), []);
  }
  await workbench.theme('dark');
  await setField(frame, 'Folder of the model', '');
  await setSelect(frame, 'Chains in pieces', 'answer');
}

async function setSelect(frame: FrameLocator, label: string, value: string): Promise<void> {
  await frame.locator('label.field').filter({ hasText: label }).locator('select').selectOption(value);
  await planned(frame);
}

/** With what is shown in the preview of each form, in a dark and a light theme. */
const SHOWN = {
  stepwise: '.preview .row-steps li',
  prm800k: '.preview .row-steps li',
  dpo: '.outcome .trouble',
  kto: '.outcome .trouble',
  grpo: '.preview .row-facts',
} as const;

async function forms({ workbench }: Walk, frame: FrameLocator): Promise<void> {
  for (const [form, shown] of Object.entries(SHOWN)) {
    await setSelect(frame, 'Rows for', form);
    await frame.locator(shown).first().waitFor();
    for (const theme of ['dark', 'light'] as const) {
      await workbench.theme(theme);
      await frame
        .locator(shown)
        .first()
        .evaluate((one) => one.scrollIntoView({ block: 'center' }));
      await workbench.screenshot(`form-${form}-${theme}`);
      assert.deepEqual(await accessibilityProblems(frame), [], `${form} ${theme}`);
    }
  }
  await workbench.theme('dark');
  await setSelect(frame, 'Rows for', 'sft');
}

const wrongAnswers = (frame: FrameLocator) => frame.locator('.warnings li').filter({ hasText: 'wrong final answer' });

async function warned({ workbench }: Walk, frame: FrameLocator): Promise<void> {
  const wrong = Number.parseInt((await wrongAnswers(frame).textContent()) ?? '', 10);
  assert.ok(wrong > 0);
  await wrongAnswers(frame)
    .getByRole('button', { name: /Show Chains/ })
    .click();
  await workbench.tab(/Chains: /);
  const table = workbench.webview();
  await table
    .locator('.count')
    .filter({ hasText: new RegExp(`^${wrong} of`) })
    .waitFor({ timeout: WAIT });
  await workbench.screenshot('chains-dark');
}

async function written({ workbench, folder }: Walk): Promise<void> {
  const frame = await openExportPage(workbench);
  await wrongAnswers(frame)
    .getByRole('button', { name: /^Leave Out/ })
    .click();
  await frame.getByRole('button', { name: /^Include/ }).waitFor({ timeout: WAIT });
  await setField(frame, 'Share in percent', '20');
  await setSelect(frame, 'Format', 'both');
  await setField(frame, 'Folder in exports/', 'mine');
  await frame.getByText(/rows for validation to exports\/mine\.|row for validation to exports\/mine\./).waitFor();
  const [train, validation] = [await tile(frame, 'rows'), await tile(frame, 'rows for validation')];
  await workbench.screenshot('left-out-dark');
  assert.ok(!(await readdir(folder)).includes('exports'));
  await writeExport(workbench, frame);
  await workbench.screenshot('written-dark');
  const lines = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, 'exports', 'mine', name), 'utf8')).trimEnd().split('\n');
  assert.equal((await lines('train.messages.jsonl')).length, train);
  assert.equal((await lines('validation.messages.jsonl')).length, validation);
  assert.ok((await readdir(join(folder, 'exports', 'mine'))).includes('train.messages.parquet'));
  const left = (await lines('left-out.jsonl')).map((line) => (JSON.parse(line) as { reason: string }).reason);
  assert.deepEqual([...new Set(left)], ['warning']);
  assert.equal(train + validation + left.length, 18);
}

async function importedBack({ workbench, folder }: Walk): Promise<void> {
  await workbench.command('Longhand: Import Traces…');
  await workbench.chooseFile(join(folder, 'exports', 'mine', 'train.messages.jsonl'));
  await workbench.asks('The file belongs to an export of Longhand.');
  await workbench.screenshot('import-dark');
  await workbench.pick('Import the whole export');
  // The dataset has its chains already; their reviews are new where they were edited.
  await workbench.notified(/Imported 0 traces|in the dataset already/);
}
