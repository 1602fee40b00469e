import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentFolder } from '../../src/system/python-environment.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

const SMALL = { width: 1280, height: 720 };

/** The first minutes of a new user in a small window: the walkthrough opens by itself, and training offers to install the trainer. */
export default async function firstTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'first', prepare }, async ({ workbench, env }) => {
    await workbench.page.setViewportSize(SMALL);
    await suite.test('first: the walkthrough opens by itself, with the step that is done ticked', () =>
      walkthrough(workbench),
    );
    await suite.test('first: a closed walkthrough does not come back with the window', async () => {
      await workbench.command('View: Close All Editors');
      await workbench.open();
      await workbench.until('the dataset', () => workbench.offers('Longhand: Open Review Queue'), 90_000);
      await workbench.page.keyboard.press('Escape');
      assert.equal(await workbench.page.locator('.getting-started-step').count(), 0);
    });
    await suite.test('first: a trainer that is not installed is offered for installation, and nothing else', () =>
      notInstalled(workbench),
    );
    await suite.test(
      'first: an installation shows size and rate, can be cancelled, and leaves no temporary files',
      () => install(workbench, env.LONGHAND_CACHE ?? ''),
    );
  });
}

async function prepare({ folder, longhand }: Place): Promise<Options> {
  await longhand('export', folder, '--select', 'passed');
  return { settings: { 'workbench.startupEditor': 'welcomePage' } };
}

async function walkthrough(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  const steps = page.locator('.getting-started-step');
  // The steps themselves, not the list of walkthroughs on the welcome page.
  await steps.filter({ hasText: 'Read and review chains' }).first().waitFor({ timeout: 60_000 });
  const done = steps.filter({ hasText: 'Open a dataset' }).locator('.complete');
  await workbench.until('a tick at the first step', async () => (await done.count()) > 0);
  await workbench.screenshot('walkthrough-dark');
  // Escape, which closes a palette, leaves a walkthrough too.
  await workbench.theme('light');
  await workbench.command('Longhand: Open Walkthrough');
  await steps.filter({ hasText: 'Read and review chains' }).first().waitFor();
  await workbench.screenshot('walkthrough-light');
  await workbench.theme('dark');
}

async function notInstalled(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Train…');
  await workbench.pick('passed');
  await workbench.pick('TRL');
  await workbench.pick('Starter model');
  await workbench.pick('This Machine');
  await workbench.asks('is not installed', 120_000);
  const rows = await workbench.rows.allInnerTexts();
  assert.equal(rows.length, 1, rows.join('\n'));
  assert.match(rows[0] ?? '', /Install Trainer \(1\.4 GB\)/);
  assert.doesNotMatch(await workbench.quickInputText(), /ENOENT|spawn/);
  assert.deepEqual(
    (await workbench.tabs()).filter((name) => name !== 'Welcome'),
    [],
  );
  await workbench.screenshot('not-installed-dark');
}

/** From PyPI, as far as a first rate. */
async function install(workbench: Workbench, cache: string): Promise<void> {
  await workbench.pick(/Install Trainer/);
  await workbench.notified(/Downloading .* · [\d.,]+ [kM]B · [\d.,]+ [kM]B\/s/, 240_000);
  await workbench.screenshot('installing-dark');
  await workbench.button('Cancel');
  await workbench.asks('is not installed', 60_000);
  const python = join(environmentFolder(cache, 'trainer'), '..');
  await workbench.until('pip to end', async () => !(await readdir(python)).includes('trainer.tmp'), 30_000);
  await workbench.pick(/Install Trainer/);
  await workbench.notified(/Installing TRL/, 30_000);
  await workbench.button('Cancel');
  await workbench.asks('is not installed', 60_000);
  await workbench.page.keyboard.press('Escape');
}
