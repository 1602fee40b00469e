// What a run from another person may make a resume do. The engine is SCRIPTED: its job has failed, and it counts its submissions.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { placesIn, UnreadablePlace } from '../../../src/core/training/config-places.ts';
import type { JobSpec } from '../../../src/engines/engine.ts';
import { jobFolderOf } from '../../../src/store/runs.ts';
import { axolotl } from '../../../src/trainers/axolotl/axolotl.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { type ResumeOptions, resumeTraining } from '../../../src/trainers/runs/resume.ts';
import { swift } from '../../../src/trainers/swift/swift.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { handleOf, runRecord, scriptedEngine, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { aRequest } from '../../unit/trainers/a-request.ts';

const MEDIA = join(import.meta.dirname, '../../../media');

async function failed(model = 'm', trainer = 'trl') {
  const dataset = await temporaryFolder();
  const config = trainer === 'trl' ? 'sft.yaml' : `${trainer}.yaml`;
  const record = runRecord('r', { training: trainingOf({ trainer, model, modelPath: model, steps: 1, config }) });
  const files = new Map([
    ['rows.jsonl', '{}\n'],
    ...(trainer === 'trl'
      ? ([
          ['sft.yaml', 'sft:\n'],
          ['train_sft.py', 'print("of another version")\n'],
        ] as const)
      : ([[`${trainer}.yaml`, `model: ${model}\n`]] as const)),
  ]);
  const run = await storedRun(dataset, record, [handleOf('r')], files);
  const sent: JobSpec[] = [];
  const engine = scriptedEngine({
    handle: () => handleOf('r', 2),
    submit: async (spec) => {
      sent.push(spec);
      return handleOf('r');
    },
  });
  const resume = (more: Partial<ResumeOptions> = {}) =>
    resumeTraining(run, {
      ...{ dataset, mediaFolder: MEDIA, distFolder: dataset, cache: dataset, engine, program: {}, longer: {}, from: 0 },
      plan: false,
      signal: new AbortController().signal,
      ...more,
    });
  return { dataset, job: jobFolderOf(run), sent, resume };
}

test('a resume refuses files in the folder of the job that Longhand did not write, and names them', async () => {
  const { dataset, job, sent, resume } = await failed();
  const put: Record<string, () => Promise<unknown>> = {
    'yaml.py': () => writeFile(join(job, 'yaml.py'), ''),
    '.env': () => writeFile(join(job, '.env'), ''),
    transformers: () => mkdir(join(job, 'transformers')),
    'longhand_rows.py': () => symlink(join(dataset, 'elsewhere'), join(job, 'longhand_rows.py')),
  };
  for (const [name, make] of Object.entries(put)) {
    await make();
    await expect(resume()).rejects.toMatchObject({
      kind: 'not-ready',
      message: expect.stringContaining(`“${name}”`),
      advice: expect.stringContaining(job),
    });
    await rm(join(job, name), { recursive: true });
  }
  expect(sent).toEqual([]);
});

test('a resume refuses a configuration that writes outside of the run, and accepts one that does not', async () => {
  const { dataset, job, sent, resume } = await failed();
  const config = join(job, 'sft.yaml');
  for (const elsewhere of ['/tmp/elsewhere', '"/tmp/elsewhere"', `'${join(dataset, 'runs', 'other', 'out')}'`]) {
    await writeFile(config, `sft:\n  output_dir: ${elsewhere}\n`);
    await expect(resume()).rejects.toMatchObject({ kind: 'bad-config' });
  }
  expect(sent).toEqual([]);
  await writeFile(config, `sft:\n  output_dir: ${JSON.stringify(join(dataset, 'runs', 'r', 'out'))}\n`);
  await resume();
  expect(sent).toHaveLength(1);
});

const KEYS = ['output_dir', 'dataset_prepared_path'];
test.each([
  'sft: {output_dir: /x}',
  '{"sft": {"output_dir": "/x"}}',
  "'output_dir': /x",
  '"output-dir": /x',
  '? output_dir\n: /x',
  '? "output\\x5fdir"\n: /x',
  '"\\u006futput_dir": /x',
  'a: &k output_dir\n*k : /x',
  'a: &k "output\\x5fdir"\n*k : /x',
  '!!str output_dir: /x',
  'a: 1\u2028output_dir: /x',
  '# a\u0085output_dir: /x',
  '# a\routput_dir: /x',
  '{a: "\n# ", output_dir: /x}',
  'output_dir:\n  /x',
  'output_dir: /run/out\n  /../../x',
  '{\noutput_dir: /run/out\n/../../x\n}',
  'output_dir: /run/out/../x',
  'output_dir: !!str /x',
  'output_dir: "/run/out"\noutput_dir: /x',
  'dataset_prepared_path: /x',
  'dataset_prepared_path: /run/out/../../x',
  '\0o\0u\0t',
])('%j writes elsewhere, or to an unknown path', (config) => {
  const elsewhere = () => {
    for (const { key, path } of placesIn(config, KEYS)) {
      if (path !== '/run/out' || key !== 'output_dir') throw new UnreadablePlace(0);
    }
  };
  expect(elsewhere).toThrow(UnreadablePlace);
});

test.each([
  ['sft:\n  output_dir: "/run/out"  # here\n', '/run/out'],
  ['- output_dir: /run/out # here\n\n# more\nseed: 1', '/run/out'],
  ["{\n  'output_dir': '/it''s',\n  a: 1}", "/it's"],
  ['overwrite_output_dir: true\n# in output_dir\nmodel: /a/output_dir/b\ntext: "a\\nb"', undefined],
  ['dataset_prepared_path:\nseed: 1', null],
])('%j is read', (config, path) => {
  expect(placesIn(config, KEYS).map((one) => one.path)).toEqual(path === undefined ? [] : [path]);
});

test.each([trl, llamaFactory, swift, axolotl])('the template of $name is read', ({ config }) => {
  expect(placesIn(config.template, KEYS).map(({ key }) => key)).toContain('output_dir');
});

test('a resume refuses an unreadable configuration, and rows prepared elsewhere', async () => {
  const { dataset, job, sent, resume } = await failed();
  const out = join(dataset, 'runs', 'r', 'out');
  for (const config of [
    'sft: {output_dir: /x}',
    'dataset_prepared_path: /x',
    `dataset_prepared_path: ${out}/../../x`,
  ]) {
    await writeFile(join(job, 'sft.yaml'), `${config}\n`);
    await expect(resume()).rejects.toMatchObject({ kind: 'bad-config' });
  }
  expect(sent).toEqual([]);
  await writeFile(join(job, 'sft.yaml'), `dataset_prepared_path: ${JSON.stringify(`${out}/prepared`)}\n`);
  await resume();
  expect(sent).toHaveLength(1);
});

test('a resume makes no request to the hub where the model is a folder', async () => {
  const env = async (model: string) => {
    const { sent, resume } = await failed(model);
    await resume();
    return sent[0]?.env;
  };
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'config.json'), '{}');
  expect(await env(folder)).toHaveProperty('HF_HUB_OFFLINE', '1');
  expect(await env('owner/base')).not.toHaveProperty('HF_HUB_OFFLINE');
});

test('a resume removes compiled files, and writes scripts again', async () => {
  const { job, sent, resume } = await failed();
  await mkdir(join(job, '__pycache__'));
  await writeFile(join(job, '__pycache__', 'longhand_rows.cpython-311.pyc'), 'x');
  await resume();
  const names = ['longhand_progress.py', 'longhand_rows.py', 'rows.jsonl', 'sft.yaml', 'train_sft.py'];
  expect((await readdir(job)).sort()).toEqual(names);
  expect(await readFile(join(job, 'train_sft.py'), 'utf8')).toContain('SFTTrainer');
  expect(sent.map(({ files }) => files.map(({ path }) => path))).toEqual([names]);
});

test('no file beside the script replaces a package, in any version of Python', async () => {
  const [job, packages] = [await temporaryFolder(), await temporaryFolder()];
  await copyFile(join(MEDIA, 'python', 'train_sft.py'), join(job, 'train_sft.py'));
  await writeFile(join(job, 'yaml.py'), 'print("a stranger’s")\n');
  await writeFile(join(job, 'argparse.py'), 'print("a stranger’s")\n');
  await writeFile(join(packages, 'yaml.py'), 'print("the package")\n');
  for (const safe of ['', '1']) {
    const env = { PATH: process.env.PATH ?? '', PYTHONPATH: packages, PYTHONSAFEPATH: safe };
    const { stdout } = await promisify(execFile)('python3', ['./train_sft.py', '--help'], { cwd: job, env });
    expect(stdout).toMatch(/^the package\nusage: /);
  }
});

test('trainers import nothing from the folder of the job, except the plugin of axolotl', () => {
  const safe = [trl, llamaFactory, swift].map((trainer) => trainer.command(aRequest()).env.PYTHONSAFEPATH);
  expect(safe).toEqual(['1', '1', '1']);
  expect(axolotl.command(aRequest()).env.PYTHONSAFEPATH).toBe('');
});

test('a resume refuses a configuration that names other code, shows it, and runs it only on request', async () => {
  const { job, sent, resume } = await failed();
  await writeFile(join(job, 'sft.yaml'), 'model: m\nsft:\n  model_init_kwargs: {trust_remote_code: true}\n');
  const planned = await resume({ plan: true });
  expect(planned.risks).toEqual(['sft.yaml, line 3: model_init_kwargs: {trust_remote_code: true}']);
  await expect(resume()).rejects.toMatchObject({
    kind: 'bad-config',
    message: expect.stringContaining('line 3: model_init_kwargs: {trust_remote_code: true}'),
    advice: expect.stringContaining('--allow-code'),
  });
  expect(sent).toEqual([]);
  await resume({ allowCode: true });
  expect(sent).toHaveLength(1);
});

test('a resume refuses a model with code for a trainer that runs the code of a model', async () => {
  const model = await temporaryFolder();
  const { sent, resume } = await failed(model, 'swift');
  await resume();
  expect(sent).toHaveLength(1);
  await writeFile(join(model, 'modeling_evil.py'), '');
  await expect(resume()).rejects.toMatchObject({
    kind: 'bad-config',
    message: expect.stringContaining('modeling_evil.py'),
  });
  const hub = await failed('owner/name', 'swift');
  await expect(hub.resume()).rejects.toMatchObject({ kind: 'bad-config' });
  expect([sent.length, hub.sent.length]).toEqual([1, 0]);
});
