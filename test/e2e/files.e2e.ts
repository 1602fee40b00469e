import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReviewAct } from '../../src/core/schemas/index.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { focusReader, readerShown, selectParagraph } from './road/reader.ts';

const NAME = 'shared-gpt.jsonl';
const TABLE = 'sums.jsonl';
const ASKED = 'What is $6 \\times 7$?';
const RIGHT = [
  'Let me think about sevens, and then check what I find.',
  'First, I split the product: $6 \\times 7 = 6 \\times 5 + 6 \\times 2$.',
  'That is $30 + 12 = 42$. Wait, let me check that again: $42 / 7 = 6$, which is correct.',
  'So the answer is $\\boxed{42}$.',
].join('\n\n');
const WRONG = 'Six sevens are nearly fifty, so the answer is $\\boxed{48}$.';

const chat = (text: string): object => ({
  conversations: [
    { from: 'human', value: ASKED },
    { from: 'gpt', value: text },
  ],
  answer: '42',
});

/** A ShareGPT file that belongs to no dataset is opened, reviewed and made a dataset. Without a model. */
export default async function filesTests(suite: Suite): Promise<void> {
  const prepare = async ({ home }: Place): Promise<Options> => {
    await mkdir(join(home, 'elsewhere'));
    const rows = [chat(RIGHT), chat(WRONG), { conversations: 'torn' }, masked()];
    await writeFile(join(home, 'elsewhere', NAME), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await writeFile(join(home, 'elsewhere', TABLE), sums(SUMS));
    await writeFile(join(home, 'elsewhere', 'binary.jsonl'), new Uint8Array([0x7b, 0, 1, 2]));
    return {};
  };
  await onSample(suite, { name: 'files', prepare }, async ({ workbench, home, folder }) => {
    const path = join(home, 'elsewhere', NAME);
    await suite.test('files: a file opens in the reader, graded, and acts go to its side file', () =>
      review(workbench, path),
    );
    await suite.test('files: a row that can’t be read has a reason, and a mask is shown', () => rows(workbench));
    await suite.test('files: columns can be corrected', () => columns(workbench, path));
    await suite.test('files: a dataset is made of the file and what was decided', () => makeDataset(workbench, folder));
    await suite.test('files: a file that can’t be read has a message', async () => {
      await workbench.command('Longhand: Open Trace File…', 'A file…');
      await workbench.chooseFile(join(home, 'elsewhere', 'binary.jsonl'));
      await workbench.webview().getByText('is a binary file').first().waitFor();
      await workbench.screenshot('binary-dark');
    });
    await suite.test('files: the table finds rows, acts on several in the side file, and opens one in the reader', () =>
      table(workbench, join(home, 'elsewhere', TABLE)),
    );
  });
}

/** A row of an export: its first sentence is not trained. */
function masked(): object {
  const messages = [
    { role: 'user', content: ASKED },
    { role: 'assistant', content: `A first try. ${WRONG}` },
  ];
  return { conversations: messages, answer: '42', loss_mask: [{ start: 0, end: 13, train: false }] };
}

const SUMS = 400;
const TOPICS = ['Algebra', 'Number theory'];

/** Rows of which every fourth has a wrong answer. */
function sums(count: number, from = 1): string {
  const row = (n: number): object => ({
    problem: `What is $${n} + ${n}$?`,
    answer: String(2 * n),
    level: (n % 5) + 1,
    topic: TOPICS[n % 2],
    model: 'model-a',
    response: `${'I add both. '.repeat((n % 7) + 1)}Wait, let me check that again. So it is $\\boxed{${2 * n + (n % 4 === 0 ? 1 : 0)}}$.`,
  });
  return Array.from({ length: count }, (_, at) => `${JSON.stringify(row(from + at))}\n`).join('');
}

async function table(workbench: Workbench, path: string): Promise<void> {
  const { keyboard } = workbench.page;
  await workbench.command('Longhand: Open Trace File…', 'A file…');
  await workbench.chooseFile(path);
  const reader = await readerShown(workbench);
  await reader.locator('strong.problem-id', { hasText: 'row 1' }).waitFor();
  await focusReader(reader);
  await keyboard.press('q');
  const frame = workbench.webview();
  await frame.getByRole('gridcell').first().waitFor();
  const counted = (text: RegExp) => frame.locator('.count').filter({ hasText: text }).waitFor();
  await counted(/^400 chains/);
  const query = frame.getByRole('combobox', { name: 'Query' });
  await query.fill('verdict = incorrect and level = 1');
  await counted(/^20 of 400/);
  await frame.locator('.outcome-incorrect').first().waitFor();
  await frame.getByTitle('Sort by Tokens').click();
  await query.click();
  await frame.getByRole('grid').focus();
  await keyboard.press('Control+a');
  await frame.getByText('20 selected').waitFor();
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`table-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), [], theme);
  }
  await workbench.theme('dark');
  await frame.getByRole('button', { name: 'Tag…', exact: true }).click();
  const dialog = frame.locator('dialog[open]');
  await dialog.getByText('Tag 20 chains').first().waitFor();
  await dialog.locator('#act-text').fill('check sum');
  await dialog.getByText('Tag 20 chains “check sum”').waitFor();
  await dialog.getByRole('button', { name: 'Tag', exact: true }).click();
  await workbench.until('the acts in the side file', async () => acts(path).length === 20);
  assert.ok(acts(path).every((act) => act.act === 'tag' && act.tag === 'check sum'));
  await frame.getByRole('button', { name: 'Undo' }).click();
  await workbench.until('the undo in the side file', async () => acts(path).length === 40);
  await appendFile(path, sums(4, SUMS + 1));
  await counted(/^20 of 404/);
  await query.click();
  await frame.getByRole('grid').focus();
  await keyboard.press('Escape');
  await keyboard.press('Home');
  await keyboard.press('Enter');
  const opened = await readerShown(workbench);
  await opened.locator('strong.problem-id', { hasText: /^row \d*[05]$/ }).waitFor();
  await workbench.screenshot('table-opened-dark');
}

function acts(path: string): ReviewAct[] {
  const side = `${path}.longhand.jsonl`;
  if (!existsSync(side)) return [];
  return readFileSync(side, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ReviewAct);
}

async function review(workbench: Workbench, path: string): Promise<void> {
  const { keyboard } = workbench.page;
  const before = readFileSync(path, 'utf8');
  await workbench.command('Longhand: Open Trace File…', 'A file…');
  await workbench.chooseFile(path);
  const frame = await readerShown(workbench);
  await frame.locator('.file-columns', { hasText: 'conversations' }).waitFor();
  await frame.getByText('correct', { exact: true }).first().waitFor();
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`file-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), [], theme);
  }
  await workbench.theme('dark');
  await focusReader(frame);
  await selectParagraph(frame);
  await keyboard.press('1');
  await workbench.until('the label in the side file', async () => acts(path).length === 1);
  await focusReader(frame);
  await keyboard.press('a');
  await workbench.until('the decision in the side file', async () => acts(path).length === 2);
  await frame.locator('strong.problem-id', { hasText: 'row 2' }).waitFor();
  assert.deepEqual(
    acts(path).map(({ act, chainId, reviewer }) => ({ act, row: chainId.split('@')[0], reviewer })),
    ['label', 'accept'].map((act) => ({ act, row: '1', reviewer: 'files' })),
  );
  assert.equal(readFileSync(path, 'utf8'), before, 'the file itself was written');
}

async function rows(workbench: Workbench): Promise<void> {
  const { keyboard } = workbench.page;
  const frame = workbench.webview();
  await keyboard.press('n');
  await frame.getByText('Can’t read row 3').first().waitFor();
  await workbench.screenshot('row-unreadable-dark');
  await keyboard.press('n');
  await frame.locator('strong.problem-id', { hasText: 'row 4' }).waitFor();
  await frame.getByText('A first try.').first().waitFor();
  await frame.getByRole('button', { name: 'Go to Row…' }).click();
  await workbench.fill('Number of the row', '2');
  await frame.locator('strong.problem-id', { hasText: 'row 2' }).waitFor();
  await workbench.command('Longhand: Go to Row…');
  await workbench.fill('Number of the row', '4');
  await frame.locator('strong.problem-id', { hasText: 'row 4' }).waitFor();
  await workbench.screenshot('mask-dark');
}

async function columns(workbench: Workbench, path: string): Promise<void> {
  await workbench.webview().getByRole('button', { name: 'Choose Columns…' }).click();
  await workbench.pick(/^\s*Answer\s*answer/);
  await workbench.pick('None');
  await workbench.screenshot('columns-dark');
  await workbench.pick('Use These Columns');
  await workbench.webview().getByText('none', { exact: true }).first().waitFor();
  await workbench.command('Longhand: Choose Columns…');
  await workbench.pick(/^\s*Answer\s*none/);
  await workbench.pick(/^\s*answer/);
  await workbench.pick('whole text');
  await workbench.pick('Use These Columns');
  await workbench.until('the columns in the side file', async () => {
    const last = acts(path).at(-1) as unknown as { act: string; columns?: { answer?: string } };
    return last.act === 'columns' && last.columns?.answer === 'answer';
  });
}

async function makeDataset(workbench: Workbench, folder: string): Promise<void> {
  await workbench.webview().getByRole('button', { name: 'Make Dataset…' }).click();
  await workbench.fill('Name of the dataset', 'From file');
  const made = join(folder, '..', 'made');
  await mkdir(made);
  await workbench.chooseFile(made);
  const reviews = (): string[] => {
    const place = join(made, 'reviews');
    return existsSync(place)
      ? readdirSync(place).flatMap((name) => readFileSync(join(place, name), 'utf8').trimEnd().split('\n'))
      : [];
  };
  await workbench.until('the reviews of the new dataset', async () => reviews().length === 2, 60_000);
  const [round = ''] = readdirSync(join(made, 'rounds'));
  const chains = readFileSync(join(made, 'rounds', round, 'chains.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  assert.equal(chains.length, 3);
  const [first] = chains.map((line) => JSON.parse(line) as { id: string; text: string });
  assert.equal(first?.text, RIGHT);
  assert.ok(reviews().every((line) => (JSON.parse(line) as ReviewAct).chainId === first?.id));
  await workbench.screenshot('made-dark');
}
