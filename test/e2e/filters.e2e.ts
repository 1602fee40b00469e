import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Suite } from './lib/harness.ts';
import { changeSettings, onSample } from './lib/on-sample.ts';
import { unfold } from './lib/unfold.ts';
import type { Workbench } from './lib/workbench.ts';
import { focusReader, openReader } from './road/reader.ts';

/** Why a chain was dropped, and filtering again, in the editor. On the sample dataset, without a model. */
export default async function filtersTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'filters' }, async ({ workbench, folder }) => {
    await suite.test('filters: the reader shows why a chain was filtered out', () => whyFilteredOut(workbench));
    await suite.test('filters: checked values and a typed query narrow the queue', () => query(workbench));
    await suite.test('filters: a double click on a value of the queue shows its chains in the table', () =>
      doubleClick(workbench),
    );
    await suite.test('filters: filtering again shows what would change and applies it', () =>
      refilter(workbench, folder),
    );
  });
}

async function whyFilteredOut(workbench: Workbench): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = await openReader(workbench);
  await focusReader(frame);
  const heading = frame.getByText('Why was this filtered out?');
  for (let moves = 0; moves < 20 && !(await heading.isVisible()); moves++) {
    await keyboard.press('n');
    await heading.waitFor({ timeout: 300 }).catch(() => undefined);
  }
  await heading.waitFor();
  await keyboard.press('f');
  await workbench.screenshot('dropped-dark');
  await workbench.theme('light');
  await workbench.screenshot('dropped-light');
  await workbench.theme('dark');
}

/** The row of the Review Queue that begins with a text. */
function queueRow({ page }: Workbench, text: string): Locator {
  return page
    .locator('.monaco-list[aria-label^="Review Queue"] .monaco-list-row')
    .filter({ hasText: new RegExp(`^\\s*${text}`) })
    .first();
}

/** Three checks in the Review Queue, the same in one line, a range, a text, and back. */
async function query(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  const row = (text: string) => queueRow(workbench, text);
  const check = async (facet: string, value: string): Promise<void> => {
    await unfold(workbench, row(facet), row(value));
    await row(value).locator('.custom-view-tree-node-item-checkbox').click();
  };
  const frame = await openReader(workbench);
  await workbench.command('View: Show Longhand');
  const chips = async (): Promise<string[]> => (await frame.locator('.filter-label').allTextContents()).sort();
  const shows = (expected: readonly string[]): Promise<void> =>
    workbench.until(
      `the filters ${expected.join(', ')}`,
      async () => (await chips()).join() === [...expected].sort().join(),
    );
  await check('Verdict', 'Correct');
  await shows(['Verdict: Correct']);
  await check('Class', 'TF');
  await check('Level', '5');
  await shows(['Verdict: Correct', 'Class: TF · right, then wrong', 'Level: 5']);
  await workbench.screenshot('queue-checked-dark');
  await frame.locator('.filter-chip button').first().click();
  await workbench.until('one chip less', async () => (await chips()).length === 2);

  await focusReader(frame);
  await page.keyboard.press('q');
  await workbench.asks(/of 18 chains match/);
  const input = page.locator('.quick-input-widget:visible input');
  await input.fill('class = FT and tokens > 10 and chain ~ /let me|check/i');
  await workbench.asks(/(?<!\d)1?[1-9] of 18 chains match/);
  await workbench.screenshot('query-dark');
  await page.keyboard.press('Enter');
  await shows(['Class: FT · wrong, then right', 'Tokens > 10', 'Chain matches /let me|check/i']);
  await workbench.theme('light');
  await workbench.screenshot('query-light');
  await workbench.theme('dark');
  await focusReader(frame);
  await page.keyboard.press('q');
  await workbench.asks(/chains match/);
  await input.fill('tokns > 4');
  await workbench.asks(/There is no field “tokns”/);
  await workbench.screenshot('query-wrong-dark');
  await page.keyboard.press('Escape');
  assert.equal((await chips()).length, 3, 'a cancelled query changed the filters');
}

/** A click on a value shows its chains in the reader, a double click in the table. */
async function doubleClick(workbench: Workbench): Promise<void> {
  const row = (text: string) => queueRow(workbench, text);
  await workbench.command('View: Show Longhand');
  await unfold(workbench, row('Class'), row('FT'));
  await row('FT').locator('.label-name').dblclick();
  await workbench.tab(/^Chains/);
  const table = workbench.webview();
  await table.getByRole('gridcell').first().waitFor();
  assert.equal(await table.getByRole('combobox', { name: 'Query' }).inputValue(), 'class = FT');
}

async function refilter(workbench: Workbench, folder: string): Promise<void> {
  const chains = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
  const before = await readFile(chains, 'utf8');
  const { filters } = JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8')) as { filters: object };
  await changeSettings(folder, { filters: { ...filters, minLength: 400 } });
  await workbench.command('Longhand: Rework Dataset…', 'Refilter Chains…');
  await workbench.notified(/Chains that pass: /, 60_000);
  await workbench.screenshot('refilter-dark');
  assert.equal(await readFile(chains, 'utf8'), before, 'a look changed the chains');
  await workbench.page.getByRole('button', { name: 'Apply' }).first().click();
  await workbench.notified(/(has|have) new results/, 60_000);
  assert.ok((await readFile(chains, 'utf8')).startsWith(before));
  assert.ok((await readFile(chains, 'utf8')).length > before.length, 'nothing was written');
}
