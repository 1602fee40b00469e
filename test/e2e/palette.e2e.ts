import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { startScriptedServer } from '../fixtures/server.ts';
import { inTemporaryFolder, type Suite } from './lib/harness.ts';
import { changeSettings, onSample, type Place } from './lib/on-sample.ts';
import { Workbench } from './lib/workbench.ts';

/** The palette offers what works now and nothing else. The model is a SCRIPTED server that never answers: a round has to run on. */
export default async function paletteTests(suite: Suite): Promise<void> {
  await inTemporaryFolder('palette', async (home) => {
    await withoutDataset(suite, join(home, 'empty'));
  });
  await withDataset(suite);
}

const ALWAYS = [
  ...['Compare Gradings or Evaluations…', 'Create Dataset…', 'Examine Data…', 'Grade File…'],
  ...['Open Sample Dataset', 'Open Trace File…', 'Open Walkthrough', 'Show Log…'],
];
const WITH_SAMPLE = [
  ...ALWAYS,
  ...[
    'Calibrate Classifier…',
    'Choose Grading Policy…',
    'Compare Selections…',
    'Evaluate…',
    'Export Training Set…',
    'Generate Chains…',
  ],
  ...[
    'Import Problems…',
    'Import Traces…',
    'Label Behaviours with a Model…',
    'Manage Models…',
    'Open Prompt Workbench',
  ],
  ...['Go to Chain…', 'Open Chains'],
  ...['Open Review Queue', 'Open Settings File', 'Plan Sampling Round…', 'Publish to Hugging Face…', 'Rework Dataset…'],
  ...['Serve Checkpoint…', 'Share Review…', 'Show Dashboard', 'Show Difficulty', 'Show Round', 'Train…'],
].sort();

async function withoutDataset(suite: Suite, folder: string): Promise<void> {
  await mkdir(folder);
  const screenshots = join(ARTIFACTS, 'e2e', 'palette');
  const workbench = await Workbench.start({ vsix: suite.vsix, folder, screenshots });
  try {
    await suite.test('palette: before activation it offers what works without a dataset', () =>
      offers(workbench, ALWAYS),
    );
    await suite.test('palette: activation without a dataset changes nothing', async () => {
      await workbench.command('View: Show Longhand');
      await offers(workbench, ALWAYS);
    });
  } finally {
    await workbench.close();
  }
}

async function withDataset(suite: Suite): Promise<void> {
  const server = await startScriptedServer(() => ({ hangAfter: 0 }));
  const changes = { added: (...titles: string[]) => [...WITH_SAMPLE, ...titles].sort() };
  await onSample(suite, { name: 'palette' }, async ({ workbench, ...place }) => {
    const { folder, longhand } = place;
    await suite.test('palette: a window with a dataset offers its commands, and nothing to stop', () =>
      offers(workbench, WITH_SAMPLE),
    );
    await suite.test('palette: with a model, Manage Models checks its endpoint', async () => {
      const actions = ['Select Model…', 'Set Prices…', 'Start Starter Model'];
      assert.deepEqual(await modelActions(workbench, actions.length), actions);
      await changeSettings(folder, { model: { kind: 'openai', baseURL: server.baseURL, model: 'scripted' } });
      const more = ['Select Model…', 'Check Endpoint', ...actions.slice(1)];
      assert.deepEqual(await modelActions(workbench, more.length), more);
    });
    await suite.test('palette: a round can be stopped while it runs, then resumed', async () => {
      await longhand('generate', folder, '--problems', '1', '--detach');
      await offers(workbench, changes.added('Stop…'));
      await workbench.screenshot('round');
      await workbench.command('Longhand: Stop…');
      // The calls in flight may end first.
      await workbench.until('the cancelled round', async () => (await roundState(folder)) === 'cancelled');
      await offers(workbench, changes.added('Resume…'));
    });
    await suite.test('palette: a run can be stopped while it runs, then resumed', async () => {
      await startRun(place);
      await offers(workbench, changes.added('Resume…', 'Show Loss', 'Stop…'));
      await workbench.command('Longhand: Stop…');
      await offers(workbench, changes.added('Resume…', 'Show Loss'));
      await workbench.command('Longhand: Resume…');
      await workbench.asks('Resume which round or run?');
      await workbench.screenshot('resume');
      await workbench.page.keyboard.press('Escape');
    });
  });
  await server.close();
}

/** Waits until the palette offers exactly these commands. */
async function offers(workbench: Workbench, titles: readonly string[]): Promise<void> {
  let found: string[] = [];
  const same = async (): Promise<boolean> => {
    found = await workbench.palette();
    return JSON.stringify(found) === JSON.stringify(titles);
  };
  await workbench.until('these commands in the palette', same).catch(() => assert.deepEqual(found, titles));
}

/** What Manage Models… offers, once its list has `count` rows. */
async function modelActions(workbench: Workbench, count: number): Promise<string[]> {
  await workbench.command('Longhand: Manage Models…');
  await workbench.asks('Models of');
  await workbench.until(`${count} rows`, async () => (await workbench.rows.count()) === count);
  await workbench.screenshot(`manage-models-${count}`);
  // The detail below a label is a label of its own.
  const rows = await workbench.rows.all();
  const labels = await Promise.all(rows.map((row) => row.locator('.label-name').first().textContent()));
  await workbench.page.keyboard.press('Escape');
  return labels.map((label) => label?.trim() ?? '');
}

/** State of the round after that of the sample. */
async function roundState(folder: string): Promise<string> {
  const rounds = (await readdir(join(folder, 'rounds'))).sort();
  const state = JSON.parse(await readFile(join(folder, 'rounds', rounds.at(-1) ?? '', 'runner.json'), 'utf8'));
  return (state as { state: string }).state;
}

/** A training by a command that only waits. */
async function startRun({ home, folder, longhand }: Place): Promise<void> {
  const model = join(home, 'model');
  await mkdir(model);
  await writeFile(join(model, 'config.json'), '{}');
  await writeFile(join(model, 'model.safetensors'), '');
  await longhand('export', folder, '--select', 'passed');
  const training = ['--trainer', 'custom', '--command', `${process.execPath} -e setTimeout(()=>{},300000)`];
  await longhand('train', folder, ...training, '--model', model, '--anyway');
}
