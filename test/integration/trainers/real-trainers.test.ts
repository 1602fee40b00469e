import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import type { RunReport, TrainingPlan } from '../../../src/protocol/training.ts';
import { Dataset } from '../../../src/store/index.ts';
import { makeEnvironment } from '../../../src/system/make-environment.ts';
import { environmentFolder, type PythonEnvironment } from '../../../src/system/python-environment.ts';
import { trainerOf } from '../../../src/trainers/index.ts';
import { optIn } from '../../fixtures/opt-in.ts';
import { longhand as ended, longhandJson as longhand } from '../../fixtures/process.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { reviewedPairs } from '../../unit/export/reviewed-pairs.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const { wanted, why } = optIn('LONGHAND_TEST_TRAINERS', 'about 2 GB of packages each');

/** A dataset with an export of eight rows, of which the first answer is not trained, and two more for validation. */
async function aDataset(): Promise<string> {
  const folder = await temporaryFolder();
  const { exportsFolder } = await Dataset.create(folder, { name: 'real', mediaFolder: join(ROOT, 'media') });
  await mkdir(join(exportsFolder, 'e1'), { recursive: true });
  const all = Array.from({ length: 10 }, (_, i) => {
    const [question, wrong, right] = [
      `What is ${i}+${i}?`,
      `${i}+${i}=${2 * i + 1}\n\n`,
      `No, it is ${2 * i}. \\boxed{${2 * i}}`,
    ];
    const [cut, end] = [wrong.length, wrong.length + right.length];
    return {
      prefix: { id: `c${i}`, prompt: `${question}\n\n${wrong}`, completion: right },
      messages: {
        id: `c${i}`,
        messages: [
          { role: 'user', content: question },
          { role: 'assistant', content: wrong + right },
        ],
        loss_mask: [
          { start: 0, end: cut, train: false },
          { start: cut, end, train: true },
        ],
      },
    };
  });
  for (const [set, rows] of Object.entries({ train: all.slice(0, 8), validation: all.slice(8) })) {
    for (const form of ['prefix', 'messages'] as const) {
      const text = rows.map((row) => `${JSON.stringify(row[form])}\n`).join('');
      await writeFile(join(exportsFolder, 'e1', `${set}.${form}.jsonl`), text);
    }
  }
  await writeFile(join(exportsFolder, 'e1', 'manifest.json'), '{}');
  return folder;
}

const SHORT = [
  '--max-steps',
  '3',
  '--save-steps',
  '2',
  '--accumulate',
  '2',
  '--learning-rate',
  '0.001',
  '--device',
  'cpu',
  '--follow',
];

describe.skipIf(!wanted)(`installed trainers ${why}`, () => {
  async function environment(name: PythonEnvironment): Promise<string> {
    const python = await makeEnvironment(cacheFolder(), name);
    // The torchaudio that pip installs requires CUDA, and its libraries make the import of LLaMA-Factory fail on other machines.
    const { stdout } = await promisify(execFile)(python, [
      '-c',
      'import torch, sysconfig; print(torch.version.cuda, sysconfig.get_path("purelib"))',
    ]);
    const [cuda, packages = ''] = stdout.trim().split(' ');
    const libraries = join(packages, 'torchaudio', 'lib');
    const names = cuda === 'None' ? await readdir(libraries).catch(() => []) : [];
    for (const one of names.filter((file) => file.endsWith('.so'))) await rm(join(libraries, one));
    return python;
  }

  let model: string;
  beforeAll(async () => {
    model = join(environmentFolder(cacheFolder(), 'llamafactory'), 'tiny-llama');
    const python = await environment('llamafactory');
    await tinyLlama(python, model, ['--hidden', '64', '--layers', '2']);
  }, 1_800_000);

  it('LLaMA-Factory trains, reports each step, and resumes from a checkpoint beyond its first end', async () => {
    const dataset = await aDataset();
    const { report } = await longhand<{ report: RunReport }>(
      'train',
      dataset,
      '--trainer',
      'llamafactory',
      '--model',
      model,
      ...SHORT,
    );
    expect(report).toMatchObject({ state: 'succeeded', step: 3, total: 3, loss: expect.any(Number) });
    expect(report.checkpoints.map(({ step, whole }) => [step, whole])).toEqual([
      [2, true],
      [3, true],
    ]);
    expect(await readdir(report.output ?? '')).toContain('model.safetensors');
    expect(await readdir(report.output ?? '')).toContain('training_loss.png');
    const log = await longhand<{ log: string[] }>('run', dataset, report.run, '--lines', '10000');
    // What it prints of the first row: only the trained text.
    expect(log.log.join('\n')).toMatch(/labels:\nNo, it is 0\. \\boxed\{0\}<\|end\|>/);
    const resumed = await longhand<{ report: RunReport; from: number }>(
      'resume-run',
      dataset,
      report.run,
      '--from',
      '2',
      '--max-steps',
      '5',
      '--follow',
    );
    expect(resumed).toMatchObject({ from: 2, report: { state: 'succeeded', step: 5, total: 5 } });
    const { progress } = await longhand<{ progress: { event: string; step?: number }[] }>('run', dataset, report.run);
    expect(progress.filter(({ event }) => event === 'log').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(progress).toContainEqual(expect.objectContaining({ event: 'eval', loss: expect.any(Number) }));
  }, 900_000);

  it.each(['dpo', 'kto'] as const)(
    'LLaMA-Factory trains on an export of the form %s, with its own stage',
    async (form) => {
      const dataset = await reviewedPairs(join(await temporaryFolder(), 'dataset'));
      await longhand('export', dataset, '--form', form, '--validation', '0.3');
      const common = ['train', dataset, '--trainer', 'llamafactory', '--model', model, ...SHORT];
      const { plan, report } = await longhand<{ plan: TrainingPlan; report: RunReport }>(...common);
      expect(plan.objective).toBe(form);
      expect(plan.config).toMatch(new RegExp(`stage: ${form}[\\s\\S]*\\ntemplate: empty\\n`));
      expect(report).toMatchObject({ state: 'succeeded', step: 3, total: 3, loss: expect.any(Number) });
      expect(await readdir(report.output ?? '')).toContain('model.safetensors');
      const { log, progress } = await longhand<{ log: string[]; progress: { event: string }[] }>(
        ...['run', dataset, report.run, '--lines', '10000'],
      );
      expect(progress).toContainEqual(expect.objectContaining({ event: 'eval', loss: expect.any(Number) }));
      // What it prints of the first row: one question, and an answer with its end.
      expect(log.join('\n')).toMatch(/<\|assistant\|>[\s\S]*labels:\n[^\n]/);
    },
    900_000,
  );

  it('ms-swift reports what it can’t measure, then trains with the exact mask, and resumes', async () => {
    await environment('swift');
    const dataset = await aDataset();
    const common = ['train', dataset, '--trainer', 'swift', '--model', model, ...SHORT];
    const stopped = await ended(...common, '--json');
    expect(stopped.code).toBe(1);
    expect((JSON.parse(stopped.stdout) as { report: RunReport }).report).toMatchObject({
      state: 'failed',
      failure: { kind: 'bad-config', advice: expect.stringContaining('Set model_type') },
    });
    const config = join(dataset, 'mine.yaml');
    const template = trainerOf('swift').config.template;
    await writeFile(config, template.replace('# model_type: qwen3', 'model_type: llama'));
    const { report } = await longhand<{ report: RunReport }>(...common, '--config', config);
    expect(report).toMatchObject({
      state: 'succeeded',
      step: 3,
      total: 3,
      output: expect.stringMatching(/checkpoint-3$/),
    });
    const { log, progress } = await longhand<{ log: string[]; progress: { event: string }[] }>(
      ...['run', dataset, report.run, '--lines', '10000'],
    );
    expect(progress).toContainEqual(expect.objectContaining({ event: 'eval', loss: expect.any(Number) }));
    expect(log.find((line) => line.includes('[LABELS] '))).toMatch(
      /\[LABELS\] \[-100 \* \d+\]No, it is \d+\. \\boxed\{\d+\}<\|end\|>/,
    );
    const resumed = await longhand<{ report: RunReport }>(
      'resume-run',
      dataset,
      report.run,
      '--from',
      '2',
      '--max-steps',
      '5',
      '--follow',
    );
    expect(resumed.report).toMatchObject({ state: 'succeeded', step: 5, total: 5 });
  }, 900_000);
});

describe('a custom command', () => {
  it('runs as given, without a shell, and its progress is read from the file that it names', async () => {
    const dataset = await aDataset();
    const model = join(dataset, 'a model; "$HOME"');
    await mkdir(model);
    await writeFile(join(model, 'config.json'), '{}');
    const script = join(dataset, 'mine.mjs');
    await writeFile(
      script,
      `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const [rows, model, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
writeFileSync(out + '/argv.json', JSON.stringify(process.argv.slice(2)));
const count = readFileSync(rows, 'utf8').trim().split('\\n').length;
writeFileSync(out + '/mine.jsonl', [1, 2].map((i) => JSON.stringify({ iter: i, of: 2, m: { loss: count / i } }) + '\\n').join('') + 'garbage\\n');
`,
    );
    const config = join(dataset, 'custom.json');
    await writeFile(
      config,
      JSON.stringify({ progress: { file: 'mine.jsonl', keys: { step: 'iter', total: 'of', loss: 'm.loss' } } }),
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: variables that Longhand replaces.
    const command = [process.execPath, script, '${rows}', '${model}', '${out}', '${from}', '$(id)'];
    const words = [
      'train',
      dataset,
      '--trainer',
      'custom',
      '--model',
      model,
      '--config',
      config,
      '--anyway',
      '--follow',
    ];
    const { report } = await longhand<{ report: RunReport }>(...words, '--command', JSON.stringify(command));
    expect(report).toMatchObject({ state: 'succeeded', step: 2, total: 2, loss: 4 });
    const argv = JSON.parse(await readFile(join(report.folder, 'out', 'argv.json'), 'utf8')) as string[];
    expect(argv).toEqual([join(report.folder, 'job', 'rows.jsonl'), model, join(report.folder, 'out'), '$(id)']);
    // The dataset stores the command that ran, and no later run uses it.
    const again = await ended('resume-run', dataset, report.run, '--max-steps', '9');
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('No command was given') });
  });
});
