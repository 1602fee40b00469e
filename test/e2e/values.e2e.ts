import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { Chain, type ChatMessage, ReviewAct } from '../../src/core/schemas/index.ts';
import { StepValues } from '../../src/protocol/step-values.ts';
import { type Received, type Scripted, startScriptedServer } from '../fixtures/server.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';
import { THEMES, type Theme } from './lib/workbench.ts';
import { focusReader, readerShown } from './road/reader.ts';

/** The sum is wrong from this step on. */
const WRONG = 9;
const STEPS = 14;

const SOLUTION = Array.from({ length: STEPS }, (_, index) => {
  const n = index + 1;
  const sum = (n * (n + 1)) / 2 + (n >= WRONG ? 2 : 0);
  if (n === 1) return 'We add the numbers from 1 to 14 one by one. The sum starts at $1$.';
  const before = sum - n - (n === WRONG ? 2 : 0);
  return `Adding $${n}$ gives $${before} + ${n} = ${sum}$. That is the sum of the first ${n} numbers.`;
}).join('\n\n');
const TRACE = `${SOLUTION}\n\nSo the answer is $\\boxed{107}$.`;

/** A SCRIPTED model that ends right in four of five cases, unless the kept text has the wrong sum. The starter model is in `npm run bench -- step-values`. */
function solves({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een, sixteen' };
  const isRight = !last.includes('= 47') && Number(body.seed) % 5 > 0;
  return { content: ` And so on. The answer is $\\boxed{${isRight ? 105 : 107}}$.`, latencyMs: 20 };
}

/** The reader estimates the values of steps: a plan, the value line, the suggestion and its key, the anchors. Asserts on the files. */
export default async function valueTests(suite: Suite): Promise<void> {
  const server = await startScriptedServer(solves);
  const prepare = async ({ home, folder, longhand }: Pick<Walk, 'home' | 'folder' | 'longhand'>): Promise<object> => {
    const file = join(home, 'trace.jsonl');
    const row = { id: 'planted', problem: 'What is 1 + 2 + … + 14?', trace: TRACE, answer: '105' };
    await writeFile(file, `${JSON.stringify(row)}\n`);
    await longhand('import-traces', folder, file, '--name', 'wrong');
    await longhand('model', folder, '--url', server.baseURL, '--model', 'scripted');
    return {};
  };
  try {
    await onSample(suite, { name: 'values', prepare }, async (walk) => {
      await suite.test('values: the plan has calls and cost, and its choices change it, before anything is paid', () =>
        plans(walk, server.received),
      );
      await suite.test('values: they are measured, stored and drawn', () => measures(walk));
      for (const theme of Object.keys(THEMES) as Theme[])
        await suite.test(`values: the line is accessible in ${theme}`, () => looks(walk, theme));
      await suite.test('values: the suggested step is accepted with its key, and the act names it', () =>
        accepts(walk),
      );
      await suite.test('values: a thought anchor leads to its step', () => jumps(walk));
      await suite.test('values: every step is measured on request, and nothing is paid twice', () =>
        scans(walk, server.received),
      );
      await suite.test('values: another number of continuations is chosen in the question', () => otherNumber(walk));
      await suite.test('values: the chain is repaired from the menu of the dataset, from before its label', () =>
        repairs(walk, server.received),
      );
      await suite.test('values: the repaired chain leads to the one it was made from', () => leads(walk));
    });
  } finally {
    await server.close();
  }
}

/** Without the questions whether the server continues a text. */
const calls = (received: readonly Received[]): number =>
  received.filter(({ path, body }) => path.startsWith('/v1/') && body.max_tokens !== 4).length;

async function stored(folder: string): Promise<StepValues[]> {
  const round = (await readdir(join(folder, 'rounds'))).find((name) => name.endsWith('-continued'));
  if (round === undefined) return [];
  const text = await readFile(join(folder, 'rounds', round, 'step-values.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [StepValues.parse(JSON.parse(line))]));
}

async function plans({ workbench }: Walk, received: readonly Received[]): Promise<void> {
  await workbench.command('Longhand: Go to Chain…');
  await workbench.fill(/Id of a chain/, 'planted');
  const frame = await readerShown(workbench);
  await frame.getByText('We add the numbers').first().waitFor();
  await focusReader(frame);
  await workbench.command('Longhand: Estimate Step Values…');
  await workbench.asks(/Start scripted.*at most 40 continuations/s);
  await workbench.screenshot('plan');
  await workbench.pick('Budget: 40');
  await workbench.fill(/Continuations of the chain, at most/, '30');
  await workbench.asks(/at most 30 continuations/);
  assert.deepEqual(received, []);
}

async function measures({ workbench, folder }: Walk): Promise<void> {
  await workbench.pick('Start scripted');
  const frame = await readerShown(workbench);
  await frame.locator('.values:not([hidden])').waitFor();
  const [values, ...more] = await stored(folder);
  assert.ok(values !== undefined && more.length === 0);
  assert.ok(Math.abs((values.firstWrong?.step ?? 0) - WRONG) <= 1, JSON.stringify(values.firstWrong));
  assert.ok(values.samples <= 30);
  await frame.locator('.facts').getByText(`First wrong step? Step ${values.firstWrong?.step} of 15`).waitFor();
  assert.equal(await frame.locator('.value-dot').count(), values.places.length);
  assert.equal(await frame.locator('.step-mark.suggested').count(), 1);
  assert.equal(await frame.locator('.value-drop').count(), 1);
}

async function looks({ workbench }: Walk, theme: Theme): Promise<void> {
  await workbench.theme(theme);
  await workbench.screenshot(`values-${theme}`);
  assert.deepEqual(await accessibilityProblems(workbench.webview()), []);
}

async function acts(folder: string): Promise<ReviewAct[]> {
  const text = await readFile(join(folder, 'reviews', 'values.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [ReviewAct.parse(JSON.parse(line))]));
}

async function accepts({ workbench, folder }: Walk): Promise<void> {
  const frame = workbench.webview();
  const [values] = await stored(folder);
  await focusReader(frame);
  await workbench.page.keyboard.press('8');
  await frame.locator('.quiet', { hasText: 'First wrong step?' }).first().waitFor({ state: 'attached' });
  assert.deepEqual(await acts(folder), []);
  await workbench.page.keyboard.press('8');
  await workbench.until('the label', async () => (await acts(folder)).length === 1);
  const [act] = await acts(folder);
  assert.ok(act?.act === 'first-wrong-step' && values?.firstWrong !== undefined);
  const { start, end } = values.firstWrong;
  assert.deepEqual(act.place, { start, end });
  assert.deepEqual(act.suggestion, { by: 'step-values', model: 'scripted', at: values.at });
  await frame.locator('.step-mark.first-wrong').waitFor();
  assert.equal(await frame.locator('.step-mark.suggested, .value-drop').count(), 0);
}

async function jumps({ workbench }: Walk): Promise<void> {
  const frame = workbench.webview();
  const anchor = frame.locator('.anchors .link').first();
  await anchor.click();
  const heard = frame.locator('.quiet').first();
  await workbench.until('the words of the anchor', async () => /steps? \d+.*→/.test((await heard.textContent()) ?? ''));
}

async function scans({ workbench, folder }: Walk, received: readonly Received[]): Promise<void> {
  const frame = workbench.webview();
  const before = calls(received);
  const [first] = await stored(folder);
  await focusReader(frame);
  await workbench.page.keyboard.press('Shift+Z');
  await workbench.pick('Places: search');
  await workbench.asks(/Places: every step/);
  const [, planned = ''] = /at most (\d+) continuations/.exec(await workbench.quickInputText()) ?? [];
  await workbench.pick('Start scripted');
  await workbench.until('the values of every step', async () => (await stored(folder)).length === 2);
  const last = (await stored(folder)).at(-1);
  assert.equal(calls(received) - before, Number(planned));
  assert.equal(last?.samples, (first?.samples ?? 0) + Number(planned));
  assert.equal(last?.places.length, STEPS + 2);
  await workbench.until('a dot for each', async () => (await frame.locator('.value-dot').count()) === STEPS + 2);
  for (const theme of ['dark', 'light'] as const) {
    await workbench.theme(theme);
    await workbench.screenshot(`every-step-${theme}`);
  }
}

async function otherNumber({ workbench }: Walk): Promise<void> {
  const frame: FrameLocator = workbench.webview();
  await focusReader(frame);
  await workbench.page.keyboard.press('Escape');
  for (let sentence = 0; sentence < 3; sentence += 1) await workbench.page.keyboard.press('ArrowDown');
  await workbench.page.keyboard.press('z');
  await workbench.button('Another Number…');
  await workbench.fill(/Continuations at this place/, '12');
  await workbench.page.getByText(/Request \d+ continuations from scripted\?/).waitFor();
  await workbench.button('Continue');
  await frame.getByRole('region', { name: 'Continuations' }).getByText('12 of 12 finished').waitFor();
  // All are paid now; another number can still be chosen.
  await focusReader(frame);
  await workbench.page.keyboard.press('z');
  await workbench.page.getByText('12 continuations of this place are paid already.').waitFor();
  await workbench.screenshot('all-paid-light');
  await workbench.page.keyboard.press('Escape');
}

async function repairs({ workbench, folder }: Walk, received: readonly Received[]): Promise<void> {
  const before = calls(received);
  await workbench.clearNotifications();
  await workbench.command('View: Show Longhand');
  const dataset = workbench.page.locator('.monaco-list[aria-label^="Datasets"] .monaco-list-row').first();
  await workbench.chooseFromMenu(dataset, 'Repair Chains…');
  await workbench.asks('Which chains?');
  await workbench.screenshot('repair-which-light');
  await workbench.pick('Chains with a labelled wrong step');
  await workbench.fill(/Chains at most/, '5');
  await workbench.asks(/Start.*cost: .*1 chain, 1 with a labelled step/s);
  await workbench.screenshot('repair-plan-light');
  await workbench.pick('Budget…');
  await workbench.fill(/Continuations of a chain, at most/, '6');
  await workbench.asks(/at most 6 continuations of a chain/);
  assert.equal(calls(received), before);
  await workbench.pick('Start');
  await workbench.notified(/-repair is finished/, 60_000);
  await workbench.screenshot('repair-finished-light');
  const repaired = await repairedIn(folder);
  assert.deepEqual(
    repaired.map(({ passed, repairs: by }) => [passed, by?.by]),
    [[true, { reviewer: 'values' }]],
  );
}

async function repairedIn(folder: string): Promise<Chain[]> {
  const round = (await readdir(join(folder, 'rounds'))).find((name) => name.endsWith('-repair')) ?? '';
  const text = await readFile(join(folder, 'rounds', round, 'chains.jsonl'), 'utf8');
  const chains = text.split('\n').flatMap((line) => (line === '' ? [] : [Chain.parse(JSON.parse(line))]));
  // A later line of a chain replaces an earlier one.
  return [...new Map(chains.map((chain) => [chain.id, chain])).values()];
}

async function leads({ workbench, folder }: Walk): Promise<void> {
  const [made] = await repairedIn(folder);
  await workbench.button('Open Review Queue');
  const frame = workbench.webview();
  const section = frame.locator('.facts section', { hasText: 'Made from' });
  await section.getByText('wrong part labelled by values').waitFor();
  for (const theme of ['dark', 'light'] as const) {
    await workbench.theme(theme);
    await workbench.screenshot(`repaired-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), []);
  }
  await section.getByRole('button').click();
  await frame.locator('.step-mark.first-wrong').waitFor();
  assert.equal(await section.count(), 0);
  assert.ok(made?.text.startsWith(SOLUTION.slice(0, made.repairs?.start)));
}
