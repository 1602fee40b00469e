import assert from 'node:assert/strict';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place, type Walk } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { focusReader, readerShown, shownChain } from './road/reader.ts';

const WAIT = 30_000;
/** Chains of level 5 whose first answer is wrong and that loop. */
const LOOPS = ['loop-1', 'loop-2', 'loop-3'];

/** The chain table: a question in three clicks and in one line, acts on several chains with one undo, views, and the keyboard. */
export default async function chainsTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'chains', prepare }, async (walk) => {
    const { workbench, folder } = walk;
    const frame = await openTable(workbench);
    await suite.test('chains: three clicks find level 5, first answer wrong, filtered out by repetition', () =>
      clicks(frame),
    );
    await suite.test('chains: one line of the query language finds the same, and errors are shown in place', () =>
      oneLine(workbench, frame),
    );
    await suite.test('chains: an act on several is planned, written together, and undone by one undo', () =>
      decide(walk, frame),
    );
    await suite.test('chains: a view is a file of the dataset, and opens again', () => views(workbench, frame, folder));
    await suite.test('chains: the table is restored with its query after a reload of the window', () =>
      reload(workbench, frame),
    );
    await suite.test('chains: the keyboard moves, selects, and opens the reader with the query', () =>
      keyboard(workbench, frame),
    );
    await suite.test('chains: an order of the review queue is chosen, and the reader follows it', () =>
      shortestFirst(walk),
    );
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await suite.test(`chains: axe-core finds nothing in the table and its dialogs, in ${theme}`, () =>
        accessible(workbench, theme),
      );
    }
  });
}

async function prepare({ folder }: Place): Promise<Options> {
  const path = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const line = lines.find((one) => one.includes('"0-handwritten/contest-02/1"')) ?? '';
  const chain = JSON.parse(line) as { filters: object[] };
  const failed = { id: 'repetition', passed: false, value: 0.4, threshold: 0.1, reason: 'It repeats itself.' };
  for (const id of LOOPS) {
    const loop = { ...chain, id, passed: false, filters: [...chain.filters, failed] };
    await appendFile(path, `${JSON.stringify(loop)}\n`);
  }
  return {};
}

async function openTable(workbench: Workbench): Promise<FrameLocator> {
  await workbench.command('Longhand: Open Chains');
  const frame = workbench.webview();
  await frame.getByRole('gridcell').first().waitFor({ timeout: WAIT });
  return frame;
}

const query = (frame: FrameLocator) => frame.getByRole('combobox', { name: 'Query' });
const rowsOf = (frame: FrameLocator) => frame.locator('.grid-window [role="row"]');
const counted = (frame: FrameLocator, text: RegExp) =>
  frame.locator('.count').filter({ hasText: text }).waitFor({ timeout: WAIT });

async function clicks(frame: FrameLocator): Promise<void> {
  const facet = async (title: string, value: string): Promise<void> => {
    const section = frame
      .locator('.facets section')
      .filter({ has: frame.getByRole('heading', { name: title, exact: true }) });
    await section.locator('.facet-value').filter({ hasText: value }).first().click();
  };
  await facet('Filtered Out By', 'repetition');
  await counted(frame, /^4 of 21/);
  await facet('Level', '5');
  await counted(frame, /^3 of 21/);
  await facet('First Answer', 'Incorrect');
  await frame.locator('.filter-chip').nth(2).waitFor({ timeout: WAIT });
  await counted(frame, /^3 of 21/);
  assert.equal(await query(frame).inputValue(), 'failed = repetition and level = 5 and first = incorrect');
  assert.equal(await rowsOf(frame).count(), 3);
}

async function oneLine(workbench: Workbench, frame: FrameLocator): Promise<void> {
  await query(frame).fill('level = five and');
  await frame.locator('#query-error').filter({ hasText: 'The query ends' }).waitFor({ timeout: WAIT });
  await query(frame).fill('');
  await counted(frame, /^21 chains/);
  await query(frame).fill('first=incorrect level=5 failed = rep');
  await frame.getByRole('option', { name: 'repetition' }).waitFor({ timeout: WAIT });
  await workbench.screenshot('completion-dark');
  await workbench.page.keyboard.press('Tab');
  await workbench.page.keyboard.press('Enter');
  await counted(frame, /^3 of 21/);
  await query(frame).fill('');
  await counted(frame, /^21 chains/);
  await Promise.all([workbench.hears(/^1 of 21 chains/), query(frame).fill('chain ~ /two thing/i')]);
  await counted(frame, /^1 of 21/);
}

const reviewLines = async (folder: string): Promise<Record<string, unknown>[]> => {
  const text = await readFile(join(folder, 'reviews', 'chains.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
};

async function decide({ workbench, folder, longhand }: Walk, frame: FrameLocator): Promise<void> {
  await query(frame).fill('failed = repetition and level = 5');
  await counted(frame, /^3 of 21/);
  await frame.getByRole('grid').focus();
  await workbench.page.keyboard.press('Control+a');
  await frame.getByText('3 selected').waitFor({ timeout: WAIT });
  await frame.getByRole('button', { name: 'Reject…' }).click();
  const dialog = frame.locator('dialog[open]');
  await dialog.getByText('Reject 3 chains: 3 pending.').waitFor({ timeout: WAIT });
  await dialog.getByLabel('Reason').fill('incoherent or repetitive');
  await workbench.screenshot('plan-dark');
  assert.deepEqual(await reviewLines(folder), [], 'a plan wrote something');
  await Promise.all([
    workbench.hears(/^Reject 3 chains/),
    dialog.getByRole('button', { name: 'Reject', exact: true }).click(),
  ]);
  await workbench.until('the acts in the file', async () => (await reviewLines(folder)).length === 3);
  const acts = await reviewLines(folder);
  assert.deepEqual(
    acts.map(({ chainId }) => chainId),
    LOOPS,
  );
  assert.ok(acts.every(({ act, reason }) => act === 'reject' && reason === 'incoherent or repetitive'));
  await frame.locator('.decision-rejected').nth(2).waitFor({ timeout: WAIT });
  // One undo for all of it.
  await frame.getByRole('button', { name: 'Undo' }).click();
  await workbench.until('the undo in the file', async () => (await reviewLines(folder)).length === 6);
  assert.deepEqual(
    (await reviewLines(folder)).slice(3).map(({ act }) => act),
    ['undo', 'undo', 'undo'],
  );
  await frame.locator('.decision-rejected').first().waitFor({ state: 'detached', timeout: WAIT });
  const listed = (await longhand('chains', folder, '--where', 'decision = rejected', '--reviewer', 'chains')) as {
    total: number;
  };
  assert.equal(listed.total, 0);
}

async function views(workbench: Workbench, frame: FrameLocator, folder: string): Promise<void> {
  for (const direction of ['ascending', 'descending'])
    await Promise.all([
      workbench.hears(new RegExp(`^Sorted by Tokens, ${direction}`)),
      frame.getByTitle('Sort by Tokens').click(),
    ]);
  await frame.getByRole('button', { name: 'Views…' }).click();
  await frame.getByLabel('Name').fill('Loops of level 5');
  await frame.getByRole('button', { name: 'Save View' }).click();
  await workbench.until(
    'the file of the view',
    async () => (await readdir(join(folder, 'views')).catch(() => [])).length === 1,
  );
  const [file = ''] = await readdir(join(folder, 'views'));
  const saved = JSON.parse(await readFile(join(folder, 'views', file), 'utf8')) as Record<string, unknown>;
  assert.equal(saved.query, 'failed = repetition and level = 5');
  assert.deepEqual(saved.sort, { column: 'tokens', descending: true });
  await query(frame).fill('');
  await counted(frame, /^21 chains/);
  await frame.getByRole('button', { name: 'Views…' }).click();
  await frame.getByRole('button', { name: /^Loops of level 5/ }).click();
  await counted(frame, /^3 of 21/);
}

async function reload(workbench: Workbench, frame: FrameLocator): Promise<void> {
  // No earlier state has this query, so that the stored one is the last.
  const text = 'failed = repetition and level = 5 and tokens > 1';
  await query(frame).fill(text);
  await counted(frame, /^3 of 21/);
  await workbench.stored('tokens > 1');
  await workbench.open();
  await counted(frame, /^3 of 21/);
  assert.equal(await query(frame).inputValue(), text);
  const sorted = await frame.locator('[aria-sort="descending"]').textContent();
  assert.ok(sorted?.trim().startsWith('Tokens'), `sorted by ${sorted}`);
}

async function keyboard(workbench: Workbench, frame: FrameLocator): Promise<void> {
  const { keyboard: keys } = workbench.page;
  // Without a click, a page that gets the focus ignores Enter for half a second.
  await query(frame).click();
  await frame.getByRole('grid').focus();
  await keys.press('Escape');
  await keys.press('Home');
  await keys.press('ArrowDown');
  await keys.press('Shift+ArrowDown');
  await frame.getByText('2 selected').waitFor({ timeout: WAIT });
  await keys.press('Escape');
  await frame.getByText('None selected').waitFor({ timeout: WAIT });
  await keys.press('Enter');
  const reader = await readerShown(workbench);
  assert.equal(await shownChain(reader), LOOPS[2]);
  await reader.getByText('3 of 21 chains match').waitFor({ timeout: WAIT });
  await workbench.screenshot('reader-dark');
}

async function shortestFirst({ workbench, folder }: Walk): Promise<void> {
  const lengths = await tokenCounts(folder);
  const shortest = [...lengths.values()].sort((a, b) => a - b).slice(0, 3);
  const frame = await openTable(workbench);
  await query(frame).fill('');
  await counted(frame, /^21 chains/);
  await Promise.all([
    workbench.hears(/^Sorted by Tokens, ascending/),
    frame.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Shortest first' }),
  ]);
  // Without a click, a page that gets the focus ignores Enter for half a second.
  await query(frame).click();
  await frame.getByRole('grid').focus();
  await workbench.page.keyboard.press('Enter');
  const reader = await readerShown(workbench);
  const shows = (tokens: number | undefined): Promise<void> =>
    workbench.until(
      `a chain of ${tokens} tokens in the reader`,
      async () => lengths.get(await shownChain(reader)) === tokens,
    );
  await shows(shortest[0]);
  await focusReader(reader);
  for (const next of shortest.slice(1)) {
    await workbench.page.keyboard.press('n');
    await shows(next);
  }
}

/** Completion tokens of each chain of the dataset, by its id. */
async function tokenCounts(folder: string): Promise<Map<string, number>> {
  const text = await readFile(join(folder, 'rounds', '0-handwritten', 'chains.jsonl'), 'utf8');
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { id, tokens } = JSON.parse(line) as { id: string; tokens: { count: number } };
        return [id, tokens.count];
      }),
  );
}

async function accessible(workbench: Workbench, theme: Theme): Promise<void> {
  await workbench.theme(theme);
  const frame = await openTable(workbench);
  await frame.getByRole('grid').focus();
  await workbench.page.keyboard.press('Control+a');
  await workbench.screenshot(`table-${theme}`);
  assert.deepEqual(await accessibilityProblems(frame), []);
  for (const name of ['Columns…', 'Views…', 'Tag…']) {
    await frame.getByRole('button', { name, exact: true }).click();
    await frame.locator('dialog[open]').waitFor({ timeout: WAIT });
    await workbench.screenshot(`${name.replace('…', '').toLowerCase()}-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), [], name);
    await workbench.page.keyboard.press('Escape');
    await frame
      .locator('dialog[open]')
      .waitFor({ state: 'detached', timeout: WAIT })
      .catch(() => undefined);
  }
}
