import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalState, stateFileOf } from '../../../src/engines/local/state.ts';
import { attemptFolder } from '../../../src/store/runs.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { trainingDataset } from '../../unit/trainers/dataset.ts';
import { longhand, longhandJson, missing, smallestLlama, suite } from './python.ts';

type Train = VerbResult<'train'>;
type Run = VerbResult<'run'>;
const FLAGS = ['--device', 'cpu', '--accumulate', '2', '--learning-rate', '0.003'];

describe.skipIf(missing !== undefined)(suite('a training with TRL'), { timeout: 900_000 }, () => {
  let folder: string;
  let dataset: string;
  let model: string;
  const train = (...flags: string[]) => longhandJson<Train>('train', dataset, '--model', model, ...FLAGS, ...flags);
  const look = (run: string) => longhandJson<Run>('run', dataset, run);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-trl-'));
    model = join(folder, 'tiny');
    await smallestLlama(model);
    dataset = await trainingDataset(join(folder, 'dataset'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is planned with the exact lengths, command and configuration, without any files', async () => {
    const { plan, report } = await train('--plan', '--epochs', '3');
    expect(report).toBeUndefined();
    expect(plan).toMatchObject({ ready: true, steps: 12, rowCount: 8, trainer: 'trl', device: 'cpu' });
    expect(plan.lengths).toMatchObject({ exact: true, rows: 8, cut: 0, empty: 0 });
    // One token per character: <s><|user|>What is 0 + 2?<|end|><|assistant|>…<|end|>
    expect(plan.lengths.longest).toBe(
      2 + 'What is 0 + 2?'.length + 2 + 'It is five. Wait: 0 + 2 = 2. \\boxed{2}'.length + 1,
    );
    expect(plan.lengths.trained).toBe(8 * ('Wait: 0 + 2 = 2. \\boxed{2}'.length + 1));
    expect(plan.config).toContain('num_train_epochs: 3');
    expect(plan.command.join(' ')).toContain('train_sft.py --config');
    expect(plan.env).toMatchObject({ HF_HUB_OFFLINE: '1', CUDA_VISIBLE_DEVICES: '' });
    // Another test may train at the same time.
    const checks = plan.checks.filter(({ id }) => id !== 'engine');
    expect(checks.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'program ok',
      'gpu ok',
      'packages ok',
      'template ok',
      'disk ok',
    ]);
    expect(await readdir(dataset)).not.toContain('runs');
  });

  test('resumes after kill -9 from the last complete checkpoint, past an incomplete one, with the step and loss of an uninterrupted run', async () => {
    const flags = ['--max-steps', '60', '--save-steps', '4'];
    const whole = await train(...flags, '--name', 'whole', '--follow');
    expect(whole.report).toMatchObject({ state: 'succeeded', step: 60, total: 60, attempts: 1 });
    const there = await look(whole.plan.run);
    expect(there.progress.filter(({ event }) => event === 'log').map(({ step }) => step)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    expect(there.report.loss).toBeLessThan(there.progress.find(({ loss }) => loss !== undefined)?.loss ?? 0);
    expect(await readdir(there.report.output ?? '')).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    );

    const killed = (await train(...flags, '--name', 'killed')).plan.run;
    await killAfter(killed, 9);
    const { report: dead } = await look(killed);
    expect(['lost', 'failed']).toContain(dead.state);
    const last = dead.checkpoints.findLast((one) => one.whole);
    const before = dead.checkpoints.filter((one) => one.whole).at(-2);
    if (!last || !before) throw new Error('It was killed before its second checkpoint.');
    const optimizer = join(dead.folder, last.path, 'optimizer.pt');
    await truncate(optimizer, Math.floor((await readFile(optimizer)).length / 2));
    expect((await look(killed)).report.checkpoints.find(({ step }) => step === last.step)?.whole).toBe(false);

    const resumed = await longhandJson<VerbResult<'resume-run'>>('resume-run', dataset, killed, '--follow');
    expect(resumed).toMatchObject({ from: before.step, total: 60 });
    expect(resumed.report).toMatchObject({ state: 'succeeded', step: 60, attempts: 2 });
    expect(resumed.report.loss).toBeCloseTo(there.report.loss ?? 0, 4);
    const steps = (await look(killed)).progress.filter(({ event }) => event === 'log').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));

    const again = await longhand('resume-run', dataset, killed);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is finished');
    const longer = await longhandJson<VerbResult<'resume-run'>>(
      'resume-run',
      dataset,
      killed,
      '--max-steps',
      '64',
      '--follow',
    );
    expect(longer).toMatchObject({ from: 60, total: 64, report: { state: 'succeeded', step: 64, attempts: 3 } });
  });

  test('is stopped with its child processes, and can be resumed', async () => {
    const { run } = (await train('--max-steps', '2000', '--save-steps', '5', '--name', 'stopped')).plan;
    await reached(run, 6);
    expect(await longhandJson('stop-run', dataset, run)).toMatchObject({ state: 'stopped' });
    const { report } = await look(run);
    expect(report.checkpoints.some(({ whole }) => whole)).toBe(true);
    expect(report).not.toHaveProperty('output');
    const { runs } = await longhandJson<VerbResult<'runs'>>('runs', dataset);
    expect(runs.find((one) => one.run === run)).toMatchObject({ state: 'stopped', trainer: 'trl', total: 2000 });
  });

  test('trains an adapter on what a limit leaves, reports how many rows it truncates, and saves a whole model', async () => {
    const flags = ['--lora', '2', '--max-length', '50', '--max-steps', '1', '--name', 'cut', '--follow'];
    const { plan, report } = await train(...flags);
    expect(plan.lengths.cut).toBe(plan.lengths.rows);
    expect(plan.checks).toContainEqual(expect.objectContaining({ id: 'lengths', state: 'warning' }));
    expect(report?.state).toBe('succeeded');
    expect((await look('cut')).log.join('\n')).toContain('8 truncated at 50 tokens');
    expect(await readdir(report?.output ?? '')).toContain('model.safetensors');
    expect(await readdir(join(report?.folder ?? '', 'out', 'adapter'))).toContain('adapter_model.safetensors');
  });

  test('computes the loss on the rows for validation after each epoch', async () => {
    const rows = join(dataset, 'exports', 'short', 'train.messages.jsonl');
    const held = join(dataset, 'exports', 'short', 'validation.messages.jsonl');
    await copyFile(rows, held);
    try {
      const { plan, report } = await train('--epochs', '2', '--name', 'validated', '--follow');
      expect(plan.checks).toContainEqual({
        ...{ id: 'rows', state: 'ok' },
        message: '8 rows of “short” for validation: the loss on them is computed after each epoch.',
      });
      expect(report).toMatchObject({ state: 'succeeded', step: 8 });
      const evaluations = (await look('validated')).progress.filter(({ event }) => event === 'eval');
      expect(evaluations.map(({ step }) => step)).toEqual([4, 8]);
      expect(evaluations[1]?.loss).toBeLessThan(evaluations[0]?.loss ?? 0);
      expect((await look('validated')).log.join('\n')).toContain('8 rows for validation; 0 truncated');
    } finally {
      await rm(held);
    }
  });

  test('whose limit leaves no trained token does not start, and reports the number of such rows', async () => {
    const { plan } = await train('--max-length', '30', '--plan');
    expect(plan.lengths).toMatchObject({ cut: 8, empty: 0, emptied: 8 });
    expect(plan).toMatchObject({ ready: false, steps: 0 });
    expect((await train('--max-length', '31', '--plan')).plan.lengths).toMatchObject({ cut: 8, emptied: 0 });
  });

  test('that fails reports why: a setting that TRL does not have', async () => {
    const config = join(folder, 'mine.yaml');
    const { config: text } = (await train('--plan')).plan;
    await writeFile(config, text.replace('  seed: 42', '  seeds: 42'));
    const flags = ['--model', model, ...FLAGS, '--config', config, '--name', 'failing', '--follow', '--json'];
    const { code, stdout } = await longhand('train', dataset, ...flags);
    const { report } = JSON.parse(stdout) as Train;
    expect(code).toBe(1);
    expect(report).toMatchObject({ state: 'failed', failure: { kind: 'wrong-version' } });
    expect(report?.failure?.message).toContain('seeds');
  });

  test('that diverges ends immediately, reports it, and saves no model', async () => {
    const config = join(folder, 'far.yaml');
    const { config: text } = (await train('--plan', '--max-steps', '8', '--name', 'far')).plan;
    await writeFile(config, text.replace(/learning_rate: .*/, 'learning_rate: 1.0e+30'));
    const flags = ['--model', model, ...FLAGS, '--config', config, '--name', 'far', '--follow', '--json'];
    const { code, stdout } = await longhand('train', dataset, ...flags);
    const { report } = JSON.parse(stdout) as Train;
    expect(code).toBe(1);
    expect(report).toMatchObject({ state: 'failed', failure: { kind: 'diverged' } });
    expect(report?.message).toMatch(/^The (loss|gradient) is not a number at step \d\.$/);
    expect(report).not.toHaveProperty('output');
    const { progress } = await look('far');
    expect(progress.at(-1)?.event).toBe('error');
    expect(progress.filter(({ loss }) => loss === 0)).toEqual([]);
    expect(progress.findLast(({ event }) => event === 'log')?.step).toBeLessThan(8);
    expect(await readdir(join(report?.folder ?? '', 'out')).catch(() => [])).not.toContain('final');
  });

  test('does not start with a bad model, with an interpreter without packages, or without one', async () => {
    const nowhere = await longhand('train', dataset, '--model', join(folder, 'nowhere'));
    expect(nowhere.stderr).toContain('There is no model at');
    const bare = await longhand('train', dataset, '--model', model, '--python', 'python3');
    expect(bare.stderr).toMatch(/pip install .*trl/);
    const none = await longhand('train', dataset, '--model', model, '--python', join(folder, 'python'));
    expect(none.stderr).toContain('Can’t use');
    expect([nowhere.code, bare.code, none.code]).toEqual([1, 1, 1]);
  });

  async function reached(run: string, step: number): Promise<void> {
    for (;;) {
      const { report } = await look(run);
      if ((report.step ?? 0) >= step) return;
      if (report.state !== 'running' && report.state !== 'pending') throw new Error(`It is ${report.state}.`);
      await sleep(50);
    }
  }

  /** Kills the supervisor and the training together, as a loss of power does. */
  async function killAfter(run: string, step: number): Promise<void> {
    const path = join(dataset, 'runs', run, 'progress.jsonl');
    for (;;) {
      const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
      if (lines.some((line) => line.includes(`"step": ${step},`))) break;
      await sleep(5);
    }
    const { supervisor, process: job } = LocalState.parse(
      JSON.parse(await readFile(stateFileOf(attemptFolder(dataset, run, 1)), 'utf8')),
    );
    process.kill(supervisor.pid, 'SIGKILL');
    if (job) process.kill(job.pid, 'SIGKILL');
  }
});
