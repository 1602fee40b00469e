import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { foldActs } from '../../src/core/review/index.ts';
import { Chain, type ChatMessage, ReviewAct } from '../../src/core/schemas/index.ts';
import { type Received, type Scripted, startScriptedServer } from '../fixtures/server.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';
import { focusReader, readerShown } from './road/reader.ts';

const KEPT = 'We want $7 \\cdot 8 + 2$. First we multiply.';
const TRACE = `${KEPT} Then $7 \\cdot 8 = 54$. So the answer is $\\boxed{56}$.`;

/** A SCRIPTED model that continues a text, right for every second seed. The starter model is in test/integration/continuation. */
function continues({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een, sixteen' };
  const answer = Number(body.seed) % 2 === 0 ? 58 : 60;
  return {
    content: ` Then $7 \\cdot 8 = ${answer - 2}$, and $${answer - 2} + 2 = ${answer}$. So the answer is $\\boxed{${answer}}$.`,
    chunkMs: 20,
  };
}

/** The reader lets a model continue a chain: a question, streamed continuations, one kept, one written into the chain. Asserts on the files. */
export default async function continueTests(suite: Suite): Promise<void> {
  const server = await startScriptedServer(continues);
  const prepare = async ({ home, folder, longhand }: Pick<Walk, 'home' | 'folder' | 'longhand'>): Promise<object> => {
    const file = join(home, 'trace.jsonl');
    await writeFile(
      file,
      `${JSON.stringify({ id: 'planted', problem: 'What is $7 \\cdot 8 + 2$?', trace: TRACE, answer: '58' })}\n`,
    );
    await longhand('import-traces', folder, file, '--name', 'wrong');
    await longhand('model', folder, '--url', server.baseURL, '--model', 'scripted');
    return {};
  };
  try {
    await onSample(suite, { name: 'continue', prepare }, async (walk) => {
      await suite.test('continue: nothing is paid before the question is answered', () => asks(walk, server.received));
      await suite.test('continue: continuations are streamed with their verdicts', () => streams(walk));
      await suite.test('continue: one is kept as a new chain', () => keeps(walk));
      await suite.test('continue: one is written into the chain, and undo removes it', () => writes(walk));
    });
  } finally {
    await server.close();
  }
}

async function cursorAt(frame: FrameLocator, { workbench }: Walk, sentence: number): Promise<void> {
  await focusReader(frame);
  for (let at = 0; at < sentence; at++) await workbench.page.keyboard.press('ArrowDown');
}

async function asks(walk: Walk, received: readonly Received[]): Promise<void> {
  const { workbench } = walk;
  await workbench.command('Longhand: Go to Chain…');
  await workbench.fill(/Id of a chain/, 'planted');
  const frame = await readerShown(workbench);
  await frame.getByText('First we multiply').first().waitFor();
  await focusReader(frame);
  await workbench.page.keyboard.press('z');
  await frame.getByText('Move the sentence cursor').first().waitFor();
  await cursorAt(frame, walk, 3);
  await workbench.page.keyboard.press('z');
  await workbench.page.getByText('Request 8 continuations from scripted?').waitFor();
  await workbench.screenshot('question-dark');
  await workbench.page.getByText('A paid call of 4 tokens checks first').waitFor();
  assert.deepEqual(
    received.filter(({ path }) => path.startsWith('/v1/')),
    [],
  );
}

async function streams({ workbench }: Walk): Promise<void> {
  await workbench.button('Continue');
  const frame = await readerShown(workbench);
  const pane = frame.getByRole('region', { name: 'Continuations' });
  await pane.getByText('8 of 8 finished').waitFor();
  const chips = await pane.locator('.continuation .chip').allTextContents();
  assert.deepEqual([...new Set(chips)].sort(), ['correct', 'incorrect']);
  for (const theme of ['dark', 'light'] as const) {
    await workbench.theme(theme);
    await workbench.screenshot(`continuations-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), []);
  }
}

async function chainsOf(folder: string): Promise<Chain[]> {
  const rounds = (await readdir(join(folder, 'rounds'))).filter((name) => /continued|wrong/.test(name));
  const texts = await Promise.all(
    rounds.map((round) => readFile(join(folder, 'rounds', round, 'chains.jsonl'), 'utf8').catch(() => '')),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line !== '')
    .map((line) => Chain.parse(JSON.parse(line)));
}

async function keeps({ workbench, folder }: Walk): Promise<void> {
  const frame = await readerShown(workbench);
  const right = frame.locator('.continuation', { hasText: 'correct' }).filter({ hasNotText: 'incorrect' }).first();
  await right.getByRole('button', { name: /Keep as New Chain/ }).click();
  await frame.getByText('Kept as the new chain').first().waitFor();
  const kept = (await chainsOf(folder)).find(({ continues }) => continues !== undefined);
  assert.ok(kept !== undefined);
  assert.ok(kept.text.startsWith(KEPT));
  assert.deepEqual([kept.verdict.outcome, kept.segments.at(-1)?.piece], ['correct', 'continuation']);
}

async function writes({ workbench, folder }: Walk): Promise<void> {
  const frame = await readerShown(workbench);
  const right = frame.locator('.continuation', { hasText: 'correct' }).filter({ hasNotText: 'incorrect' }).first();
  await right.getByRole('button', { name: /Write into Chain/ }).click();
  await frame.getByText('Written into the chain').first().waitFor();
  const [chain] = (await chainsOf(folder)).filter(({ text }) => text === TRACE);
  assert.ok(chain !== undefined);
  const edited = async (): Promise<string> => {
    const text = await readFile(join(folder, 'reviews', 'continue.jsonl'), 'utf8');
    const acts = text.split('\n').flatMap((line) => (line === '' ? [] : [ReviewAct.parse(JSON.parse(line))]));
    return foldActs(chain, acts).text;
  };
  assert.match(await edited(), /First we multiply\. Then .*boxed\{58\}/);
  await frame.locator('.head .chip', { hasText: 'edited' }).waitFor();
  await frame.getByRole('button', { name: 'Discard' }).click();
  await focusReader(frame);
  await workbench.page.keyboard.press('u');
  await workbench.until('the old text', async () => (await edited()) === TRACE);
}
