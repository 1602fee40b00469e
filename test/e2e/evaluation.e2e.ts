import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

const PROBLEMS = [
  { id: 'sum', problem: 'What is 2 + 2?', answer: '4' },
  { id: 'product', problem: 'What is 3 times 5?', answer: '15' },
  { id: 'half', problem: 'What is half of 18?', answer: '9' },
  { id: 'power', problem: 'What is 7 to the power of 13?', answer: '96889010407' },
];

/** A model measured from the palette, with the starter model: problems, samples, plan, report; then a comparison. */
export default async function evaluationTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'evaluation', prepare }, async ({ workbench, folder }) => {
    const first = await suite.test('evaluation: a plan with its cost, then four problems are evaluated', () =>
      evaluate(workbench, '1-base-four', join(folder, 'evaluations', '1-base-four')),
    );
    if (!first) return;
    await suite.test('evaluation: the report opens as a page, from the message and from the tree', () =>
      report(workbench),
    );
    const second = await suite.test('evaluation: a cancelled one is resumed where it stopped', () =>
      cancelAndGoOn(workbench, join(folder, 'evaluations', '2-base-four')),
    );
    if (second) await suite.test('evaluation: two are compared by the number of problems', () => compare(workbench));
  });
}

async function prepare({ folder }: Place): Promise<Options> {
  await changeSettings(folder, { model: { kind: 'starter', model: 'smollm2-135m-instruct' }, promptSet: 'small' });
  await mkdir(join(folder, 'benchmarks'), { recursive: true });
  const lines = PROBLEMS.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(join(folder, 'benchmarks', 'four.jsonl'), lines);
  return {};
}

async function plan(workbench: Workbench, look: (name: string) => Promise<unknown>): Promise<void> {
  await workbench.command('Longhand: Evaluate…');
  await workbench.asks('Which problems');
  await look('sets-dark');
  await workbench.pick('benchmarks/four.jsonl');
  await workbench.asks('How many samples');
  await look('samples-dark');
  await workbench.pick('4 samples');
  await workbench.asks('No requests sent', 60_000);
  await workbench.pick('Tokens per answer');
  await workbench.fill('How many tokens', '32');
  await workbench.asks('No requests sent', 60_000);
}

async function evaluate(workbench: Workbench, name: string, folder: string): Promise<void> {
  await plan(workbench, (shot) => workbench.screenshot(shot));
  const shown = await workbench.quickInputText();
  assert.match(shown, /cost: none \(local\) · 16 requests/);
  assert.match(shown, /at most 512/);
  await workbench.screenshot('plan-dark');
  await workbench.pick(/Evaluate smollm2/);
  await workbench.notified(new RegExp(`${name}: avg@4 .* over 4 problems`), 300_000);
  const scores = JSON.parse(await readFile(join(folder, 'scores.json'), 'utf8'));
  assert.equal(scores.calls, 16);
  assert.equal(scores.scores.problems, 4);
}

async function report(workbench: Workbench): Promise<void> {
  await workbench.button('Open Report');
  await workbench.tab(/Preview report\.md/);
  const page = workbench.webview();
  await page.getByRole('heading', { name: /Evaluation 1-base-four/ }).waitFor({ timeout: 60_000 });
  const shown = page.locator('img').first();
  await workbench.until('the picture of the report', () =>
    shown.evaluate((image) => 'naturalWidth' in image && Number(image.naturalWidth) > 0),
  );
  await workbench.screenshot('report-dark');
  await workbench.theme('light');
  await workbench.screenshot('report-light');
  // With another theme, VS Code renders its preview again, in a new frame.
  await workbench.until('the end of the report', () =>
    page
      .getByRole('heading', { name: 'Contamination' })
      .scrollIntoViewIfNeeded({ timeout: 5000 })
      .then(
        () => true,
        () => false,
      ),
  );
  await workbench.screenshot('report-end-light');
  await workbench.theme('dark');
  await workbench.command('View: Show Longhand');
  const row = async (what: RegExp): Promise<boolean> =>
    (await workbench.tree('Datasets')).some((one) => what.test(one));
  await workbench.until('evaluations in the Datasets view', () => row(/Evaluations/));
  await workbench.page.locator('.monaco-list-row', { hasText: 'Evaluations' }).first().click();
  await workbench.until('the evaluation with its score', () => row(/1-base-four\s*avg@4 /));
  await workbench.screenshot('tree-dark');
  await workbench.command('View: Close All Editors');
  await workbench.page.locator('.monaco-list-row', { hasText: '1-base-four' }).first().click();
  await workbench.tab(/Preview report\.md/);
}

async function cancelAndGoOn(workbench: Workbench, folder: string): Promise<void> {
  await workbench.clearNotifications();
  await plan(workbench, async () => undefined);
  await workbench.pick(/Evaluate smollm2/);
  await workbench.until('a first answer', async () => (await linesOf(join(folder, 'samples.jsonl'))) > 0, 120_000);
  const row = async (what: RegExp): Promise<boolean> =>
    (await workbench.tree('Datasets')).some((one) => what.test(one));
  await workbench.until('an evaluation that runs', () => row(/2-base-four\s*running/));
  await workbench.button('Cancel');
  await workbench.notified(/The evaluation was cancelled/);
  await workbench.until('an evaluation that has stopped', () => row(/2-base-four\s*not finished/));
  const paid = await linesOf(join(folder, 'journal.jsonl'));
  assert.ok(paid < 16, `${paid} answers before it was cancelled`);
  await workbench.clearNotifications();
  await workbench.command('Longhand: Evaluate…');
  await workbench.asks('Which problems');
  await workbench.screenshot('go-on-dark');
  await workbench.pick(/Resume 2-base-four/);
  await workbench.notified(/2-base-four: avg@4/, 300_000);
  assert.equal(await linesOf(join(folder, 'journal.jsonl')), 16);
  assert.ok(!(await readdir(folder)).includes('runner.lock'));
  await workbench.clearNotifications();
}

async function compare(workbench: Workbench): Promise<void> {
  await workbench.command('Longhand: Compare Gradings or Evaluations…', /^\s*Evaluations…/);
  await workbench.asks('Which evaluation is the baseline');
  await workbench.screenshot('compare-dark');
  await workbench.pick('1-base-four');
  await workbench.asks('Which evaluation do you compare');
  await workbench.pick('2-base-four');
  await workbench.notified(/(This difference is .* of 4|There is no difference over 4 problems)/, 60_000);
  await workbench.button('Open Report');
  await workbench.tab(/compared-with-1-base-four/);
  await workbench.webview().getByRole('heading', { name: 'What else differs' }).waitFor({ timeout: 60_000 });
  await workbench.screenshot('comparison-dark');
  await workbench.theme('light');
  await workbench.screenshot('comparison-light');
}

async function linesOf(path: string): Promise<number> {
  return (await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1;
}
