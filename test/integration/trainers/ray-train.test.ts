import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ProgressLine } from '../../../src/core/schemas/index.ts';
import { framesOf } from '../../../src/core/training/progress.ts';
import { sharedResults } from '../../../src/trainers/place.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { type RayHead, rayEnvironment, startRay } from '../../fixtures/ray.ts';
import { trainingDataset } from '../../unit/trainers/dataset.ts';
import { longhand, longhandJson, missing, PYTHON, smallestLlama } from './python.ts';

type Train = VerbResult<'train'>;
type Run = VerbResult<'run'>;

const trainer = 'path' in PYTHON ? PYTHON.path : '';
const environment = await rayEnvironment();
const reason = missing ?? (typeof environment === 'string' ? environment : undefined);
const HOOK = 600_000;
const FLAGS = ['--device', 'cpu', '--accumulate', '2', '--learning-rate', '0.003'];
/** So many steps that it is always stopped before its end, however fast the machine. */
const ENDLESS = '100000';
const StderrLine = z.object({ training: ProgressLine });

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

const stepsOf = (lines: readonly ProgressLine[]): (number | undefined)[] =>
  lines.filter(({ event, loss }) => event === 'log' && loss !== undefined).map(({ step }) => step);

const title = `a training with TRL on a real Ray${reason === undefined ? '' : ` (skipped: ${reason})`}`;
describe.skipIf(reason !== undefined)(title, { timeout: 900_000 }, () => {
  let head: RayHead;
  let folder: string;
  let dataset: string;
  let model: string;
  let shared: string;
  const words = (...flags: string[]) => {
    const ray = ['--engine', 'ray', '--address', head.address, '--python', trainer];
    return ['train', dataset, '--model', model, ...ray, ...FLAGS, ...flags];
  };
  const train = (...flags: string[]) => longhandJson<Train>(...words(...flags));
  const look = (run: string) => longhandJson<Run>('run', dataset, run);

  beforeAll(async () => {
    if (typeof environment === 'string') return;
    folder = await mkdtemp(join(tmpdir(), 'longhand-ray-train-'));
    shared = join(folder, 'shared');
    model = join(folder, 'tiny');
    head = await startRay(environment);
    await smallestLlama(model);
    dataset = await trainingDataset(join(folder, 'dataset'));
    // Other files beside the rows in a workspace.
    await writeFile(join(dataset, 'private.txt'), 'mine');
    await cp(join(dataset, 'exports', 'short'), join(dataset, 'exports', 'other'), { recursive: true });
  }, HOOK);
  afterAll(async () => {
    await head?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }, HOOK);

  test('is planned with the cluster’s resources, the exact lengths and command, and submits nothing', async () => {
    const { plan, report } = await train('--export', 'short', '--shared-folder', shared, '--max-steps', '8', '--plan');
    expect(report).toBeUndefined();
    expect(plan).toMatchObject({ ready: true, steps: 8, rowCount: 8, resources: { cpus: 1, gpus: 0, nodes: 1 } });
    expect(plan.lengths).toMatchObject({ exact: true, rows: 8, cut: 0 });
    expect(plan.command).toEqual([trainer, './train_sft.py', '--config', './sft.yaml']);
    const results = sharedResults(plan.engine, join(dataset, 'runs', plan.run), plan.run);
    expect(results?.startsWith(`${shared}/${plan.run}-`)).toBe(true);
    expect(plan.env).toMatchObject({
      OMP_NUM_THREADS: '1',
      LONGHAND_FRAMES: '1',
      LONGHAND_PROGRESS: `${results}/progress.jsonl`,
    });
    expect(plan.config).toContain(`output_dir: "${results}/out"`);
    expect(plan.checks.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'engine ok',
      'model warning',
      'program warning',
      'template ok',
    ]);
    expect(plan.checks[0]?.message).toContain('2.60.0');
    expect(await (await fetch(`${head.address}/api/jobs/`)).json()).toEqual([]);

    const nowhere = await longhand(...words('--address', 'http://127.0.0.1:1', '--max-steps', '1'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain('127.0.0.1:1');
    expect(await readdir(dataset)).not.toContain('runs');
  });

  test('saves checkpoints in the shared folder, is stopped in the middle, and resumes from the last complete one to its end', async () => {
    const flags = ['--export', 'short', '--shared-folder', shared, '--name', 'shared'];
    const { plan } = await train(...flags, '--max-steps', ENDLESS, '--save-steps', '4');
    const results = sharedResults(plan.engine, join(dataset, 'runs', plan.run), plan.run) ?? '';
    await reached(plan.run, 8);
    expect(await filesOfJob()).toEqual([
      'longhand_progress.py',
      'longhand_rows.py',
      'rows.jsonl',
      'sft.yaml',
      'train_sft.py',
    ]);
    expect(await longhandJson('stop-run', dataset, plan.run)).toMatchObject({ state: 'stopped', attempts: 1 });
    const { report: stopped, progress: before } = await look(plan.run);
    expect(stopped).not.toHaveProperty('output');
    expect(stepsOf(before)).toEqual(numbers(1, stopped.step ?? 0));
    const last = stopped.checkpoints.findLast(({ whole }) => whole);
    if (!last) throw new Error('It was stopped before its first checkpoint.');
    expect(await readdir(join(results, last.path))).toContain('model.safetensors');

    // The whole log, with the same steps as in the shared file.
    const log = await longhand('run-log', dataset, plan.run);
    expect(log.stdout).toContain('8 rows; 0 truncated at');
    expect(stepsOf(framesOf(log.stdout)).slice(0, 8)).toEqual(numbers(1, 8));

    const total = last.step + 6;
    const resume = ['resume-run', dataset, plan.run, '--python', trainer, '--max-steps', String(total), '--follow'];
    const resumed = await longhandJson<VerbResult<'resume-run'>>(...resume);
    expect(resumed).toMatchObject({ from: last.step, total });
    expect(resumed.report).toMatchObject({ state: 'succeeded', step: total, total, attempts: 2 });
    expect(resumed.report.output).toBe(join(results, 'out', 'final'));
    expect(await readdir(join(results, 'out', 'final'))).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    );
    // The second attempt began where the first had saved, and each step counts once.
    const again = stepsOf(framesOf((await longhand('run-log', dataset, plan.run)).stdout));
    expect(again).toEqual(numbers(last.step + 1, total));
    expect(stepsOf((await look(plan.run)).progress)).toEqual(numbers(1, total));
    expect(await readdir(join(dataset, 'runs', plan.run))).not.toContain('out');
  });

  test('warns without a shared folder that checkpoints are lost, and reports its steps and losses through the log', async () => {
    const flags = ['--export', 'short', '--max-steps', '6', '--save-steps', '3', '--name', 'alone'];
    const { code, stdout, stderr } = await longhand(...words(...flags), '--follow', '--json', '--progress', 'json');
    expect(code, stderr).toBe(0);
    const { plan, report } = JSON.parse(stdout) as Train;
    expect(plan.env.LONGHAND_PROGRESS).toBe('./progress.jsonl');
    const warning = plan.checks.find(({ id, state }) => id === 'engine' && state === 'warning');
    expect(warning?.message).toContain('are lost when the job ends');
    expect(warning?.advice).toContain('--shared-folder');
    expect(report).toMatchObject({ state: 'succeeded', step: 6, total: 6, attempts: 1, checkpoints: [] });
    expect(report).not.toHaveProperty('output');

    const events = stderr.split('\n').flatMap((line) => eventsIn(line));
    expect(stepsOf(events)).toEqual(numbers(1, 6));
    const { progress } = await look('alone');
    expect(stepsOf(progress)).toEqual(numbers(1, 6));
    expect(report?.loss).toBe(progress.findLast(({ loss }) => loss !== undefined)?.loss);
    const { runs } = await longhandJson<VerbResult<'loss'>>('loss', dataset, '--runs', 'alone');
    expect(runs).toMatchObject([{ run: 'alone', points: 6, step: 6, last: report?.loss }]);
  });

  test('that fails on the cluster reports why: an interpreter without the packages', async () => {
    const bare = typeof environment === 'string' ? '' : environment.python;
    const flags = ['--export', 'short', '--max-steps', '1', '--name', 'bare', '--python', bare];
    // The process exits as failed.
    await expect(train(...flags, '--follow')).rejects.toThrow('missing-package');
    const { report } = await look('bare');
    expect(report).toMatchObject({ state: 'failed', failure: { kind: 'missing-package' } });
  });

  async function reached(run: string, step: number): Promise<void> {
    for (;;) {
      const { report } = await look(run);
      if ((report.step ?? 0) >= step) return;
      if (report.state !== 'running' && report.state !== 'pending') throw new Error(`It is ${report.state}.`);
      await sleep(50);
    }
  }

  /** What Ray unpacked for its only job, without the files that Python creates there. */
  async function filesOfJob(): Promise<string[]> {
    const place = join(head.folder, 'session_latest', 'runtime_resources', 'working_dir_files');
    const packages = (await readdir(place, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(packages).toHaveLength(1);
    const files = await readdir(join(place, packages[0]?.name ?? ''), { recursive: true });
    return files.filter((path) => !path.includes('__pycache__')).sort();
  }
});

/** The progress line in a line of stderr, if any. */
function eventsIn(line: string): ProgressLine[] {
  if (!line.startsWith('{')) return [];
  const parsed = StderrLine.safeParse(JSON.parse(line));
  return parsed.success ? [parsed.data.training] : [];
}
