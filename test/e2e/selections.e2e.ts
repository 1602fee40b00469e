import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selectionsReport } from '../../src/core/selections/index.ts';
import { PLAN, resultOf } from '../fixtures/selections.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

/** Selections compared from the palette: the plan of a new comparison, and the result of a stored one. */
export default async function selectionsTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'selections', prepare }, async ({ workbench }) => {
    await suite.test('selections: a filter is planned on and off, with what can go wrong', () => plan(workbench));
    await suite.test('selections: the result of a stored comparison is a page, dark and light', () =>
      result(workbench),
    );
  });
}

async function prepare({ folder }: Place): Promise<Options> {
  await mkdir(join(folder, 'benchmarks'), { recursive: true });
  const rows = [
    { id: 'h1', problem: 'What is 123 plus 458?', answer: '581' },
    { id: 'h2', problem: 'Compute the product of 17 and 23.', answer: '391' },
  ];
  await writeFile(join(folder, 'benchmarks', 'two.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const stored = join(folder, 'comparisons', PLAN.comparison);
  await mkdir(stored, { recursive: true });
  const found = resultOf(PLAN);
  await writeFile(join(stored, 'plan.json'), JSON.stringify(PLAN));
  await writeFile(join(stored, 'result.json'), JSON.stringify(found));
  await writeFile(join(stored, 'report.md'), selectionsReport(PLAN, found));
  return {};
}

async function plan(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Selections…');
  await workbench.asks('Which selections');
  await workbench.screenshot('what-dark');
  await workbench.pick('A filter on and off');
  await workbench.asks('Which filter');
  await workbench.pick('one-box');
  await workbench.asks('held-out problems');
  await workbench.pick('benchmarks/two.jsonl');
  await workbench.asks('change a setting');
  await workbench.pick('Answers per problem');
  await workbench.asks('Answers per problem and seed');
  await workbench.input.fill('3');
  await workbench.page.keyboard.press('Enter');
  await workbench.asks('change a setting');
  await workbench.screenshot('settings-dark');
  await workbench.pick('Show Plan');
  await workbench.asks('Train which model');
  await workbench.pick('Starter model');
  await workbench.tab(/Selections of/);
  const page = workbench.webview();
  await page.getByRole('heading', { name: 'Compare Selections' }).waitFor({ timeout: 60_000 });
  const text = await page.locator('main').innerText();
  assert.match(text, /3 seeds, 2 held-out problems, 3 answers each/);
  assert.match(text, /So few rows hardly change a model/);
  assert.match(text, /6 trainings/);
  assert.ok(await page.getByRole('button', { name: 'Start' }).isEnabled());
  await workbench.screenshot('plan-dark');
}

async function resultPage(workbench: Workbench): Promise<ReturnType<Workbench['webview']>> {
  await workbench.tab(/Selections of/);
  const page = workbench.webview();
  await page.getByRole('heading', { name: 'What does not follow' }).waitFor({ timeout: 60_000 });
  return page;
}

async function result(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Selections…');
  await workbench.asks('Which selections');
  await workbench.pick('1-filters');
  await resultPage(workbench);
  await workbench.command('View: Close All Editors');
  await workbench.command('View: Show Longhand');
  await workbench.page.locator('.monaco-list-row', { hasText: 'Comparisons' }).first().click();
  await workbench.until('the comparison with its points', async () =>
    (await workbench.tree('Datasets')).some((one) => /1-filters\s*\S+ points/.test(one)),
  );
  await workbench.screenshot('tree-dark');
  await workbench.page.locator('.monaco-list-row', { hasText: '1-filters' }).first().click();
  const page = await resultPage(workbench);
  const text = await page.locator('main').innerText();
  assert.match(text, /A (?:is|are) better than (?:those trained on )?B: \+\d+\.\d points/);
  assert.match(text, /problems better, /);
  assert.match(text, /its chains 130/);
  await workbench.screenshot('result-dark');
  await workbench.theme('light');
  await workbench.screenshot('result-light');
  await page.getByRole('heading', { name: 'What does not follow' }).scrollIntoViewIfNeeded();
  await workbench.screenshot('result-end-light');
  await page.getByRole('button', { name: 'Open Report' }).click();
  await workbench.tab(/Preview report\.md/);
}
