import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './lib/harness.ts';
import { changeSettings, onSample } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';
import { focusReader, openReader } from './road/reader.ts';

/** Why a chain was dropped, and filtering again, in the editor. On the sample dataset, without a model. */
export default async function filtersTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'filters' }, async ({ workbench, folder }) => {
    await suite.test('filters: the reader shows why a chain was filtered out', () => whyFilteredOut(workbench));
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
