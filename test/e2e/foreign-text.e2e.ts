import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { copySample } from '../../scripts/lib/sample.ts';
import { RunRecord } from '../../src/core/schemas/index.ts';
import type { RunnerState } from '../../src/protocol/runner.ts';
import { appendAttempt, createRun } from '../../src/store/runs.ts';
import { inTemporaryFolder, type Suite } from './lib/harness.ts';
import { Workbench } from './lib/workbench.ts';

const LINK = '[Restart the model](command:workbench.action.toggleSidebarVisibility)';
const MESSAGE = `${LINK} $(verified) [site](https://example.com/)`;

/** In a trusted folder, text that a dataset brings along is shown as it is: it is never a link, a command or an icon. */
export default async function foreignTextTests(suite: Suite): Promise<void> {
  await inTemporaryFolder('foreign-text', async (home) => {
    const folder = join(home, 'dataset');
    await copySample(folder);
    await writeInterruptedRound(folder);
    await writeFailedTraining(folder);
    const workbench = await Workbench.start({
      vsix: suite.vsix,
      folder,
      screenshots: join(ARTIFACTS, 'e2e', 'foreign-text'),
    });
    try {
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
    } finally {
      await workbench.close();
    }
  });
}

/** What a person reads: without the characters that have no width. */
const visible = (text: string): string => text.replaceAll('\u200b', '').replaceAll('\u00a0', ' ');

/** A round as a stranger's dataset may bring it. */
async function writeInterruptedRound(dataset: string): Promise<void> {
  const folder = join(dataset, 'rounds', '1-evil');
  await cp(join(dataset, 'rounds', '0-handwritten'), folder, { recursive: true });
  const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'));
  await writeFile(join(folder, 'plan.json'), JSON.stringify({ ...plan, round: '1-evil', kind: 'dialogue' }));
  await writeFile(join(folder, 'chains.jsonl'), '');
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
  const record = RunRecord.parse({
    version: 1,
    id: 'sft-1',
    kind: 'train',
    createdAt: '2026-11-01T10:00:00.000Z',
    engine: { engine: 'local' },
    command: ['x'],
    resources: {},
    training: {
      trainer: 'trl',
      model: '/models/m',
      modelPath: '/models/m',
      export: 'e',
      rows: 'r.jsonl',
      rowsHash: 'h',
      rowCount: 1,
      maxLength: 64,
      longestRow: 1,
      lengthsExact: true,
      cutRows: 0,
      steps: 1,
      settings: {},
      device: 'cpu',
      config: 'sft.yaml',
    },
  });
  const config = 'model: /models/m\nsft:\n  model_init_kwargs: {trust_remote_code: true}\n';
  const run = await createRun(
    dataset,
    record,
    new Map([
      ['sft.yaml', config],
      ['rows.jsonl', '{}\n'],
    ]),
  );
  const handle = { engine: 'local' as const, jobId: 'j', runId: 'sft-1', attempt: 1 };
  await appendAttempt(run, { handle, at: record.createdAt });
}
