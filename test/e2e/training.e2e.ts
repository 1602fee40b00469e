import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pythonEnvironment } from '../../scripts/lib/python.ts';
import { Skipped } from '../../scripts/lib/results.ts';
import { ProgressLine } from '../../src/core/schemas/index.ts';
import { cacheFolder } from '../../src/models/starter/cache.ts';
import { environmentFolder } from '../../src/system/python-environment.ts';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

/** Few and short ones, since a step of the starter takes seconds; enough that it can be stopped before its end. */
const STEPS = 8;
const SAVE = 3;
/** Steps after which the window is closed, and after which the run is stopped. */
const CLOSE_AT = 2;
const STOP_AT = 4;
/** A step of the starter on a machine that has other work, and its installation. */
const PATIENCE = 600_000;

const RUN = 'trl-first';
const LOSS = `Loss of ${RUN}`;
/** Tokens of a row. */
const LENGTH = 256;

/** The starter model is trained from the palette: looked at, started, followed, left alone, stopped, resumed, finished; its checkpoint is served. */
export default async function trainingTests(suite: Suite): Promise<void> {
  const python = await pythonEnvironment('trainer');
  if (typeof python === 'string') {
    await suite.test('training: from the palette', () => Promise.reject(new Skipped(python)));
    return;
  }
  await onSample(suite, { name: 'training', prepare }, async ({ workbench, folder, longhand }) => {
    const training = new Training(workbench, join(folder, 'runs'));
    const steps: [string, () => Promise<unknown>][] = [
      ['everything that would run is shown before it runs', () => training.plan()],
      ['the loss is drawn as it comes', () => training.watch()],
      ['it continues while no window is open, and is found again', () => training.reopen()],
      ['its log is followed', () => training.log()],
      ['stopping it ends it, after a question', () => training.stop()],
      ['it is resumed from its checkpoint and reaches its end', () => training.resume()],
      ['the pages can be read in other themes', () => training.themes()],
      ['its checkpoint is served and becomes the fine-tuned model', () => training.serve(folder)],
      ['a cascade round of the checkpoint runs to its end', () => training.sample()],
      ['the report of before and after is opened', () => training.compare()],
    ];
    for (const [name, work] of steps) if (!(await suite.test(`training: ${name}`, work))) break;
    // A run and the server of its checkpoint continue without a window.
    for (const name of [RUN, 'serve-1']) await longhand('stop-run', folder, name).catch(() => undefined);
  });
}

/** Four problems to measure by, and the starter as the base model. */
async function prepare({ folder, env, longhand }: Place): Promise<Options> {
  const installed = environmentFolder(env.LONGHAND_CACHE ?? '', 'trainer');
  await mkdir(dirname(installed), { recursive: true });
  await symlink(environmentFolder(cacheFolder(), 'trainer'), installed, 'dir');
  const model = { kind: 'starter', model: 'smollm2-135m-instruct' };
  await changeSettings(folder, { model, promptSet: 'small' });
  await mkdir(join(folder, 'benchmarks'), { recursive: true });
  const rows = [2, 3, 4, 5].map((n) => ({ id: `sum${n}`, problem: `What is ${n} + 41?`, answer: String(n + 41) }));
  await writeFile(join(folder, 'benchmarks', 'four.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await longhand('export', folder, '--select', 'passed', '--name', 'first');
  return {
    settings: { 'longhand.starter.threads': 1 },
    env: { OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE' },
  };
}

class Training {
  readonly #workbench: Workbench;
  readonly #runs: string;

  constructor(workbench: Workbench, runs: string) {
    this.#workbench = workbench;
    this.#runs = runs;
  }

  async plan(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Train…');
    await workbench.asks('Train on which export');
    await workbench.screenshot('export-dark');
    await workbench.pick('first');
    await workbench.asks('Which trainer', 60_000);
    await workbench.screenshot('trainer-dark');
    await workbench.pick('TRL');
    await workbench.asks('Train which model', 60_000);
    await workbench.screenshot('model-dark');
    await workbench.pick('Starter model');
    await workbench.asks('Run where');
    await workbench.screenshot('engine-dark');
    await workbench.pick('This Machine');
    const looked = () => workbench.asks(/Nothing runs yet|Not ready to train/, PATIENCE);
    await looked();
    await workbench.pick('Training length');
    await workbench.pick('Steps');
    await workbench.fill('Total steps', String(STEPS));
    await looked();
    await workbench.pick('Batch size');
    await workbench.fill('rows in one forward pass', '1');
    await workbench.fill('forward passes in one step', '1');
    await looked();
    await workbench.pick('Checkpoints');
    await workbench.fill('Steps between checkpoints', String(SAVE));
    await looked();
    await workbench.pick('Max length');
    await workbench.fill('Max length of a row', String(LENGTH));
    await looked();
    const shown = await workbench.quickInputText();
    assert.match(shown, new RegExp(`Start ${RUN}[^]*${STEPS} steps over`));
    await workbench.pick('Show Plan');
    const page = workbench.webview();
    await page.getByText(`${LENGTH} tokens; 13 rows truncated`).waitFor();
    await workbench.screenshot('plan-dark');
    const text = await page.locator('body').textContent();
    assert.match(text ?? '', /train_sft\.py/);
    assert.match(text ?? '', /sft\.yaml/);
    // Nothing covers the page while it is read.
    assert.equal(await workbench.quickInputText(), '');
    await workbench.button('Continue');
    await looked();
    await this.#editConfig(looked);
  }

  /** The configuration is a document; what is typed there is what runs. */
  async #editConfig(looked: () => Promise<void>): Promise<void> {
    const workbench = this.#workbench;
    await workbench.pick('Edit Configuration');
    await workbench.tab(/sft\.yaml/);
    await workbench.page.locator('.editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type('# seen by a person\n');
    await workbench.screenshot('config-dark');
    await workbench.button('Continue');
    await looked();
    await workbench.pick(`Start ${RUN}`);
    const opened = async () => (await workbench.tabs()).some((name) => name.includes(LOSS));
    await workbench.until('the page of the loss', opened, PATIENCE);
    assert.match(await readFile(join(this.#runs, RUN, 'job', 'sft.yaml'), 'utf8'), /^# seen by a person\n/);
  }

  async watch(): Promise<void> {
    const workbench = this.#workbench;
    const page = workbench.webview();
    await page.locator('.chip').waitFor();
    await workbench.screenshot('beginning-dark');
    await this.#reaches(1);
    await page.locator('.picture polyline.raw, .picture circle.dot').first().waitFor({ timeout: PATIENCE });
    await this.#reaches(CLOSE_AT);
    await workbench.until('the step on the page', async () => (await this.#shownStep()) >= CLOSE_AT, PATIENCE);
    assert.match(await page.locator('pre.command').innerHTML(), /train_sft\.py --config/);
    await workbench.command('View: Show Longhand');
    await workbench.until('the run in the tree', async () =>
      (await workbench.tree('Datasets')).some((row) => row.includes(RUN) && /step \d/.test(row)),
    );
    await workbench.screenshot('live-dark');
    assert.ok((await workbench.statusBar()).some((item) => item.includes(`${RUN}: step`)));
  }

  async reopen(): Promise<void> {
    const workbench = this.#workbench;
    const before = await this.#step();
    await workbench.page.goto('about:blank');
    await this.#reaches(before + 1);
    await workbench.open();
    await workbench.tab(new RegExp(LOSS));
    await workbench.until(
      'the restored page to show a later step',
      async () => (await this.#shownStep()) > before,
      120_000,
    );
    await workbench.until(
      'the status bar',
      async () => (await workbench.statusBar()).some((item) => item.includes(`${RUN}: step`)),
      120_000,
    );
    await workbench.screenshot('reopened-dark');
  }

  async log(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Show Log…', RUN);
    const output = workbench.page.locator('.output-view-container .view-lines, .panel .view-lines').first();
    await workbench.until(
      'text in the log',
      async () => /\S{3}/.test((await output.textContent({ timeout: 1000 }).catch(() => '')) ?? ''),
      60_000,
    );
    await workbench.screenshot('log-dark');
    await workbench.command('View: Hide Panel');
  }

  async stop(): Promise<void> {
    const workbench = this.#workbench;
    await this.#reaches(STOP_AT);
    await workbench.command('Longhand: Stop…');
    await workbench.page.locator('.monaco-dialog-box').waitFor();
    await workbench.screenshot('stop-dark');
    await workbench.button(/^Stop$/);
    await workbench.notified(/was stopped/, 60_000);
    const at = await this.#step();
    assert.ok(at < STEPS, `it ended before it was stopped, at step ${at}`);
    await workbench.webview().locator('.chip.state-stopped').waitFor({ timeout: 30_000 });
    await workbench.screenshot('stopped-dark');
    // That nothing follows only time can show.
    await workbench.page.waitForTimeout(3000);
    assert.equal(await this.#step(), at);
    await workbench.clearNotifications();
  }

  async resume(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Resume…');
    await workbench.asks('Resume from which checkpoint', 60_000);
    await workbench.screenshot('resume-dark');
    const last = /Step ([\d,]+)/.exec(await workbench.quickInputText())?.[1] ?? '';
    await workbench.pick(new RegExp(`Step ${last}`));
    await workbench.asks('This is the command', PATIENCE);
    await workbench.screenshot('resume-command-dark');
    assert.match(await workbench.quickInputText(), /train_sft\.py --config/);
    await workbench.pick(new RegExp(`Resume ${RUN}`));
    await workbench.page.locator('.monaco-dialog-box').waitFor();
    await workbench.screenshot('resume-question-dark');
    await workbench.button(/^Resume$/);
    await workbench
      .webview()
      .locator('.picture', { hasText: `Resumed at step ${last.replace(',', '')}` })
      .waitFor({ timeout: PATIENCE });
    await workbench.screenshot('resumed-dark');
    await workbench.notified(/is finished/, PATIENCE);
    await workbench.webview().locator('.chip.state-succeeded').waitFor({ timeout: 30_000 });
    assert.equal(await this.#step(), STEPS);
    await workbench.screenshot('finished-dark');
  }

  async themes(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.clearNotifications();
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await workbench.theme(theme);
      await workbench.screenshot(`finished-${theme}`);
    }
  }

  async serve(folder: string): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Serve Checkpoint…');
    await workbench.asks('Serve what?', 60_000);
    await workbench.pick(new RegExp(RUN));
    await workbench.asks('Which server');
    await workbench.pick(/Longhand's runtime/);
    await workbench.asks('This is the command', 120_000);
    assert.match(await workbench.quickInputText(), /converted to GGUF first/);
    await workbench.screenshot('serve-dark');
    await workbench.pick(/Start Longhand/);
    await workbench.button('Start');
    const fineTuned = async (): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8')).fineTuned;
    await workbench.notified(/is served at .* as the fine-tuned model/, PATIENCE);
    assert.notEqual(await fineTuned(), undefined);
    await workbench.command('View: Show Longhand');
    await workbench.until('the server in the tree', async () =>
      (await workbench.tree('Datasets')).some((row) =>
        /serve-1[\s\S]*running · trl-first-final · 127\.0\.0\.1/.test(row),
      ),
    );
    await workbench.screenshot('served-dark');
    await workbench.clearNotifications();
  }

  async sample(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Plan Sampling Round…');
    const frame = workbench.webview();
    await frame.getByRole('button', { name: /Run round/ }).waitFor({ timeout: 120_000 });
    for (const [label, value] of [
      ['Samples by stage', '1, 2'],
      ['Max problems', '4'],
      ['Max tokens per response', '48'],
    ] as const) {
      const field = frame.getByLabel(label, { exact: true });
      await field.fill(value);
      await field.press('Tab');
    }
    await frame.locator('.outcome:not(.stale)').first().waitFor({ timeout: 60_000 });
    await workbench.screenshot('cascade-dark');
    await frame.getByRole('button', { name: /Run round/ }).click();
    await workbench.notified(/1-sampling is finished: .* of 4 problems solved/, PATIENCE);
    await workbench.clearNotifications();
  }

  async compare(): Promise<void> {
    const workbench = this.#workbench;
    for (const role of ['base model', 'fine-tuned model']) {
      await workbench.command('Longhand: Evaluate…');
      await workbench.pick('benchmarks/four.jsonl');
      await workbench.asks('Which model');
      await workbench.pick(role);
      await workbench.asks('How many samples');
      await workbench.pick('1 sample');
      await workbench.asks('No requests sent', 60_000);
      await workbench.pick('Tokens per answer');
      await workbench.fill('How many tokens', '32');
      await workbench.asks('No requests sent', 60_000);
      await workbench.pick(/Evaluate /);
      await workbench.notified(/avg@1 .* over 4 problems/, PATIENCE);
      await workbench.clearNotifications();
    }
    await workbench.command('Longhand: Compare Gradings or Evaluations…', /^\s*Evaluations…/);
    await workbench.asks('Which evaluation is the baseline');
    await workbench.pick(/^.?\s*1-/);
    await workbench.asks('Which evaluation do you compare');
    await workbench.pick(/2-/);
    await workbench.notified(/(This difference is .* of 4|There is no difference over 4 problems)/, 60_000);
    await workbench.button('Open Report');
    await workbench.webview().getByRole('heading', { name: 'What else differs' }).waitFor({ timeout: 60_000 });
    await workbench.screenshot('report-dark');
  }

  /** The last step that the trainer reported. */
  async #step(): Promise<number> {
    const text = await readFile(join(this.#runs, RUN, 'progress.jsonl'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const last = lines.flatMap((line) => ProgressLine.safeParse(JSON.parse(line)).data ?? []).at(-1);
    return last?.step ?? 0;
  }

  async #reaches(step: number): Promise<void> {
    await this.#workbench.until(`step ${step} of the trainer`, async () => (await this.#step()) >= step, PATIENCE);
  }

  async #shownStep(): Promise<number> {
    const tile = this.#workbench.webview().locator('.tile', { hasText: 'Step' }).locator('dd').first();
    const text = await tile.textContent({ timeout: 1000 }).catch(() => '');
    return Number.parseInt((text ?? '').replaceAll(',', ''), 10);
  }
}
