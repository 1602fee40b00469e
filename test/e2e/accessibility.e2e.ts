import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { runRecord, storedRun } from '../fixtures/training-run.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { focusReader, openReader, readerShown } from './road/reader.ts';

/** axe-core on the pages that the sample dataset opens, in four themes, and the order of Tab in the reader. */
export default async function accessibilityTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'accessibility', prepare }, async ({ workbench }) => {
    for (const [name, open] of Object.entries(PAGES)) {
      await suite.test(`accessibility: axe-core finds nothing in the ${name} page, in four themes`, async () => {
        await workbench.command('View: Close All Editors');
        const frame = await open(workbench);
        const problems: string[] = [];
        for (const theme of Object.keys(THEMES) as Theme[]) {
          await workbench.theme(theme);
          await workbench.screenshot(`${name}-${theme}`);
          problems.push(...(await accessibilityProblems(frame)).map((problem) => `${theme}: ${problem}`));
        }
        assert.deepEqual(problems, []);
      });
    }
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await suite.test(`accessibility: axe-core finds nothing in what the reader opens on demand, in ${theme}`, () =>
        onDemand(workbench, theme),
      );
    }
    await suite.test('accessibility: the outline goes to a part of the trace by keyboard, and announces it', () =>
      outlined(workbench),
    );
    await suite.test('accessibility: Tab goes from the head over facts and chain to the buttons', () =>
      tabOrder(workbench),
    );
  });
}

async function prepare({ folder }: Place): Promise<Options> {
  await writeTraining(folder);
  await secondSample(folder);
  return {};
}

const RUN = '1-train';

const PAGES: Record<string, (workbench: Workbench) => Promise<FrameLocator>> = {
  review: async (workbench) => {
    const frame = await openReader(workbench);
    await focusReader(frame);
    // With a span lit and all that opens opened, everything of the page is there.
    await workbench.page.keyboard.press(']');
    await frame.locator('.span-tools').waitFor();
    // The stroke before a label's name distinguishes the behaviours without colour.
    const strokes = `Math.min(...[...document.querySelectorAll('.label .stroke')].map((one) => one.getBoundingClientRect().width))`;
    assert.ok(
      Number(await frame.locator('body').evaluate(strokes)) >= 14,
      'the stroke of a label is narrower than drawn',
    );
    for (const summary of await frame.locator('.facts summary').all()) await summary.click();
    return frame;
  },
  workbench: async (workbench) => {
    await workbench.command('Longhand: Open Prompt Workbench');
    await workbench.webview().getByText('Not requested yet.').first().waitFor({ timeout: 60_000 });
    return workbench.webview();
  },
  plan: async (workbench) => {
    await workbench.command('Longhand: Plan Sampling Round…');
    await workbench.webview().getByText('no base model').first().waitFor({ timeout: 60_000 });
    return workbench.webview();
  },
  'plan with a model': async (workbench) => {
    await workbench.command('Longhand: Manage Models…', 'Select Model…');
    await workbench.pick('Starter model');
    await workbench.asks('Which prompts', 60_000);
    await workbench.pick('Small prompts');
    await workbench.command('Longhand: Plan Sampling Round…');
    await workbench.webview().locator('.outcome:not(.stale) .tile').first().waitFor({ timeout: 120_000 });
    await workbench.clearNotifications();
    return workbench.webview();
  },
  loss: async (workbench) => {
    await workbench.command('Longhand: Show Loss');
    await workbench.webview().locator('.loss-body svg').first().waitFor({ timeout: 60_000 });
    return workbench.webview();
  },
  calibrate: async (workbench) => {
    await workbench.command('Longhand: Calibrate Classifier…');
    await workbench.pick(/50 sentences/);
    await workbench.webview().getByText('1 of 50').first().waitFor({ timeout: 60_000 });
    return workbench.webview();
  },
};

/** Another sample of the first chain's problem, for the comparison. */
async function secondSample(folder: string): Promise<void> {
  const path = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
  const [first = ''] = (await readFile(path, 'utf8')).split('\n');
  const chain = JSON.parse(first) as { id: string };
  await appendFile(path, `${JSON.stringify({ ...chain, id: `${chain.id}-again` })}\n`);
}

/** A training as its files would be after two steps; none is run. */
async function writeTraining(folder: string): Promise<void> {
  const run = await storedRun(folder, runRecord(RUN));
  const lines = [
    { event: 'begin', step: 0, total: 8, t: 0 },
    { event: 'log', step: 1, t: 6, loss: 1.5, lr: 1e-5, tokens: 1_200 },
    { event: 'log', step: 2, t: 12, loss: 1.25, lr: 1e-5, tokens: 2_400 },
  ];
  await writeFile(join(run.folder, 'progress.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** What a key opens over the reader, and what shows that it is open. */
const ON_DEMAND: readonly (readonly [name: string, key: string, shown: string])[] = [
  ['reject', 'r', '.ask'],
  ['note', 'm', '.ask'],
  ['overrule', 'w', '.ask'],
  ['find', '/', '.find input'],
  ['keys', '?', 'dialog[open] .groups'],
  ['compare', 'c', '.comparison .sample .block'],
  ['outline', 'o', 'dialog[open] [role="option"]'],
];

/** In a queue with a filter, so that its chip is there too; in a small window, where the key sheet scrolls. */
async function onDemand(workbench: Workbench, theme: Theme): Promise<void> {
  const { page } = workbench;
  await workbench.theme(theme);
  await workbench.command('View: Close All Editors');
  await page.setViewportSize({ width: 1280, height: 720 });
  await workbench.command('Longhand: Show Round');
  await workbench.pick('Open Review Queue');
  const frame = await readerShown(workbench);
  await frame.locator('.filter-chip').first().waitFor();
  const problems = [...(await accessibilityProblems(frame))];
  for (const [name, key, shown] of ON_DEMAND) {
    await focusReader(frame);
    await page.keyboard.press(key);
    await frame.locator(shown).first().waitFor();
    await workbench.screenshot(`${name}-${theme}`);
    problems.push(...(await accessibilityProblems(frame)).map((problem) => `${name}: ${problem}`));
    await page.keyboard.press('Escape');
    await frame.locator(shown).first().waitFor({ state: 'hidden' });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.deepEqual(problems, []);
}

async function outlined(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.command('View: Close All Editors');
  const frame = await openReader(workbench);
  await focusReader(frame);
  await page.keyboard.press('o');
  const chosen = frame.locator('.outline [aria-selected="true"]');
  await chosen.waitFor();
  const rows = await frame.locator('.outline [role="option"]').count();
  for (let press = 0; press < rows; press += 1) await page.keyboard.press('ArrowDown');
  assert.equal(await chosen.getAttribute('id'), `outline-${rows - 1}`);
  await page.keyboard.press('ArrowUp');
  const words = ((await chosen.locator('.words').textContent()) ?? '').replace(/…$/, '').trim();
  const phase = (await chosen.locator('.name').textContent()) ?? '';
  await page.keyboard.press('Enter');
  await frame.locator('dialog.outline').waitFor({ state: 'hidden' });
  const heard = (await frame.locator('.quiet').textContent()) ?? '';
  assert.ok(heard.startsWith(`${phase}, `) && heard.includes(words), `${heard} is not the announcement of ${words}`);
  // The highlighted text, or the formula in its place, is on the screen.
  const place = `(() => {
    const range = [...CSS.highlights.get('pointed')][0];
    const box = (range ?? document.querySelector('.formula.pointed')).getBoundingClientRect();
    const view = document.querySelector('.scroller').getBoundingClientRect();
    return [String(range ?? ''), box.top >= view.top && box.bottom <= view.bottom];
  })()`;
  const [text, onScreen] = (await frame.locator('body').evaluate(place)) as [string, boolean];
  assert.ok(onScreen, 'the part is not on the screen');
  assert.ok(words.startsWith(text.replace(/\s+/g, ' ').trim().slice(0, 20)), `${text} is not the start of ${words}`);
}

async function tabOrder(workbench: Workbench): Promise<void> {
  await workbench.command('View: Close All Editors');
  // With a filter, whose button is in the head.
  await workbench.command('Longhand: Show Round');
  await workbench.pick('Open Review Queue');
  const frame = await readerShown(workbench);
  await frame.locator('.filter-chip button').first().focus();
  const regions: string[] = [];
  // As text: the tests are typed for Node, without the DOM.
  const region = `(() => document.activeElement?.closest('.head, .facts, .scroller, .foot')?.className.split(' ')[0] ?? '')()`;
  for (let press = 0; press < 60 && regions.at(-1) !== 'foot'; press += 1) {
    const now = String(await frame.locator('body').evaluate(region));
    if (now !== '' && now !== regions.at(-1)) regions.push(now);
    await workbench.page.keyboard.press('Tab');
  }
  assert.deepEqual(regions, ['head', 'facts', 'scroller', 'foot']);
}
