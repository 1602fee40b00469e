import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { run } from '../../scripts/lib/process.ts';
import { annotate } from '../../src/core/behaviours/annotate.ts';
import type { CalibrationPlan } from '../../src/core/review/calibration/index.ts';
import type { Chain } from '../../src/core/schemas/index.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';
import { focusReader, openReader, shownChain } from './road/reader.ts';

/** Grading and behaviours in the editor: overruling, regrading, spans by keyboard, calibration. On the sample dataset, without a model. */
export default async function eyesTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'eyes', prepare }, async ({ workbench, folder }) => {
    await suite.test('review: a verdict is explained and overruled with a reason', () => overrule(workbench, folder));
    await suite.test('review: a span is relabelled, extended, split and merged by keyboard', () =>
      spans(workbench, folder),
    );
    await suite.test('review: a selection that ends in a formula labels all of it, and x removes the label', () =>
      labelFormula(workbench, folder),
    );
    await suite.test('review: the end of a span is dragged with the mouse', () => drag(workbench, folder));
    await suite.test('review: after 50 labels in the reader, it offers to update the classifier', () =>
      offered(workbench, folder),
    );
    await suite.test('review: a regrading shows what would flip and changes nothing', () => regrade(workbench, folder));
    await suite.test('review: sentences are labelled to calibrate the classifier, and the result is shown', () =>
      calibrate(workbench, folder),
    );
    await suite.test(
      'review: after 50 labels the update of the classifier is offered, and chains are marked with it',
      () => teach(workbench, folder),
    );
  });
}

const prepare = async (): Promise<Options> => ({ settings: { 'longhand.keys': KEYS } });
/** Keys of two actions of Calibrate Classifier: one has the meaning of a key of the reader. */
const KEYS = { 'review.labelVerification': ['1', 'Shift+K'], 'calibrate.none': ['k'] };

async function acts(folder: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, 'reviews', 'eyes.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function overrule(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = await openReader(workbench);
  await focusReader(frame);
  await keyboard.press('v');
  await frame.getByText('normal form').first().waitFor();
  await workbench.screenshot('verdict-dark');
  await keyboard.press('w');
  await keyboard.press('Enter');
  await frame.getByText('Choose an outcome.').waitFor();
  await keyboard.press('1');
  await keyboard.press('Enter');
  await frame.locator('.ask .dim').filter({ hasText: 'Enter a reason.' }).waitFor();
  await keyboard.type('the gold is of another question');
  await workbench.screenshot('overrule-dark');
  await keyboard.press('Enter');
  await workbench.until('the override in the file', async () =>
    (await acts(folder)).some(({ act }) => act === 'override'),
  );
  const override = (await acts(folder)).find(({ act }) => act === 'override');
  assert.equal(override?.reason, 'the gold is of another question');
  assert.equal(override.reviewer, 'eyes');
  await frame.getByText('overruled').first().waitFor();
  await workbench.screenshot('overruled-dark');
  await focusReader(frame);
  await keyboard.press('u');
  await workbench.until('its undoing in the file', async () => (await acts(folder)).at(-1)?.act === 'undo');
}

async function spans(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const before = (await acts(folder)).length;
  for (const key of [']', '2', 'Shift+ArrowRight', '|', '+']) {
    const count = (await acts(folder)).length;
    await keyboard.press(key);
    if (key !== ']') await workbench.until(`the act of ${key}`, async () => (await acts(folder)).length > count);
  }
  const made = (await acts(folder)).slice(before);
  assert.deepEqual(new Set(made.map(({ act }) => act)), new Set(['respan']));
  const split = made.at(2)?.add as { start: number; end: number }[];
  const merged = made.at(3)?.add as { start: number; end: number }[];
  assert.equal(split.length, 2);
  // Merging takes the split back.
  assert.deepEqual([merged[0]?.start, merged[0]?.end], [split[0]?.start, split[1]?.end]);
  await workbench.screenshot('spans-dark');
  const unnamed = await workbench
    .webview()
    .locator('.span-tools button')
    .evaluateAll(
      (buttons) => buttons.filter((button) => !button.title || (button.textContent ?? '').trim() === '').length,
    );
  assert.equal(unnamed, 0, 'a tool of the span has no name');
}

/** Selects from the beginning of a text into the formula behind it; returns the formula. */
const SELECT_INTO_FORMULA = `(() => {
  const formula = [...document.querySelectorAll('.trace .formula')].find((one) => one.previousSibling instanceof Text);
  const range = document.createRange();
  range.setStart(formula.previousSibling, 0);
  const inside = document.createTreeWalker(formula.querySelector('.katex-html'), NodeFilter.SHOW_TEXT).nextNode();
  range.setEnd(inside, 1);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return formula.querySelector('annotation').textContent;
})()`;

async function labelFormula(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  await keyboard.press('Escape');
  const count = (await acts(folder)).length;
  const source = String(await frame.locator('body').evaluate(SELECT_INTO_FORMULA));
  await keyboard.press('4');
  await workbench.until('the label', async () => (await acts(folder)).length === count + 1);
  const label = (await acts(folder)).at(-1);
  const stored = await readFile(join(folder, 'rounds', '0-handwritten', 'chains.jsonl'), 'utf8');
  const id = await shownChain(frame);
  const chain = stored.split('\n').find((line) => line.includes(JSON.stringify(id))) ?? '';
  const text = String(JSON.parse(chain).text).slice(Number(label?.start), Number(label?.end));
  assert.equal(label?.act, 'label');
  assert.ok(
    [`$${source}$`, `\\(${source}\\)`].some((formula) => text.endsWith(formula)),
    `“${text}”, not “${source}”`,
  );
  await keyboard.press('x');
  await workbench.until('its removal', async () => (await acts(folder)).length === count + 2);
  const removal = (await acts(folder)).at(-1);
  assert.deepEqual([removal?.act, removal?.spanId], ['unlabel', label?.id]);
}

async function drag(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard, mouse } = workbench.page;
  const frame = workbench.webview();
  const count = (await acts(folder)).length;
  await keyboard.press(']');
  const handle = await frame.locator('.span-handle.end').boundingBox();
  assert.ok(handle !== null);
  await mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await mouse.down();
  // To a place in the same line, before its old end.
  await mouse.move(handle.x - 120, handle.y + handle.height / 2, { steps: 6 });
  const pointed = await frame.locator('body').evaluate('[...CSS.highlights.get("pointed")].length');
  await mouse.up();
  await workbench.until('the new end', async () => (await acts(folder)).length === count + 1);
  assert.ok(Number(pointed) > 0, 'the new span was not shown while it was dragged');
  const respan = (await acts(folder)).at(-1);
  assert.equal(respan?.act, 'respan');
  const [add] = respan.add as { start: number; end: number }[];
  assert.ok(add !== undefined && add.start < add.end);
  assert.equal(await frame.locator('.span.focused').first().isVisible(), true, 'the span is not selected any more');
}

async function offered(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  await focusReader(frame);
  await keyboard.press('Escape');
  const labels = async (): Promise<number> =>
    (await acts(folder)).filter(({ act }) => ['label', 'unlabel', 'respan'].includes(String(act))).length;
  const toast = workbench.page.locator('.notification-toast').filter({ hasText: 'can learn from your labels' });
  for (let count = await labels(); count < 50; count = await labels()) {
    assert.equal(await toast.count(), 0, `offered after ${count} labels`);
    await keyboard.press('ArrowDown');
    for (const key of ['1', '3', '4'].slice(0, 50 - count)) await keyboard.press(key);
    await workbench.until(`more than ${count} labels`, async () => (await labels()) > count);
  }
  await workbench.notified(/can learn from your labels/);
  await workbench.screenshot('update-offered-in-reader-dark');
  await workbench.button('Not Now');
  await toast.waitFor({ state: 'detached' });
  assert.equal(await shownChain(frame).then((id) => id !== ''), true);
}

async function regrade(workbench: Workbench, folder: string): Promise<void> {
  const chains = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
  const before = await readFile(chains);
  await workbench.command('Longhand: Rework Dataset…', 'Regrade Answers…');
  await workbench.asks(/by which policy/);
  await workbench.screenshot('regrade-policy-dark');
  await workbench.pick(/strict/);
  await workbench.notified(/strict/, 60_000);
  await workbench.screenshot('regrade-dark');
  assert.ok((await readFile(chains)).equals(before), 'a look changed the chains');
  assert.equal((await readdir(join(folder, 'gradings'))).length, 1);
  await workbench.clearNotifications();
}

async function calibrate(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  await workbench.command('View: Close All Editors');
  await workbench.command('Longhand: Calibrate Classifier…', /^New calibration/);
  await workbench.pick(/50 sentences/);
  const frame = workbench.webview();
  await frame.getByText('1 of 50').first().waitFor({ timeout: 60_000 });
  const [name = ''] = await readdir(join(folder, 'calibrations'));
  const labels = async (): Promise<string[]> => {
    const text = await readFile(join(folder, 'calibrations', name, 'labels.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  };
  await frame.locator('body').click({ position: { x: 5, y: 5 } });
  await keyboard.press('Shift+K');
  await keyboard.press('Enter');
  await frame.getByText('2 of 50').first().waitFor();
  await workbench.screenshot('calibrate-dark');
  // The key of before does nothing now.
  await keyboard.press('0');
  await keyboard.press('k');
  await frame.getByText('3 of 50').first().waitFor();
  const written = (await labels()).map((line) => JSON.parse(line) as { sentence: number; kinds: string[] });
  assert.deepEqual(
    written.map(({ kinds }) => kinds),
    [['verification'], []],
  );
  await workbench.theme('light');
  await workbench.screenshot('calibrate-light');
  await frame.locator('body').click({ position: { x: 5, y: 5 } });
  await keyboard.press('Shift+R');
  await frame
    .getByText(/classifier/i)
    .first()
    .waitFor();
  await workbench.screenshot('calibrate-result-light');
  assert.deepEqual(await accessibilityProblems(frame), []);
  await workbench.command('View: Close All Editors');
  const reader = await openReader(workbench);
  assert.notEqual(await shownChain(reader), '');
  await focusReader(reader);
  await keyboard.press('v');
  for (const key of [']', ']', 'Shift+ArrowRight']) await keyboard.press(key);
  await workbench.screenshot('reader-light');
  await keyboard.press('?');
  await workbench.screenshot('sheet-light');
  await keyboard.press('?');
  await reader.locator('dialog[open]').waitFor({ state: 'detached' });
  await keyboard.press('w');
  await workbench.screenshot('overrule-light');
  await keyboard.press('Escape');
}

async function chainsOf(folder: string): Promise<Map<string, Chain>> {
  const text = await readFile(join(folder, 'rounds', '0-handwritten', 'chains.jsonl'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => JSON.parse(line) as Chain).map((chain) => [chain.id, chain]));
}

/** Another reviewer's labels of 300 sentences, for whom verification is what the classifier reads as looking at what is there. */
async function labelsOfAnother(folder: string): Promise<void> {
  const draw = ['--draw', '300', '--order', 'learning', '--reviewer', 'another', '--seed', '3'];
  await run(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), 'calibrate', folder, ...draw]);
  const calibration = join(folder, 'calibrations', '2-another');
  const { sentences } = JSON.parse(await readFile(join(calibration, 'plan.json'), 'utf8')) as CalibrationPlan;
  const chains = await chainsOf(folder);
  const lines = sentences.map(({ chainId, start, end }, sentence) => {
    const read = annotate(chains.get(chainId)?.text ?? '').sentences.find(
      (one) => one.start <= start && one.end >= end,
    );
    const kinds = read && ['verify', 'monitor', 'answer'].includes(read.phase) ? ['verification'] : [];
    return JSON.stringify({ act: 'label', sentence, kinds, id: `a${sentence}`, at: '2026-01-01', reviewer: 'another' });
  });
  await writeFile(join(calibration, 'labels.jsonl'), `${lines.join('\n')}\n`);
}

async function teach(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('View: Close All Editors');
  await workbench.clearNotifications();
  await labelsOfAnother(folder);
  await workbench.command('Longhand: Calibrate Classifier…', /^Resume 1-eyes/);
  const frame = workbench.webview();
  await frame.getByText('3 of 50').first().waitFor({ timeout: 60_000 });
  await frame.locator('body').click({ position: { x: 5, y: 5 } });
  await workbench.page.keyboard.press('k');
  await workbench.notified(/can learn from your labels/);
  await workbench.screenshot('update-offered-light');
  await workbench.button('Update Classifier');
  const gain = await workbench.notified(/on held-back labels/, 120_000);
  assert.match(gain, /Update the classifier from \d+ labels: verification precision \d\.\d\d → \d\.\d\d/);
  await workbench.screenshot('update-found-light');
  await workbench.button('Apply');
  await workbench.notified(/is updated \(version 1\)/, 120_000);
  await workbench.button('Mark Chains Again');
  await workbench.notified(/new marks/, 120_000);
  const spans = [...(await chainsOf(folder)).values()].flatMap((chain) => chain.spans);
  const versions = spans.flatMap(({ source, version }) => (source === 'classifier' ? [version ?? ''] : []));
  assert.ok(
    versions.some((version) => version.endsWith('+1')),
    `versions: ${[...new Set(versions)].join(', ')}`,
  );
  await workbench.page.keyboard.press('Escape');
}
