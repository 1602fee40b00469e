import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoundSummary } from '../../src/core/schemas/index.ts';
import { answersByRate, type Rated } from '../fixtures/pass-rates.ts';
import { startScriptedServer } from '../fixtures/server.ts';
import { accessibilityProblems } from './lib/axe.ts';
import { openExportPage, setField, writeExport } from './lib/export-page.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place, type Walk } from './lib/on-sample.ts';
import { unfold } from './lib/unfold.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { focusReader } from './road/reader.ts';

/** Samples of the third agree on 7, and its trusted answer is another. */
const DOUBTED = 'What is 31 + 33?';
/** Topic of the first, which is always solved. */
const SURE = 'sure';
const PROBLEMS: readonly Rated[] = [
  { problem: 'What is 21 + 23?', right: '44', rate: 1 },
  { problem: 'What is 25 + 27?', right: '52', rate: 0.8 },
  { problem: DOUBTED, right: '64', rate: 0, wrong: () => '7' },
];

/** A dataset that holds chains of both stages, and a benchmark. The model is a SCRIPTED server that answers at the rates above. */
export default async function stagesTests(suite: Suite): Promise<void> {
  const answer = answersByRate(PROBLEMS);
  const server = await startScriptedServer((request) => {
    const { contents = [], ...rest } = answer(request);
    const asksForVerdict = JSON.stringify(request.body.messages).includes('Verdict');
    return { ...rest, contents: contents.map((text) => (asksForVerdict ? `${text}\nVerdict: correct` : text)) };
  });
  try {
    let prepared: RoundSummary | undefined;
    const prepare = async (place: Place): Promise<Options> => {
      prepared = await sampled(place, server.baseURL);
      return {};
    };
    await onSample(suite, { name: 'stages', prepare }, async (walk) => {
      const { workbench, home, folder } = walk;
      const summary = RoundSummary.parse(prepared);
      await suite.test('stages: a doubted trusted answer is a facet, and the reader shows the vote', () =>
        doubted(workbench),
      );
      await suite.test('stages: the reader shows that the selection filtered out a response', () =>
        leftOut(workbench, summary),
      );
      await suite.test('stages: the dashboard shows each figure, saves it, and leads to the chains', () =>
        dashboard(walk, summary),
      );
      await suite.test('stages: both stages are exported, each problem with its sentence', () =>
        exported(workbench, folder),
      );
      await suite.test('stages: assembling again shows what would change, and applies it', () =>
        rebuilt(workbench, folder),
      );
      await suite.test('stages: a benchmark is imported to be kept out of training', () =>
        benchmark(workbench, home, folder),
      );
    });
  } finally {
    await server.close();
  }
}

async function sampled({ home, folder, longhand }: Place, url: string): Promise<RoundSummary> {
  const file = join(home, 'both.jsonl');
  const rows = PROBLEMS.map(({ problem, right }, i) => ({
    id: `both-${i}`,
    problem,
    answer: right,
    topic: i === 0 ? SURE : 'both',
  }));
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await longhand('import', folder, file);
  await longhand('model', folder, '--url', url, '--model', 'tuned', '--role', 'fine-tuned');
  await longhand('model', folder, '--url', url, '--model', 'base', '--prompts', 'full');
  await longhand('generate', '--args-json', JSON.stringify({ dataset: folder, topics: [SURE], problems: 1, seed: 5 }));
  const policy = { policy: 'cascade', stages: [8, 16] };
  const args = { dataset: folder, topics: [SURE, 'both'], policy, seed: 5 };
  return RoundSummary.parse(await longhand('sample-round', '--args-json', JSON.stringify(args)));
}

async function doubted(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.command('View: Show Longhand');
  const row = (text: string) =>
    page.locator('.monaco-list[aria-label^="Review Queue"] .monaco-list-row').filter({ hasText: text }).first();
  await unfold(workbench, row('Doubtful Answers'), row('Samples agree on another answer'));
  await workbench.screenshot('facet-dark');
  await row('Samples agree on another answer').click();
  const frame = workbench.webview();
  await frame.getByText('Is the gold answer right?').waitFor();
  assert.match(
    (await frame.locator('section', { hasText: 'Is the gold answer right?' }).last().textContent()) ?? '',
    /7\s+24 of 24/,
  );
  await workbench.screenshot('vote-dark');
  await workbench.theme('light');
  await workbench.screenshot('vote-light');
  await workbench.theme('dark');
}

/** Two reviewers decide about the correct chains of a round, and differ on those of the first problem. @returns how many they accept. */
async function decide({ folder, longhand }: Walk, round: string): Promise<{ all: number; same: number }> {
  const where = `round = ${round} and verdict = correct`;
  const review = async (reviewer: string, ...act: string[]): Promise<number> =>
    ((await longhand('review', folder, '--reviewer', reviewer, ...act)) as { changed: number }).changed;
  const all = await review('one', '--accept', '--where', where);
  assert.equal(await review('other', '--accept', '--where', where), all);
  const rejected = await review('other', '--reject', 'too short', '--where', `${where} and problem = both-0`);
  assert.ok(rejected > 0 && rejected < all, `${rejected} of ${all} chains are rejected`);
  return { all, same: all - rejected };
}

async function dashboard(walk: Walk, { round, quotaDropped }: RoundSummary): Promise<void> {
  const { workbench, folder } = walk;
  const { all, same } = await decide(walk, round);
  await workbench.command('Longhand: Show Dashboard');
  const frame = workbench.webview();
  const titles = ['Where chains are lost', 'Classes and the quota', 'Pass rates of problems by round', 'Lengths'];
  for (const name of [...titles, 'Behaviours over rounds', 'Reviewers', 'Tokens and cost'])
    await frame.getByRole('img', { name }).waitFor({ timeout: 60_000 });
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`dashboard-${theme}`);
    assert.deepEqual(await accessibilityProblems(frame), [], theme);
    for (const name of ['Pass rates of problems by round', 'Reviewers', 'Tokens and cost']) {
      await frame.getByRole('img', { name }).scrollIntoViewIfNeeded();
      await workbench.screenshot(`dashboard-${theme}-${name.split(' ')[0]?.toLowerCase()}`);
    }
    await frame.getByRole('img', { name: 'Where chains are lost' }).scrollIntoViewIfNeeded();
  }
  await frame.getByRole('button', { name: 'Save as CSV… Tokens and cost' }).click();
  await workbench.chooseFile(join(folder, 'costs.csv'));
  await workbench.notified(/costs\.csv/);
  const csv = await readFile(join(folder, 'costs.csv'), 'utf8');
  assert.match(csv, /^round,model,calls,prompt_tokens,completion_tokens,cost\r\n/);
  assert.match(csv, new RegExp(`^${round},tuned,\\d+,[1-9]\\d*,[1-9]\\d*,`, 'm'));
  await workbench.clearNotifications();
  await frame.getByText(`one and other agree on ${same} of ${all} chains`).waitFor();
  await frame.getByRole('button', { name: 'Save as CSV… Reviewers' }).click();
  await workbench.chooseFile(join(folder, 'reviewers.csv'));
  await workbench.notified(/reviewers\.csv/);
  const reviewers = (await readFile(join(folder, 'reviewers.csv'), 'utf8')).split('\r\n').slice(1);
  const expected = [`one,${all},0,0,`, `other,${same},${all - same},0,`, `one,,,,,other,${all},${same},`];
  assert.ok(
    expected.every((line, i) => reviewers[i]?.startsWith(line)),
    reviewers.join('\n'),
  );
  await workbench.clearNotifications();
  await frame.getByRole('button', { name: 'Save as SVG… Where chains are lost' }).click();
  await workbench.chooseFile(join(folder, 'funnel.svg'));
  await workbench.notified(/funnel\.svg/);
  const svg = await readFile(join(folder, 'funnel.svg'), 'utf8');
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.doesNotMatch(svg, /var\(--/);
  await workbench.clearNotifications();
  await frame.getByRole('combobox', { name: 'Round' }).selectOption(round);
  await frame
    .getByRole('button', { name: /beyond the number kept per problem|by the quota|same equations/ })
    .first()
    .click();
  const table = workbench.webview();
  await table.locator('.filter-label', { hasText: 'Filtered Out By' }).waitFor();
  await table.getByText(`${quotaDropped.length} of`).first().waitFor();
}

async function leftOut(workbench: Workbench, { quotaDropped }: RoundSummary): Promise<void> {
  assert.ok(quotaDropped.length > 0, 'the selection left nothing out');
  const { page } = workbench;
  const rows = page.locator('.monaco-list[aria-label^="Review Queue"] .monaco-list-row');
  // The last filter is still there.
  await rows.filter({ hasText: 'All chains' }).first().click();
  const leftOutRow = rows.filter({ hasText: 'Filtered out by quota or selection' }).first();
  await unfold(workbench, rows.filter({ hasText: 'Filtered Out By' }).first(), leftOutRow);
  await leftOutRow.click();
  const frame = workbench.webview();
  const reason = frame.getByText('Only a few correct responses per problem');
  // The chains that the quota filtered out come first.
  await workbench.until('a response that the selection filtered out', async () => {
    if (await reason.isVisible()) return true;
    await focusReader(frame);
    await page.keyboard.press('n');
    return reason.waitFor({ timeout: 400 }).then(
      () => true,
      () => false,
    );
  });
  await workbench.screenshot('left-out-dark');
}

async function exported(workbench: Workbench, folder: string): Promise<void> {
  const frame = await openExportPage(workbench);
  await frame.getByLabel('Kinds of chains').selectOption('merged');
  await frame.getByRole('radio', { name: /Passed the filters/ }).click();
  await setField(frame, 'Folder in exports/', 'both');
  await workbench.screenshot('export-source-dark');
  await writeExport(workbench, frame);
  await workbench.screenshot('exported-dark');
  const text = await readFile(join(folder, 'exports', 'both', 'train.messages.jsonl'), 'utf8');
  const sources = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { source: string }).source);
  assert.deepEqual([...new Set(sources)].sort(), ['dialogue', 'sampling']);
  await workbench.button('Open Card');
  await workbench.tab(/README/);
  await workbench.webview().getByRole('heading').first().waitFor();
  await workbench.screenshot('card-dark');
  await workbench.theme('light');
}

async function rebuilt(workbench: Workbench, folder: string): Promise<void> {
  const path = join(folder, 'longhand.json');
  const chains = join(folder, 'rounds', '1-dialogue', 'chains.jsonl');
  const before = await readFile(chains, 'utf8');
  const settings = JSON.parse(await readFile(path, 'utf8')) as { dialogue: Record<string, unknown> };
  settings.dialogue = { ...settings.dialogue, untrained: ['check[1]'] };
  await writeFile(path, JSON.stringify(settings, null, 2));
  await workbench.clearNotifications();
  await workbench.command('Longhand: Rework Dataset…', 'Rebuild Chains…');
  await workbench.notified(/Dialogue chains that change/, 60_000);
  await workbench.screenshot('rebuild-light');
  await workbench.button('Show Changes');
  await workbench.tab(/changes of/);
  await workbench.webview().getByRole('heading', { name: 'What changes when' }).waitFor();
  await workbench.screenshot('rebuild-page-light');
  assert.equal(await readFile(chains, 'utf8'), before, 'a look changed the chains');
  await workbench.button('Apply');
  await workbench.notified(/(is|are) rebuilt/, 60_000);
  const after = await readFile(chains, 'utf8');
  assert.ok(after.startsWith(before) && after.length > before.length, 'nothing was written');
  await workbench.theme('dark');
  await workbench.screenshot('rebuild-page-dark');
  await workbench.theme('light');
}

async function benchmark(workbench: Workbench, home: string, folder: string): Promise<void> {
  const problem = 'What do you get when you add the numbers 21 and 23 and then take away nothing at all?';
  const file = join(home, 'bench.jsonl');
  await writeFile(file, `${JSON.stringify({ id: 'b1', problem, answer: '44' })}\n`);
  await workbench.command('Longhand: Import Problems…');
  await workbench.pick('A file…');
  await workbench.chooseFile(file);
  await workbench.asks(/Nothing is written before/);
  await workbench.screenshot('benchmark-light');
  await workbench.pick('Import as a benchmark');
  await workbench.notified(/keep out of training/);
  await workbench.screenshot('benchmark-imported-light');
  assert.match(await readFile(join(folder, 'benchmarks', 'bench.jsonl'), 'utf8'), /take away nothing/);
}
