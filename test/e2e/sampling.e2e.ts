import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';

/** Stage 2 from the palette, with the starter model: plan a round, see each change, run it, show the difficulty. */
export default async function samplingTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'sampling' }, async ({ workbench, folder }) => {
    const planned = await suite.test('sampling: without a model the page reports it and leads to one', () =>
      selectModel(workbench),
    );
    if (!planned) return;
    const small = await suite.test('sampling: a plan follows each change of policy and budget', () => plan(workbench));
    // Without the change the round would be one of hours.
    if (!small) return;
    await suite.test('sampling: the planned round runs to its end', () => run(workbench, folder));
    await suite.test('sampling: difficulty is shown after the round, and saved', () => difficulty(workbench, folder));
  });
}

async function selectModel(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Plan Sampling Round…');
  const frame = workbench.webview();
  await frame.getByText('no base model').first().waitFor({ timeout: 60_000 });
  await workbench.screenshot('no-model-dark');
  await frame.getByRole('button', { name: 'Select Model…' }).click();
  await workbench.pick('Starter model');
  await workbench.asks('Which prompts', 60_000);
  await workbench.pick('Small prompts');
  await frame.getByRole('button', { name: /Run round/ }).waitFor({ timeout: 120_000 });
}

async function samples(frame: FrameLocator): Promise<number> {
  const text = await frame.locator('.outcome:not(.stale) .tile dd').first().textContent();
  // Numbers that rest on the prior begin with ≈.
  return Number((text ?? '').replaceAll(/[≈,\s]/g, ''));
}

async function plan(workbench: Workbench): Promise<void> {
  const frame = workbench.webview();
  const cascade = await samples(frame);
  assert.ok(cascade > 68, `a cascade of 2, 10, 100 over 68 problems asks for ${cascade} samples`);
  await workbench.clearNotifications();
  await workbench.screenshot('plan-dark');
  const set = async (label: string, value: string): Promise<void> => {
    const field = frame.getByLabel(label, { exact: true });
    await field.fill(value);
    await field.press('Tab');
  };
  await set('Samples by stage', '2, 4, 8');
  await workbench.until('a smaller plan', async () => (await samples(frame)) < cascade);
  const smaller = await samples(frame);
  await frame.getByRole('radio', { name: /Adaptive/ }).click();
  await workbench.until('the plan of another policy', async () => (await samples(frame)) !== smaller);
  await workbench.screenshot('plan-adaptive-dark');
  await set('Samples', '20');
  await frame.getByText('The budget of samples ends the round').waitFor();
  await workbench.theme('light');
  await workbench.screenshot('plan-budget-light');
  await set('Samples', '');
  await frame.getByRole('radio', { name: /Cascade/ }).click();
  await set('Samples by stage', 'many');
  assert.equal(await frame.getByLabel('Samples by stage').evaluate((field) => field.matches(':invalid')), true);
  await workbench.until('no way to run what was not meant', () =>
    frame.getByRole('button', { name: /Run round/ }).isDisabled(),
  );
  await set('Samples', '-7');
  // The command reveals the same page.
  await workbench.command('Longhand: Plan Sampling Round…');
  assert.equal(await frame.getByLabel('Samples', { exact: true }).inputValue(), '-7');
  await set('Samples', '');
  await set('Samples by stage', '1, 2');
  await set('Max problems', '6');
  await set('Max tokens per response', '48');
  await workbench.until('the plan of six problems', async () => (await samples(frame)) < 20);
}

async function run(workbench: Workbench, folder: string): Promise<void> {
  const frame = workbench.webview();
  await frame.getByRole('button', { name: /Run round/ }).click();
  await workbench.notified(/1-sampling is finished: .* of 6 problems solved/, 300_000);
  await workbench.screenshot('finished-light');
  const summary = JSON.parse(await readFile(join(folder, 'rounds', '1-sampling', 'summary.json'), 'utf8'));
  assert.equal(summary.sampling.ended.how, 'finished');
  assert.ok(summary.sampling.samples >= 6 && summary.sampling.samples <= 18);
  await workbench.clearNotifications();
}

async function difficulty(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Show Difficulty');
  const frame = workbench.webview();
  await frame.locator('.picture svg').waitFor({ timeout: 60_000 });
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`difficulty-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), [], theme);
  }
  await frame.getByRole('button', { name: /Problems as CSV/ }).click();
  const file = join(folder, 'difficulty.csv');
  await workbench.chooseFile(file);
  await workbench.notified(/difficulty\.csv/);
  const [head = '', ...rows] = (await readFile(file, 'utf8')).trim().split('\r\n');
  assert.equal(head, 'problem_id,state,attempts,successes,ungraded,mean,low,high');
  assert.equal(rows.length, 68);
}
