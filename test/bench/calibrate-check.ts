/**
 * Drives the built page of Calibrate Classifier in Chromium under the extension's content policy, with a real session over a real dataset
 * folder: `node test/bench/calibrate-check.ts [FOLDER FOR PICTURES]`. Prints the results; exits 1 if a check fails.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { CalibrationSession } from '../../src/editor/review/calibrate/session.ts';
import { datasetSource } from '../../src/editor/review/calibrate/source.ts';
import { FromCalibrate } from '../../src/protocol/calibrate.ts';
import { Dataset, readCalibration } from '../../src/store/index.ts';
import { run as sample } from '../../src/verbs/dataset/sample.ts';
import { run as calibrate } from '../../src/verbs/review/calibrate.ts';
import { buildAndLaunch } from './reader/browser.ts';
import { clickInto, until } from './reader/look.ts';
import { servePage } from './reader/serve.ts';
import { THEMES, type Theme } from './reader/themes.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = process.argv[2];
const context = {
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
  distFolder: join(root, 'dist'),
  mediaFolder: join(root, 'media'),
  env: {},
  input: () => process.stdin,
  rows: () => process.stdout,
  endsBadly: () => undefined,
};

/** What VS Code's webview gives the page, and a listener for violations of the policy. */
const STAND_IN = `
  window.__errors = [];
  document.addEventListener('securitypolicyviolation', (event) => window.__errors.push(event.violatedDirective + ' ' + event.sourceFile));
  window.acquireVsCodeApi = () => ({ postMessage: (message) => void window.toHost(message) });
`;

interface PostTarget {
  postMessage(data: unknown, origin: string): void;
}

const folder = await mkdtemp(join(tmpdir(), 'longhand-calibrate-'));
const browser = await buildAndLaunch();
try {
  await sample({ dataset: join(folder, 'sample') }, context);
  const { calibration } = await calibrate(
    { dataset: join(folder, 'sample'), draw: 50, reviewer: 'r1', seed: 1 },
    context,
  );
  for (const [name, theme] of Object.entries(THEMES)) await look(calibration, name, theme);
  await label(calibration);
  console.log('ok');
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

/** Keys, a reload in the middle, the result. */
async function label(calibration: string): Promise<void> {
  const { page, close } = await open(browser, calibration, THEMES.dark);
  for (const key of ['1', 'Enter', '3', '3', 'Enter', 's', '0']) await page.keyboard.press(key);
  await until(page, 'document.querySelector(".position")?.textContent === "5 of 50"');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await until(page, 'document.querySelector(".choice .pressed")?.textContent.includes("Skip") === true');
  await page.reload();
  await until(page, 'document.querySelector(".position")?.textContent === "3 of 50"');
  await close();
  const again = await open(browser, calibration, THEMES.dark);
  await until(again.page, 'document.querySelector(".position")?.textContent === "5 of 50"');
  const verbs = ['Enter', '1 Enter', '0', '2 Enter', '3 Enter', '0'];
  for (let i = 4; i < 50; i++) {
    for (const key of (verbs[i % verbs.length] ?? '0').split(' ')) await again.page.keyboard.press(key);
  }
  await until(again.page, 'document.querySelector(".result h1") !== null');
  for (const [name, theme] of Object.entries(THEMES)) {
    const shown = await open(browser, calibration, theme);
    await until(shown.page, 'document.querySelector(".result h1") !== null');
    await picture(shown.page, `result-${name}`);
    await shown.close();
  }
  await again.page.setViewportSize({ width: 620, height: 700 });
  await picture(again.page, 'result-narrow');
  await again.close();
}

async function look(calibration: string, name: string, theme: Theme): Promise<void> {
  const { page, close } = await open(browser, calibration, theme);
  await until(page, 'document.querySelector(".target") !== null');
  await picture(page, `sentence-${name}`);
  await page.keyboard.press('d');
  await until(page, 'document.querySelector("dialog[open]") !== null');
  await picture(page, `definitions-${name}`);
  await page.keyboard.press('d');
  await page.keyboard.press('?');
  await picture(page, `keys-${name}`);
  await page.keyboard.press('Escape');
  await until(page, 'document.querySelector("dialog[open]") === null');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  await until(page, 'document.querySelectorAll(".choice .pressed").length === 2');
  await picture(page, `labelled-${name}`);
  await page.keyboard.press('u');
  await page.keyboard.press('u');
  await until(page, 'document.querySelectorAll(".choice .pressed").length === 0');
  await page.setViewportSize({ width: 560, height: 640 });
  await picture(page, `narrow-${name}`);
  assert.deepEqual(await page.evaluate('window.__errors'), [], 'the policy had nothing to refuse');
  await close();
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Serves the page on loopback with a session, as a panel has. */
async function open(
  browser: Browser,
  calibration: string,
  theme: Theme,
): Promise<{ page: Page; close(): Promise<void> }> {
  const dataset = await Dataset.open(join(folder, 'sample'));
  const source = datasetSource(dataset, await readCalibration(dataset, calibration));
  const session = new CalibrationSession(source, { id: () => randomUUID(), at: () => new Date().toISOString() });
  const server = await servePage({ name: 'calibrate', theme, standIn: STAND_IN });
  const page = await (await browser.newContext({ viewport: { width: 1180, height: 820 } })).newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.stack ?? error.message}`));
  const send = (message: object): Promise<void> =>
    page.evaluate((data) => (globalThis as unknown as PostTarget).postMessage(data, '*'), message);
  await page.exposeFunction('toHost', async (raw: unknown) => {
    const message = FromCalibrate.parse(raw);
    if (message.type === 'failed') return console.error(`page: ${message.message}`);
    const answer = message.type === 'perform' ? await session.perform(message.action) : undefined;
    if (answer !== undefined) await send({ type: 'announce', text: answer, tone: 'warning' });
    await send({ type: 'snapshot', ...(await session.view()) });
  });
  await page.goto(`${server.origin}/`);
  await clickInto(page, 'main');
  return {
    page,
    close: async () => {
      await page.context().close();
      await server.close();
      await dataset.close();
    },
  };
}
