import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { foldActs } from '../../src/core/review/index.ts';
import { Chain, ReviewAct } from '../../src/core/schemas/index.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { focusReader, openReader, readerShown, shownChain } from './road/reader.ts';

const CHAINS = ['rounds', '0-handwritten', 'chains.jsonl'];

/** Samples side by side, the sentence cursor and other keys of the setting, with the keyboard alone. Asserts on the review file. */
export default async function compareTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'compare', prepare }, async ({ workbench, folder }) => {
    await suite.test('compare: keys that clash in the setting are named, and the others apply', () =>
      remapped(workbench),
    );
    await suite.test('compare: one sample is kept and the others rejected in one step, with one undo', () =>
      keep(workbench, folder),
    );
    await suite.test('compare: samples are accepted and rejected one by one, and scroll together', () =>
      each(workbench, folder),
    );
    await suite.test('compare: two and four samples are side by side, and the others of those are rejected', () =>
      twoAndFour(workbench, folder),
    );
    await suite.test('compare: axe-core finds nothing in the comparison, in four themes', () => themes(workbench));
    await suite.test('compare: sentences are labelled with the cursor', () => sentences(workbench, folder));
    await suite.test('compare: a selection by the mouse ends at whole words', () => snap(workbench, folder));
    await suite.test('compare: a changed setting applies to the open reader', () => changedKeys(workbench));
  });
}

/** Two more samples of the first problem, one of them wrong, and keys of which two clash. */
async function prepare({ folder }: Place): Promise<Options> {
  const path = join(folder, ...CHAINS);
  const [first = ''] = (await readFile(path, 'utf8')).split('\n');
  const chain = Chain.parse(JSON.parse(first));
  const wrong = { ...chain.verdict, outcome: 'incorrect', extracted: '999' };
  const others = [
    // One sentence of another text of the same length.
    {
      ...chain,
      id: `${chain.id}-wrong`,
      class: 'FF',
      verdict: wrong,
      spans: [],
      text: chain.text.replace(/\w{3}/, 'Abc'),
    },
    { ...chain, id: `${chain.id}-again`, model: 'another-model' },
  ];
  await appendFile(path, others.map((other) => `${JSON.stringify(other)}\n`).join(''));
  return { settings: { 'longhand.keys': { 'review.keepSample': ['0'], 'review.accept': ['r'] } } };
}

async function chains(folder: string): Promise<Chain[]> {
  const lines = (await readFile(join(folder, ...CHAINS), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => Chain.parse(JSON.parse(line)));
}

async function acts(folder: string): Promise<ReviewAct[]> {
  const text = await readFile(join(folder, 'reviews', 'compare.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [ReviewAct.parse(JSON.parse(line))]));
}

/** Decision and reason of each sample of the first problem, from the file. */
async function decisions(folder: string): Promise<string[]> {
  const [first, ...others] = await chains(folder);
  const samples = [first, ...others.filter(({ problemId }) => problemId === first?.problemId)];
  const made = await acts(folder);
  return samples.map((chain) => {
    assert.ok(chain !== undefined);
    const { decision, reason } = foldActs(chain, made);
    return [decision, ...(reason === undefined ? [] : [reason])].join(': ');
  });
}

async function decided(workbench: Workbench, folder: string, expected: readonly string[]): Promise<void> {
  await workbench.until(`${expected.join(', ')} in the file`, async () => {
    return JSON.stringify(await decisions(folder)) === JSON.stringify(expected);
  });
}

async function remapped(workbench: Workbench): Promise<void> {
  const frame = await openReader(workbench);
  // A notification disappears after some seconds, and stays in the list.
  await workbench.command('Notifications: Show Notifications');
  const problem = await workbench.notified(/longhand\.keys/);
  assert.match(problem, /“r” is a key of both “Accept Chain” and “Reject Chain with Reason…” in the reader/);
  await workbench.clearNotifications();
  await focusReader(frame);
  await workbench.page.keyboard.press('?');
  assert.equal(await keepKey(frame), '0');
  await workbench.page.keyboard.press('?');
}

async function changedKeys(workbench: Workbench): Promise<void> {
  const { keyboard } = workbench.page;
  const shown = await shownChain(workbench.webview());
  await workbench.command('Preferences: Open User Settings (JSON)');
  const line = workbench.page.locator('.view-line').filter({ hasText: '"0"' });
  await line.click();
  for (const key of ['End', 'ArrowLeft', 'Shift+ArrowLeft']) await keyboard.press(key);
  await keyboard.insertText('F2');
  for (const key of ['Control+S', 'Escape']) await keyboard.press(key);
  await line.waitFor({ state: 'hidden' });
  await workbench.command('Longhand: Open Review Queue');
  const frame = await readerShown(workbench);
  // The reader starts again some time after the file is saved.
  await workbench.until('the new key in the sheet', async () => {
    await readerShown(workbench);
    await focusReader(frame);
    await keyboard.press('?');
    const key = await keepKey(frame).catch(() => null);
    await keyboard.press('Escape');
    return key === 'F2';
  });
  assert.equal(await shownChain(frame), shown, 'the reader lost its place');
}

/** The key of *Keep This Sample* in the open sheet. */
async function keepKey(frame: FrameLocator): Promise<string | null> {
  const row = frame.locator('dialog[open] dl > div').filter({ hasText: 'Keep This Sample' });
  return row.locator('kbd').textContent({ timeout: 5_000 });
}

async function openComparison(workbench: Workbench): Promise<FrameLocator> {
  const frame = workbench.webview();
  await focusReader(frame);
  await workbench.page.keyboard.press('c');
  await frame.locator('.comparison .trace[aria-busy="false"]').nth(2).waitFor();
  return frame;
}

async function keep(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  // The announcement is shown for some seconds, in which a busy machine renders no sample.
  const [frame] = await Promise.all([openComparison(workbench), workbench.hears(/^Sample 1 of 3: /)]);
  await workbench.screenshot('three-dark');
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await workbench.hears(/^Sample 3 of 3: .*another-model/);
  const written = (await acts(folder)).length;
  await keyboard.press('0');
  await decided(workbench, folder, ['rejected: another sample kept', 'rejected: another sample kept', 'accepted']);
  const made = (await acts(folder)).slice(written);
  assert.deepEqual(made.map(({ act, reviewer }) => [act, reviewer]).sort(), [
    ['accept', 'compare'],
    ['reject', 'compare'],
    ['reject', 'compare'],
  ]);
  await workbench.screenshot('kept-dark');
  await keyboard.press('u');
  await decided(workbench, folder, ['pending', 'pending', 'pending']);
  await frame.locator('.comparison .decision-accepted').waitFor({ state: 'detached' });
  await keyboard.press('Shift+U');
  await decided(workbench, folder, ['rejected: another sample kept', 'rejected: another sample kept', 'accepted']);
  await keyboard.press('u');
  await decided(workbench, folder, ['pending', 'pending', 'pending']);
}

async function each(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  await keyboard.press('ArrowLeft');
  // The second sample is wrong: the key asks, and asks again within half a second.
  await keyboard.press('a');
  await frame.locator('.question:not(:empty)').waitFor();
  await keyboard.press('Escape');
  await frame.locator('.comparison').waitFor({ state: 'hidden' });
  await openComparison(workbench);
  await keyboard.press('ArrowRight');
  await keyboard.press('r');
  await frame.locator('.ask').waitFor();
  await keyboard.press('2');
  await keyboard.press('Enter');
  await decided(workbench, folder, ['pending', 'rejected: wrong or missing final answer', 'pending']);
  await keyboard.press('ArrowLeft');
  await keyboard.press('a');
  await decided(workbench, folder, ['accepted', 'rejected: wrong or missing final answer', 'pending']);
  await keyboard.press('End');
  const tops = async (): Promise<number[]> =>
    frame.locator('.sample > .scroller').evaluateAll((all) => all.map((one) => one.scrollTop));
  await workbench.until('the others to follow', async () => (await tops()).every((top) => top > 0));
  await keyboard.press('l');
  const before = await tops();
  await keyboard.press('Home');
  await workbench.until('the first sample at its top', async () => (await tops())[0] === 0);
  assert.deepEqual((await tops()).slice(1), before.slice(1), 'the others followed');
  await keyboard.press('l');
  await workbench.until('the others at their top', async () => (await tops()).every((top) => top === 0));
  await keyboard.press('h');
  await workbench.hears(/^0 sentences are in this sample only/);
  await keyboard.press('ArrowRight');
  await keyboard.press('h');
  await keyboard.press('h');
  await workbench.hears(/^1 sentence is in this sample only/);
  const painted = String(await frame.locator('body').evaluate(`String([...CSS.highlights.get('differs')][0])`));
  assert.ok(painted.startsWith('Abc'), `${painted} is painted`);
}

/** A fourth sample comes while three are compared. */
async function twoAndFour(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  for (const undone of [
    ['pending', 'rejected: wrong or missing final answer', 'pending'],
    ['pending', 'pending', 'pending'],
  ]) {
    await keyboard.press('u');
    await decided(workbench, folder, undone);
  }
  const [first] = await chains(folder);
  await appendFile(join(folder, ...CHAINS), `${JSON.stringify({ ...first, id: `${first?.id}-fourth` })}\n`);
  const frame = workbench.webview();
  const shown = async (count: number): Promise<void> => {
    await workbench.until(
      `${count} samples`,
      async () => (await frame.locator('.comparison .sample').count()) === count,
    );
    await frame
      .locator('.comparison .trace[aria-busy="false"]')
      .nth(count - 1)
      .waitFor();
  };
  const kept = async (current: number, others: readonly number[]): Promise<void> => {
    await keyboard.press('0');
    const expected = Array.from({ length: 4 }, (_, at) => {
      if (at === current) return 'accepted';
      return others.includes(at) ? 'rejected: another sample kept' : 'pending';
    });
    await decided(workbench, folder, expected);
    await workbench.screenshot(`${others.length + 1}-samples-kept`);
    await keyboard.press('u');
    await decided(
      workbench,
      folder,
      Array.from({ length: 4 }, () => 'pending'),
    );
  };
  // The last of three is removed: two are left, and the second is current.
  await Promise.all([workbench.hears(/^Sample 3 of 3/), keyboard.press('ArrowRight')]);
  await keyboard.press('Shift+X');
  await shown(2);
  await keyboard.press('ArrowLeft');
  await kept(0, [1]);
  for (const count of [3, 4]) {
    await keyboard.press('Shift+C');
    await shown(count);
  }
  await workbench.screenshot('four-samples');
  await keyboard.press('Shift+C');
  await frame.locator('.toast').filter({ hasText: 'All samples of the problem are shown.' }).waitFor();
  for (const to of [2, 3, 4])
    await Promise.all([workbench.hears(new RegExp(`^Sample ${to} of 4`)), keyboard.press('ArrowRight')]);
  await kept(3, [0, 1, 2]);
  assert.deepEqual(await accessibilityProblems(frame), []);
}

async function themes(workbench: Workbench): Promise<void> {
  const problems: string[] = [];
  for (const theme of Object.keys(THEMES) as Theme[]) {
    // The palette of this walk begins with Esc, which closes the comparison.
    await workbench.theme(theme);
    const frame = await openComparison(workbench);
    // The differences are still on.
    assert.equal(await frame.locator('body').evaluate(`CSS.highlights.get('differs').size > 0`), true);
    await workbench.screenshot(`compared-${theme}`);
    problems.push(...(await accessibilityProblems(frame)).map((problem) => `${theme}: ${problem}`));
  }
  await workbench.theme('dark');
  assert.deepEqual(problems, []);
}

async function sentences(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard } = workbench.page;
  await workbench.command('View: Close All Editors');
  const frame = await openReader(workbench);
  await focusReader(frame);
  const id = await shownChain(frame);
  const chain = (await chains(folder)).find((one) => one.id === id);
  assert.ok(chain !== undefined);
  const said = (place: { start: number; end: number }): string => chain.text.slice(place.start, place.end);
  let count = (await acts(folder)).length;
  const next = async (): Promise<ReviewAct | undefined> => {
    await workbench.until('the next act', async () => (await acts(folder)).length > count);
    return (await acts(folder))[count++];
  };
  await keyboard.press('ArrowDown');
  const ring = frame.locator('.sentence-ring path');
  await ring.first().waitFor({ state: 'attached' });
  await workbench.screenshot('cursor-dark');
  await workbench.hears(/^Sentence 1 of \d+.*: \S/);
  await keyboard.press('ArrowDown');
  await workbench.hears(/^Sentence 2 of/);
  await keyboard.press('1');
  const label = await next();
  assert.ok(label?.act === 'label' && label.kind === 'verification');
  await workbench.hears(/^Labelled verification/);
  assert.equal(said(label), said(label).trim());
  await keyboard.press('2');
  const second = await next();
  assert.ok(second?.act === 'label' && second.kind === 'backtracking');
  assert.deepEqual([second.start, second.end], [label.start, label.end]);
  await keyboard.press('Shift+ArrowDown');
  await workbench.hears(/^Sentences 2 to 3 of/);
  await workbench.screenshot('cursor-extended-dark');
  await keyboard.press('3');
  const both = await next();
  assert.ok(both?.act === 'label' && both.kind === 'subgoal');
  assert.ok(both.start === label.start && both.end > label.end);
  await keyboard.press('x');
  const removal = await next();
  assert.equal(removal?.act, 'unlabel');
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`cursor-${theme}`);
  }
  await workbench.theme('dark');
  await focusReader(frame);
  await keyboard.press('Escape');
  await ring.first().waitFor({ state: 'detached' });
}

async function snap(workbench: Workbench, folder: string): Promise<void> {
  const { keyboard, mouse } = workbench.page;
  const frame = workbench.webview();
  const paragraph = frame.locator('.trace .block .body').first();
  const box = await paragraph.boundingBox();
  assert.ok(box !== null);
  await mouse.move(box.x + 23, box.y + 8);
  await mouse.down();
  await mouse.move(box.x + 151, box.y + 8, { steps: 5 });
  await mouse.up();
  const selected = String(await frame.locator('body').evaluate('String(getSelection())'));
  const count = (await acts(folder)).length;
  await keyboard.press('4');
  await workbench.until('the label', async () => (await acts(folder)).length === count + 1);
  const label = (await acts(folder)).at(-1);
  assert.ok(label?.act === 'label');
  const chain = (await chains(folder)).find(({ id }) => id === label.chainId);
  const text = chain?.text ?? '';
  const isWord = (at: number): boolean => /[\p{L}\p{N}]/u.test(text.charAt(at));
  const isInside = (at: number): boolean => isWord(at - 1) && isWord(at);
  assert.ok(
    !isInside(label.start) && !isInside(label.end),
    `“${text.slice(label.start, label.end)}” ends inside of a word`,
  );
  assert.ok(selected.length > 0);
}
