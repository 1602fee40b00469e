import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';
import { THEMES, type Theme } from './lib/workbench.ts';
import { focusReader, readerShown } from './road/reader.ts';

const STEPS = 30;

/** A solution of 30 paragraphs, with a heading, formulas and a mistake in step 21. */
const SOLUTION = Array.from({ length: STEPS }, (_, index) => {
  const n = index + 1;
  const sum = (n * (n + 1)) / 2 + (n > 20 ? 1 : 0);
  const before = sum - n;
  if (n === 1) return '## Adding up\n\nWe add the numbers from 1 to 30 one by one. The sum starts at $1$.';
  if (n === 2) return `Next comes 2, so that\n\n$$1 + 2 = ${sum}.$$`;
  return `Adding $${n}$ gives $${before} + ${n} = ${sum}$. That is the sum of the first ${n} numbers.`;
}).join('\n\n');

/** Labels of steps in the reader: a key each, the first wrong step, undo, marks in all themes. On an imported solution of 30 steps. */
export default async function stepTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'steps', prepare: importSolution }, async (walk) => {
    await suite.test('steps: one key marks the first wrong step, and the ones before it as good', () =>
      firstWrong(walk),
    );
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await suite.test(`steps: the marks are legible and accessible in ${theme}`, () => marks(walk, theme));
    }
    await suite.test('steps: the command line labels steps too, and finds the chain', () => commandLine(walk));
    await suite.test('steps: 30 steps of a solution take 30 keys, and are in the file', () => labelAll(walk));
    await suite.test('steps: undo returns to the step whose label it removes', () => undone(walk));
  });
}

async function importSolution({ home, folder, longhand }: Pick<Walk, 'home' | 'folder' | 'longhand'>): Promise<object> {
  const file = join(home, 'solution.jsonl');
  const row = { problem: 'What is 1 + 2 + … + 30?', trace: SOLUTION, answer: '465' };
  await writeFile(file, `${JSON.stringify(row)}\n`);
  await longhand('import-traces', folder, file, '--name', 'solution');
  return {};
}

async function acts(folder: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, 'reviews', 'steps.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function openSolution({ workbench }: Walk): Promise<FrameLocator> {
  await workbench.command('Longhand: Go to Chain…');
  await workbench.fill(/Id of a chain/, 'solution');
  const frame = await readerShown(workbench);
  await frame.getByText('Adding up').first().waitFor();
  await focusReader(frame);
  return frame;
}

async function firstWrong(walk: Walk): Promise<void> {
  const { workbench, folder } = walk;
  const { keyboard } = workbench.page;
  const frame = await openSolution(walk);
  const written = (count: number) => workbench.until(`act ${count}`, async () => (await acts(folder)).length === count);
  for (let sentence = 0; sentence < 4; sentence += 1) await keyboard.press('ArrowDown');
  await keyboard.press('6');
  await written(1);
  for (let sentence = 0; sentence < 12; sentence += 1) await keyboard.press('ArrowDown');
  await keyboard.press('8');
  await written(2);
  const { act, place } = ((await acts(folder))[1] ?? {}) as { act: string; place: { start: number; end: number } };
  const [, number] = /^Adding \$(\d+)\$ .* numbers\.$/.exec(SOLUTION.slice(place.start, place.end)) ?? [];
  assert.equal(act, 'first-wrong-step');
  await frame.locator('.step-mark.first-wrong').waitFor();
  assert.equal(await frame.locator('.step-mark').count(), Number(number));
  // All before it, but for the neutral one.
  assert.equal(await frame.locator('.step-mark.good.implied').count(), Number(number) - 2);
  await keyboard.press('ArrowDown');
  await keyboard.press('7');
  await written(3);
  assert.equal(await frame.locator('.step-mark.first-wrong').count(), 1);
  assert.equal(await frame.locator('.step-mark.bad').count(), 2);
}

async function labelAll({ workbench, folder }: Walk): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  const before = (await acts(folder)).length;
  // A click on a mark goes to its step.
  await frame.locator('.step-mark').first().click();
  const began = performance.now();
  let keys = 0;
  for (let step = 1; step <= STEPS; step += 1) {
    await keyboard.press(step === 2 ? '7' : step === 21 ? '6' : '5');
    keys += 1;
    if (step === 4) await workbench.screenshot('labelling-light');
  }
  await frame.getByText('the last one').first().waitFor();
  const seconds = (performance.now() - began) / 1000;
  await workbench.until('all labels in the file', async () => (await acts(folder)).length === before + STEPS);
  console.log(`# ${keys} keys for ${STEPS} steps, ${((1000 * seconds) / keys).toFixed(0)} ms from key to key`);
  const made = (await acts(folder)).slice(before);
  const labels = made.map(({ act, label }) => `${act} ${label}`);
  assert.deepEqual([labels[0], labels[1], labels[20]], ['step good', 'step bad', 'step neutral']);
  const places = made.map(({ start, end }) => SOLUTION.slice(Number(start), Number(end)));
  assert.equal(places[0], '## Adding up\n\nWe add the numbers from 1 to 30 one by one. The sum starts at $1$.');
  assert.equal(places[1], 'Next comes 2, so that\n\n$$1 + 2 = 3.$$');
  assert.match(places[29] ?? '', /^Adding \$30\$ .* numbers\.$/);
  assert.equal(await frame.locator('.step-mark').count(), STEPS);
}

async function undone({ workbench, folder }: Walk): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  await keyboard.press('u');
  await workbench.until('the undo in the file', async () => (await acts(folder)).at(-1)?.act === 'undo');
  await frame
    .locator('.step-mark')
    .nth(STEPS - 1)
    .waitFor({ state: 'detached' });
  await keyboard.press('7');
  await workbench.until('another label of the same step', async () => {
    const last = (await acts(folder)).at(-1);
    return last?.act === 'step' && last.label === 'bad' && last.end === SOLUTION.length;
  });
}

async function marks({ workbench }: Walk, theme: Theme): Promise<void> {
  const frame = workbench.webview();
  await workbench.theme(theme);
  await workbench.screenshot(`steps-${theme}`);
  // A sign for each label: they differ without colour.
  const signs: unknown = await frame.locator('body').evaluate(`Object.fromEntries(
    [...document.querySelectorAll('.step-mark')].map((one) => [one.classList[1], getComputedStyle(one, '::before').content]))`);
  const different = new Set(Object.values(signs as Record<string, string>));
  assert.equal(different.size, Object.keys(signs as object).length, JSON.stringify(signs));
  assert.deepEqual(await accessibilityProblems(frame), []);
}

async function commandLine({ folder, longhand }: Walk): Promise<void> {
  const { chains } = (await longhand('chains', folder, '--where', 'steps = wrong')) as { chains: { id: string }[] };
  assert.equal(chains.length, 1);
  const where = `chain = "${chains[0]?.id}"`;
  await longhand('review', folder, '--where', where, '--reviewer', 'other', '--first-wrong-step', '21');
  const text = await readFile(join(folder, 'reviews', 'other.jsonl'), 'utf8');
  const { place } = JSON.parse(text.trim()) as { place: { start: number; end: number } };
  assert.match(SOLUTION.slice(place.start, place.end), /^Adding \$21\$/);
}
