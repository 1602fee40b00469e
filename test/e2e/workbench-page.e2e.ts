import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { JournalLine } from '../../src/core/schemas/index.ts';
import { DEFAULT_STARTER } from '../../src/models/starter/catalogue.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';
import { focusReader, openReader } from './road/reader.ts';

/** The starter reads and writes some ten tokens a second on a busy machine. */
const RUN = 300_000;

/** The prompt workbench in real VS Code, with the real starter model. */
export default async function workbenchPageTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'workbench-page', prepare }, async ({ workbench, folder }) => {
    await suite.test('workbench: a problem is chosen and run through its pieces', () => runAll(workbench, folder));
    await suite.test('workbench: an edited prompt shows its new hash, and its piece is run again and compared', () =>
      editAndCompare(workbench, folder),
    );
    await suite.test('workbench: nothing of it is in a round, and a run is stopped', () => stop(workbench, folder));
    await suite.test('workbench: the reader takes its problem there', async () => {
      await workbench.command('View: Close All Editors');
      await focusReader(await openReader(workbench));
      await workbench.page.keyboard.press('y');
      await workbench.page.locator('.tab').filter({ hasText: 'Prompt Workbench' }).waitFor();
      await workbench.webview().getByText('Not requested yet.').first().waitFor();
      await workbench.screenshot('from-reader-light');
    });
  });
  const settings = { 'longhand.keys': { 'workbench.runAll': ['k'] } };
  const untrusted = async (place: Place) => ({ ...(await prepare(place)), trusted: false, settings });
  await onSample(suite, { name: 'workbench-untrusted', prepare: untrusted }, ({ workbench, folder }) =>
    suite.test('workbench: a folder that is not trusted is looked at, and a key of the setting runs nothing', () =>
      withoutTrust(workbench, folder),
    ),
  );
}

async function prepare({ folder }: Place): Promise<Options> {
  const sampling = { temperature: 0.8, topP: 0.95, maxTokens: 96 };
  const dialogue = { answer: sampling, check: sampling, summary: sampling };
  const model = { kind: 'starter', model: DEFAULT_STARTER };
  await changeSettings(folder, { model, promptSet: 'small', dialogue });
  return {};
}

async function journal(folder: string): Promise<JournalLine[]> {
  const text = await readFile(join(folder, 'workbench', 'journal.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JournalLine.parse(JSON.parse(line)));
}

async function focus(frame: FrameLocator): Promise<void> {
  await frame.locator('.head h1').click();
}

async function idle(workbench: Workbench, frame: FrameLocator): Promise<void> {
  await workbench.until(
    'the end of the run',
    async () => /Run all/.test((await frame.locator('.foot').textContent()) ?? ''),
    RUN,
  );
}

async function runAll(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  await workbench.command('Longhand: Open Prompt Workbench');
  const frame = workbench.webview();
  await frame.getByText('Not requested yet.').first().waitFor({ timeout: 60_000 });
  await workbench.screenshot('begin-dark');
  await focus(frame);
  await keyboard.press('g');
  await workbench.fill(/Which problem/, 'arith-17');
  await frame.getByText('arith-17').first().waitFor();
  await focus(frame);
  await keyboard.press('Shift+A');
  await frame.locator('.streaming').first().waitFor({ timeout: RUN });
  await workbench.screenshot('streaming-dark');
  await idle(workbench, frame);
  await workbench.clearNotifications();
  assert.deepEqual(
    (await journal(folder)).map(({ piece }) => piece),
    ['answer[1]', 'check[1]', 'answer[2]', 'summary'],
  );
  await frame.locator('[data-piece="chain"]').waitFor();
  await workbench.screenshot('done-dark');
  assert.deepEqual(await accessibilityProblems(frame), []);
  await frame.locator('[data-piece="chain"]').scrollIntoViewIfNeeded();
  await workbench.screenshot('chain-dark');
  // All calls are in the journal: the same run sends nothing.
  await focus(frame);
  await keyboard.press('Shift+A');
  await frame.getByText('from the journal').first().waitFor({ timeout: 60_000 });
  await idle(workbench, frame);
  assert.equal((await journal(folder)).length, 4);
}

async function editAndCompare(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  const card = frame.locator('[data-piece="check[1]"]');
  const hash = await card.locator('.hash').textContent();
  await card.locator('h2').click();
  await keyboard.press('i');
  await card.locator('.message').first().waitFor();
  await workbench.screenshot('messages-dark');
  await keyboard.press('i');
  await keyboard.press('e');
  const tab = workbench.page.locator('.tab').filter({ hasText: 'check.md' });
  await tab.waitFor();
  const path = join(folder, 'prompts', 'small', 'check.md');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll('Work it out again and compare.', 'Work it out again, slowly, and compare.'));
  await card.getByText('changed').waitFor();
  assert.notEqual(await card.locator('.hash').textContent(), hash);
  await workbench.screenshot('changed-dark');
  await card.locator('h2').click();
  await keyboard.press('Shift+O');
  await workbench.until('the new call in the journal', async () => (await journal(folder)).length === 5, RUN);
  await idle(workbench, frame);
  const lines = await journal(folder);
  assert.notEqual(lines[4]?.promptHash, lines[1]?.promptHash);
  await card.locator('h2').click();
  await keyboard.press('c');
  await frame.locator('dialog ins').first().waitFor();
  await workbench.screenshot('compare-dark');
  assert.deepEqual(await accessibilityProblems(frame), []);
  await keyboard.press('Escape');
  await workbench.theme('light');
  await workbench.screenshot('beside-light');
  await workbench.page.locator('.tab').filter({ hasText: 'check.md' }).click({ button: 'middle' });
  await workbench.screenshot('done-light');
  assert.deepEqual(await accessibilityProblems(frame), []);
}

async function stop(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  assert.deepEqual(await readdir(join(folder, 'rounds')), ['0-handwritten']);
  const frame = workbench.webview();
  await frame.locator('[data-piece="answer[1]"] h2').click();
  await keyboard.press('z');
  await frame.locator('.streaming').first().waitFor({ timeout: RUN });
  await keyboard.press('Shift+Q');
  await idle(workbench, frame);
  const before = (await journal(folder)).length;
  // That nothing follows only time can show.
  await workbench.page.waitForTimeout(2000);
  assert.equal((await journal(folder)).length, before);
}

async function withoutTrust(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Open Prompt Workbench');
  const frame = workbench.webview();
  await frame.getByText('not trusted').first().waitFor({ timeout: 60_000 });
  await focus(frame);
  // The setting gives *Run All Pieces* another key.
  await workbench.page.keyboard.press('Shift+A');
  await workbench.page.waitForTimeout(1000);
  assert.equal(await frame.locator('.toast').textContent(), '');
  await workbench.page.keyboard.press('k');
  await frame.locator('.toast').getByText('not trusted').waitFor();
  await workbench.screenshot('untrusted-dark');
  assert.equal((await readdir(folder)).includes('workbench'), false);
}
