import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { selectionsReport } from '../../src/core/selections/index.ts';
import { PLAN, resultOf } from '../fixtures/selections.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

/** Selections compared from the palette: the plan of a new comparison, and the result of a stored one. */
export default async function selectionsTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'selections', prepare }, async ({ workbench, folder, home }) => {
    await suite.test('selections: a filter is planned on and off, with what can go wrong', () => plan(workbench));
    await suite.test('selections: the result of a stored comparison is a page, dark and light', () =>
      result(workbench),
    );
    await suite.test('selections: a comparison is started, survives its window, is cancelled and resumed', () =>
      runs(workbench, folder, join(home, 'go')),
    );
  });
}

const SERVER = join(ROOT, 'test', 'integration', 'serving', 'scripted-server.mjs');

/** In place of a training: waits for a file, and writes what looks like a model. The server is SCRIPTED too, and truncates each reply. */
const trains = (go: string): string[] => [
  process.execPath,
  '-e',
  `const wait = () => { if (!fs.existsSync(${JSON.stringify(go)})) return setTimeout(wait, 100); fs.mkdirSync('\${out}', { recursive: true }); for (const name of ['config.json', 'model.safetensors']) fs.writeFileSync('\${out}/' + name, '{}'); }; wait();`,
];

async function prepare({ home, folder }: Place): Promise<Options> {
  await mkdir(join(folder, 'benchmarks'), { recursive: true });
  const rows = [
    { id: 'h1', problem: 'What is 123 plus 458?', answer: '581' },
    { id: 'h2', problem: 'Compute the product of 17 and 23.', answer: '391' },
  ];
  await writeFile(join(folder, 'benchmarks', 'two.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const stored = join(folder, 'comparisons', PLAN.comparison);
  await mkdir(stored, { recursive: true });
  const found = resultOf(PLAN);
  await writeFile(join(stored, 'plan.json'), JSON.stringify(PLAN));
  await writeFile(join(stored, 'result.json'), JSON.stringify(found));
  await writeFile(join(stored, 'report.md'), selectionsReport(PLAN, found));
  return {
    settings: {
      'longhand.training.programs': { custom: trains(join(home, 'go')) },
      'longhand.serving.programs': { transformers: [process.execPath, SERVER, 'ok'] },
    },
  };
}

async function plan(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Selections…');
  await workbench.asks('Which selections');
  await workbench.screenshot('what-dark');
  await workbench.pick('A filter on and off');
  await workbench.asks('Which filter');
  await workbench.pick('one-box');
  await workbench.asks('held-out problems');
  await workbench.pick('benchmarks/two.jsonl');
  await workbench.asks('change a setting');
  await workbench.pick('Answers per problem');
  await workbench.asks('Answers per problem and seed');
  await workbench.input.fill('3');
  await workbench.page.keyboard.press('Enter');
  await workbench.asks('change a setting');
  await workbench.screenshot('settings-dark');
  await workbench.pick('Show Plan');
  await workbench.asks('Train which model');
  await workbench.pick('Starter model');
  await workbench.tab(/Selections of/);
  const page = workbench.webview();
  await page.getByRole('heading', { name: 'Compare Selections' }).waitFor({ timeout: 60_000 });
  const text = await page.locator('main').innerText();
  assert.match(text, /3 seeds, 2 held-out problems, 3 answers each/);
  assert.match(text, /So few rows hardly change a model/);
  assert.match(text, /6 trainings/);
  assert.ok(await page.getByRole('button', { name: 'Start' }).isEnabled());
  await workbench.screenshot('plan-dark');
}

async function resultPage(workbench: Workbench): Promise<ReturnType<Workbench['webview']>> {
  await workbench.tab(/Selections of/);
  const page = workbench.webview();
  await page.getByRole('heading', { name: 'What does not follow' }).waitFor({ timeout: 60_000 });
  return page;
}

async function result(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Selections…');
  await workbench.asks('Which selections');
  await workbench.pick('1-filters');
  await resultPage(workbench);
  await workbench.command('View: Close All Editors');
  await workbench.command('View: Show Longhand');
  await workbench.page.locator('.monaco-list-row', { hasText: 'Comparisons' }).first().click();
  await workbench.until('the comparison with its points', async () =>
    (await workbench.tree('Datasets')).some((one) => /1-filters\s*\S+ points/.test(one)),
  );
  await workbench.screenshot('tree-dark');
  await workbench.page.locator('.monaco-list-row', { hasText: '1-filters' }).first().click();
  const page = await resultPage(workbench);
  const text = await page.locator('main').innerText();
  assert.match(text, /A (?:is|are) better than (?:those trained on )?B: \+\d+\.\d points/);
  assert.match(text, /problems better, /);
  assert.match(text, /its chains 130/);
  await workbench.screenshot('result-dark');
  await workbench.theme('light');
  await workbench.screenshot('result-light');
  await page.getByRole('heading', { name: 'What does not follow' }).scrollIntoViewIfNeeded();
  await workbench.screenshot('result-end-light');
  await page.getByRole('button', { name: 'Open Report' }).click();
  await workbench.tab(/Preview report\.md/);
}

/** Chooses the smallest comparison in the wizard: two arms, one seed, one answer to each of two problems. */
async function planSmallest(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Selections…');
  await workbench.asks('Which selections');
  await workbench.pick('With and without loss mask');
  await workbench.asks('held-out problems');
  await workbench.pick('benchmarks/two.jsonl');
  const change = async (setting: string, question: string, answer: () => Promise<void>): Promise<void> => {
    await workbench.asks('change a setting');
    await workbench.pick(setting);
    await workbench.asks(question);
    await answer();
  };
  await change('Trainer', 'Which trainer', () => workbench.pick('Own command'));
  await change('Models served by', 'Which server', () => workbench.pick('transformers serve'));
  await change('Answers per problem', 'Answers per problem and seed', () => workbench.fill(/Answers per/, '1'));
  await change('Seeds', 'Seeds, separated', () => workbench.fill(/Seeds/, '1'));
  await workbench.asks('change a setting');
  await workbench.pick('Show Plan');
  await workbench.asks('Train which model');
  // Neither the trainer nor the server reads it.
  await workbench.pick(/Name on the Hugging Face Hub/);
  await workbench.fill('Name of a model', 'owner/name');
}

async function runs(workbench: Workbench, folder: string, go: string): Promise<void> {
  await workbench.command('View: Close All Editors');
  await planSmallest(workbench);
  await workbench.tab(/Selections of/);
  const shows = async (text: RegExp): Promise<void> => {
    await workbench.webview().locator('.lead', { hasText: text }).waitFor({ timeout: 60_000 });
  };
  const row = async (what: RegExp): Promise<string | undefined> =>
    (await workbench.tree('Datasets')).find((one) => what.test(one));
  const press = (name: string): Promise<void> => workbench.webview().getByRole('button', { name }).click();
  await shows(/Nothing has started yet/);
  const comparison = join(folder, 'comparisons', '2-selections');
  const steps = async (): Promise<string[]> => {
    const text = await readFile(join(comparison, 'steps.jsonl'), 'utf8');
    return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line).step as string).split(' ', 1)));
  };
  await press('Start');
  await shows(/running, also when this window is closed\. 2 of 6 steps finished/);
  await workbench.screenshot('running-light');
  await workbench.open();
  await workbench.command('View: Show Longhand');
  await workbench.until('the comparison that runs', async () => {
    // A click while the tree is read again does not expand the item.
    const collapsed = workbench.page.locator('.monaco-list-row[aria-expanded=false]', { hasText: 'Comparisons' });
    if (await collapsed.isVisible()) await collapsed.click();
    return /running, 2 of 6 steps/.test((await row(/2-selections/)) ?? '');
  });
  await workbench.screenshot('running-tree-light');
  await workbench.command('Longhand: Compare Selections…', '2-selections');
  await shows(/running, also when this window is closed\. 2 of 6 steps finished/);
  await press('Cancel');
  await shows(/has stopped with 2 of 6 steps finished/);
  assert.deepEqual(await steps(), ['export', 'export']);
  await workbench.until('the comparison that has stopped', async () =>
    /not finished/.test((await row(/2-selections/)) ?? ''),
  );
  const files = await readdir(comparison);
  assert.ok(!files.includes('result.json') && !files.includes('failure.json') && !files.includes('runner.lock'));
  await workbench.theme('dark');
  await workbench.screenshot('stopped-dark');
  await writeFile(go, '');
  await press('Resume');
  await workbench.webview().getByRole('heading', { name: 'What does not follow' }).waitFor({ timeout: 120_000 });
  await workbench.screenshot('ended-dark');
  const kinds = (await steps()).filter((step) => step !== 'port').sort();
  assert.deepEqual(kinds, ['evaluate', 'evaluate', 'export', 'export', 'train', 'train']);
  const evaluations = (await readdir(join(folder, 'evaluations'))).filter((name) => name.includes('-compare-'));
  assert.equal(evaluations.length, 2);
  for (const evaluation of evaluations) {
    const journal = await readFile(join(folder, 'evaluations', evaluation, 'journal.jsonl'), 'utf8');
    assert.equal(journal.trim().split('\n').length, 2);
  }
}
