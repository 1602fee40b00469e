import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chain } from '../../src/core/schemas/index.ts';
import type { RunnerState } from '../../src/protocol/runner.ts';
import { episodeChain } from '../bench/reader/chains.ts';
import { handleOf, runRecord, storedRun, trainingOf } from '../fixtures/training-run.ts';
import { rows, sharedData } from '../unit/text/shared.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';
import { focusReader, readerShown } from './road/reader.ts';

const LINK = '[Restart the model](command:workbench.action.toggleSidebarVisibility)';
/** Texts that run or load something where they are taken for HTML; many more where the third-party lists are. */
const PAYLOADS = [
  '<img src="https://example.com/a.png" onerror="alert(1)"><script>alert(2)</script>',
  '<svg onload="alert(3)"><style>@import "https://example.com/a.css"</style><iframe srcdoc="<script>alert(4)</script>">',
  '[a](javascript:alert(5)) ![b](https://example.com/b.png) $\\href{javascript:alert(6)}{x}$ $\\includegraphics{https://example.com/c}$',
  ...(sharedData
    ? [
        ...rows('ugly/dompurify_payloads.jsonl').map(({ payload }) => String(payload)),
        ...rows('ugly/blns.jsonl').map(({ text }) => String(text)),
      ]
    : []),
];
/** Turns the text after it around. */
const TURNED = 'The sum is \u202e12, and the product **35**.';
const LAST = 'the very last words of the chain';
const MESSAGE = `${LINK} $(verified) [site](https://example.com/)`;

/** In a trusted folder, text that a dataset brings along is shown as it is: it is never a link, a command or an icon. */
export default async function foreignTextTests(suite: Suite): Promise<void> {
  const prepare = async ({ folder }: Place): Promise<Options> => {
    await writeInterruptedRound(folder);
    await writeFailedTraining(folder);
    return {};
  };
  await onSample(suite, { name: 'foreign-text', prepare }, async ({ workbench }) => {
    await suite.test('foreign text: the message of an interrupted round is no link in the notification', async () => {
      // The first command activates the extension, which offers to resume.
      await workbench.command('Longhand: Open Review Queue');
      const shown = await workbench.notified(/Round 1-evil was interrupted/);
      await workbench.screenshot('toast');
      const toast = workbench.page.locator('.notification-toast');
      assert.equal(await toast.locator('.notification-list-item-message a').count(), 0, shown);
      assert.ok(visible(shown).includes(MESSAGE), shown);
    });
    await suite.test('foreign text: the same message is no icon and no link in Show Round', async () => {
      await workbench.command('Longhand: Show Round');
      await workbench.pick(/^1-evil/);
      const row = workbench.rows.filter({ hasText: /^Message/ }).first();
      await row.waitFor();
      await workbench.screenshot('show-round');
      assert.equal(await row.locator('.codicon-verified').count(), 0);
      assert.equal(await row.locator('.label-name a, .label-description a').count(), 0);
      assert.ok(visible((await row.textContent()) ?? '').includes('$(verified)'));
      await workbench.page.keyboard.press('Escape');
    });
    await suite.test(
      'foreign text: hostile texts of a chain load, run and send nothing, and find reaches their end',
      () => hostileChain(workbench),
    );
    await suite.test('foreign text: a span of several screens has one label on each', () => longSpan(workbench));
    await suite.test('foreign text: a resume lists the lines of a configuration that name other code', async () => {
      await workbench.command('Longhand: Resume…', /sft-1/);
      await workbench.asks('This is the command', 60_000);
      const row = workbench.rows.filter({ hasText: /line 3/ }).first();
      await row.waitFor();
      assert.match(visible((await row.textContent()) ?? ''), /model_init_kwargs: \{trust_remote_code: true\}/);
      await workbench.screenshot('resume');
      await workbench.pick(/Resume sft-1/);
      const dialog = workbench.page.locator('.monaco-dialog-box');
      await dialog.waitFor();
      await workbench.screenshot('resume-question');
      assert.match((await dialog.textContent()) ?? '', /trust_remote_code/);
      assert.equal(await dialog.locator('.monaco-button', { hasText: 'Resume and Allow Code' }).count(), 1);
      await workbench.button('Cancel');
      await workbench.page.keyboard.press('Escape');
    });
    await suite.test('foreign text: a resume asks the same in a light theme', async () => {
      await workbench.theme('light');
      await workbench.command('Longhand: Resume…', /sft-1/);
      await workbench.asks('This is the command', 60_000);
      await workbench.screenshot('resume-light');
      await workbench.pick(/Resume sft-1/);
      await workbench.page.locator('.monaco-dialog-box').waitFor();
      await workbench.screenshot('resume-question-light');
      await workbench.button('Cancel');
    });
  });
}

async function hostileChain(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  const foreign: string[] = [];
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!protocol.startsWith('http') || hostname === '127.0.0.1') return;
    // VS Code answers these itself.
    if (!hostname.endsWith('.vscode-resource.vscode-cdn.net')) foreign.push(request.url());
  });
  const shown: string[] = [];
  page.on('dialog', (dialog) => {
    shown.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) shown.push(message.text());
  });
  await workbench.command('Longhand: Show Round', /^1-evil/, 'Open Review Queue');
  const frame = await readerShown(workbench);
  await focusReader(frame);
  await page.keyboard.press('/');
  await page.keyboard.insertText(LAST);
  await frame.locator('.find .dim').filter({ hasText: '1 of 1' }).waitFor();
  await workbench.until('the match on the screen', () =>
    frame.locator('body').evaluate<boolean, unknown>(MATCH_IS_SEEN),
  );
  await workbench.screenshot('hostile-chain');
  await frame.locator('.trace').getByText('The sum is \ufffd12, and the product 35.').waitFor();
  await page.keyboard.press('Escape');
  await frame.locator('.find').waitFor({ state: 'hidden' });
  assert.deepEqual(await frame.locator('body').evaluate(STRANGERS), [], 'what a text made in the page');
  assert.deepEqual(foreign, [], 'a request left the page');
  assert.deepEqual(shown, [], 'a script ran, or the policy refused something');
}

async function longSpan(workbench: Workbench): Promise<void> {
  const frame = await readerShown(workbench);
  await focusReader(frame);
  await workbench.page.keyboard.press('n');
  await frame.locator('.label.verification').first().waitFor();
  const titles = async (top: number): Promise<string[]> => {
    await frame.locator('body').evaluate(`document.querySelector('.scroller').scrollTop = ${top}`);
    await workbench.page.waitForTimeout(150);
    return frame.locator('body').evaluate<string[], unknown>(SHOWN_LABELS);
  };
  const from = 'classifier 09c9b385, confidence 0.84';
  assert.deepEqual(await titles(0), [`verification, ${from}`]);
  // The label at its beginning scrolls away first.
  let title = 'verification';
  for (let top = 83; top < 1_150; top += 83) {
    const shown = await titles(top);
    if (shown[0]?.includes('continued')) title = 'verification, continued';
    assert.deepEqual(shown, [`${title}, ${from}`], `at ${top} pixels`);
  }
  assert.equal(title, 'verification, continued');
  await workbench.screenshot('long-span');
}

/** Runs in the page: titles of the labels of checks that are on the screen. */
const SHOWN_LABELS = `(() => {
  const view = document.querySelector('.scroller').getBoundingClientRect();
  return [...document.querySelectorAll('.label.verification')]
    .filter((label) => getComputedStyle(label).visibility === 'visible')
    .filter((label) => label.getBoundingClientRect().bottom > view.top + 8 && label.getBoundingClientRect().top < view.bottom - 8)
    .map(({ title }) => title);
})()`;

/** Runs in the page: whether the current match of find is inside of the view. */
const MATCH_IS_SEEN = `(() => {
  const [range] = CSS.highlights.get('find-current');
  if (range === undefined) return false;
  const box = range.getBoundingClientRect();
  const view = document.querySelector('main').getBoundingClientRect();
  return box.height > 0 && box.top >= view.top && box.bottom <= view.bottom;
})()`;

/** Runs in the page: elements and attributes that no text of a dataset may make. */
const STRANGERS = `[...document.querySelectorAll('.trace *, .facts *')].flatMap((node) => [
  ...(/^(?:script|img|iframe|object|embed|style|link|form|input|a|audio|video|base|meta)$/i.test(node.localName) ? [node.localName] : []),
  ...node.getAttributeNames().filter((name) => /^on|^(?:href|src|srcdoc|action)$/i.test(name)),
])`;

/** What a person reads: without the characters that have no width. */
const visible = (text: string): string => text.replaceAll('\u200b', '').replaceAll('\u00a0', ' ');

/** A round as a stranger's dataset may bring it. */
async function writeInterruptedRound(dataset: string): Promise<void> {
  const folder = join(dataset, 'rounds', '1-evil');
  await cp(join(dataset, 'rounds', '0-handwritten'), folder, { recursive: true });
  const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'));
  await writeFile(join(folder, 'plan.json'), JSON.stringify({ ...plan, round: '1-evil', kind: 'dialogue' }));
  const [first = ''] = (await readFile(join(folder, 'chains.jsonl'), 'utf8')).split('\n');
  const text = `${PAYLOADS.join('\n\n')}\n\n${TURNED}\n\n${LAST}`;
  const chain: Chain = {
    ...(JSON.parse(first) as Chain),
    ...{ id: '1-evil/1', round: '1-evil', text, spans: [], pieces: [] },
    segments: [{ piece: 'answer[1]', start: 0, end: text.length, train: true }],
  };
  const long: Chain = {
    ...chain,
    ...episodeChain().chain,
    ...{ id: '1-evil/2', round: '1-evil', problemId: chain.problemId },
  };
  await writeFile(join(folder, 'chains.jsonl'), `${JSON.stringify(chain)}\n${JSON.stringify(long)}\n`);
  const state: RunnerState = {
    version: 1,
    pid: 1,
    startedAt: '2026-11-01T00:00:00.000Z',
    updatedAt: '2026-11-01T00:01:00.000Z',
    state: 'interrupted',
    message: MESSAGE,
    problemsDone: 0,
    problemsTotal: 1,
    calls: 0,
    callsReused: 0,
    retries: 0,
    completionTokens: 0,
    promptTokens: 0,
    tokensPerSecond: 0,
    chains: 0,
    chainsPassed: 0,
    byClass: { FT: 0, TT: 0, TF: 0, FF: 0 },
  };
  await writeFile(join(folder, 'runner.json'), JSON.stringify(state));
}

/** A training that stopped, whose configuration has a model run its own code. */
async function writeFailedTraining(dataset: string): Promise<void> {
  const model = join(dataset, '..', 'model');
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'config.json'), '{}');
  const config = `model: ${model}\nsft:\n  model_init_kwargs: {trust_remote_code: true}\n`;
  const training = trainingOf({ model, modelPath: model, steps: 1 });
  const files = new Map([
    ['sft.yaml', config],
    ['rows.jsonl', '{}\n'],
  ]);
  await storedRun(dataset, runRecord('sft-1', { training }), [handleOf('sft-1')], files);
}
