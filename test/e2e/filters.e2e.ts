import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { copySample } from '../../scripts/lib/sample.ts';
import { inTemporaryFolder, type Suite } from './lib/harness.ts';
import { Workbench } from './lib/workbench.ts';
import { focusReader, openReader } from './road/reader.ts';

/** Why a chain was dropped, and filtering again, in the editor. On the sample dataset, without a model. */
export default async function filtersTests(suite: Suite): Promise<void> {
  await inTemporaryFolder('filters', async (home) => {
    const folder = join(home, 'dataset');
    await copySample(folder);
    const screenshots = join(ARTIFACTS, 'e2e', 'filters');
    const settings = { 'longhand.reviewer': 'filters' };
    const workbench = await Workbench.start({ vsix: suite.vsix, folder, screenshots, settings });
    try {
      await suite.test('filters: the reader shows why a chain was filtered out', () => whyFilteredOut(workbench));
      await suite.test('filters: filtering again shows what would change and applies it', () =>
        refilter(workbench, folder),
      );
    } finally {
      await workbench.close();
    }
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
  const path = join(folder, 'longhand.json');
  const chains = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
  const before = await readFile(chains, 'utf8');
  const settings = JSON.parse(await readFile(path, 'utf8')) as { filters: Record<string, unknown> };
  settings.filters = { ...settings.filters, minLength: 400 };
  await writeFile(path, JSON.stringify(settings, null, 2));
  await workbench.command('Longhand: Rework Dataset…', 'Refilter Chains…');
  await workbench.notified(/Chains that pass: /, 60_000);
  await workbench.screenshot('refilter-dark');
  assert.equal(await readFile(chains, 'utf8'), before, 'a look changed the chains');
  await workbench.page.getByRole('button', { name: 'Apply' }).first().click();
  await workbench.notified(/(has|have) new results/, 60_000);
  assert.ok((await readFile(chains, 'utf8')).startsWith(before));
  assert.ok((await readFile(chains, 'utf8')).length > before.length, 'nothing was written');
}
