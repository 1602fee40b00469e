// A SCRIPTED engine that counts submits.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attemptsOf } from '../../../src/store/runs.ts';
import { resumeTraining } from '../../../src/trainers/runs/resume.ts';
import { templateHash } from '../../../src/trainers/template/template-check.ts';
import { handleOf, runRecord, scriptedEngine, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { ROOT } from '../engines/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DIST } from '../verbs/run.ts';

test('a planned resume shows the current command, not the recorded one, and neither writes nor submits', async () => {
  const dataset = await temporaryFolder();
  const training = trainingOf({ trainer: 'custom', config: 'custom.json' });
  const record = runRecord('r', { command: ['/stranger/program'], training });
  const run = await storedRun(dataset, record, [], new Map([['custom.json', '{}']]));
  let submitted = 0;
  const engine = scriptedEngine({
    submit: async () => {
      submitted++;
      return handleOf('r');
    },
  });
  const options = {
    ...{ dataset, engine, mediaFolder: '/media', distFolder: '/dist', cache: '/cache' },
    ...{ signal: new AbortController().signal, program: { command: ['my-trainer', '--epochs=9'] }, longer: {} },
  };
  const planned = await resumeTraining(run, { ...options, plan: true });
  expect(planned).toMatchObject({ from: 0, total: 10, command: ['my-trainer', '--epochs=9'] });
  expect(submitted).toBe(0);
  expect(await attemptsOf(run)).toEqual([]);
  expect((await readdir(run.folder)).sort()).toEqual(['job', 'run.json']);

  const resumed = await resumeTraining(run, { ...options, plan: false });
  expect(resumed).toEqual(planned);
  expect(submitted).toBe(1);
  expect(await attemptsOf(run)).toHaveLength(1);
});

describe('a resumed training', () => {
  const TEMPLATE = '{% for m in messages %}{{ m.content }}</s>{% endfor %}';
  const ROW = `${JSON.stringify({
    messages: [
      { role: 'user', content: 'What is 2 + 2?' },
      { role: 'assistant', content: 'It is 4.' },
    ],
  })}\n`;

  /** Resumes a training of a model with a chat template, after a change. Counts the submits. */
  async function resumed(change: (model: string) => Promise<unknown>, named = 'null') {
    const dataset = await temporaryFolder();
    const model = join(dataset, 'model');
    await mkdir(model);
    await writeFile(join(model, 'config.json'), '{}');
    await writeFile(join(model, 'chat_template.jinja'), TEMPLATE);
    const began = { templateHash: await templateHash(model) };
    const config = `model: ${JSON.stringify(model)}\nchat_template: ${named}\nsft:\n  seed: 1\n`;
    const files = new Map([
      ['sft.yaml', config],
      ['rows.jsonl', ROW],
    ]);
    const run = await storedRun(dataset, runRecord('r', { training: trainingOf({ model, ...began }) }), [], files);
    await change(model);
    let submits = 0;
    const submit = async () => {
      submits++;
      return handleOf('r');
    };
    const resume = resumeTraining(run, {
      ...{
        dataset,
        engine: scriptedEngine({ submit }),
        mediaFolder: join(ROOT, 'media'),
        distFolder: DIST,
        cache: '/cache',
      },
      ...{ signal: new AbortController().signal, program: {}, longer: {}, plan: false },
    });
    return resume.then(
      () => ({ submits, message: undefined }),
      (error: Error) => ({ submits, message: error.message }),
    );
  }

  test('has the chat template of its beginning', async () => {
    expect(await resumed(async () => undefined)).toEqual({ submits: 1, message: undefined });
  });

  test('finds its chat template from the folder of its job', async () => {
    const copy = (model: string) => writeFile(join(model, '..', 'own.jinja'), TEMPLATE);
    expect(await resumed(copy, '../../../own.jinja')).toEqual({ submits: 1, message: undefined });
  });

  test.each([
    [
      'another chat template',
      (model: string) => writeFile(join(model, 'chat_template.jinja'), `${TEMPLATE} `),
      /The chat template of the model in .*model is not the one with which run r began\./,
    ],
    ['no model', (model: string) => rm(model, { recursive: true }), /There is no model at/],
  ])('with %s is refused before it is submitted', async (_, change, message) => {
    expect(await resumed(change)).toEqual({ submits: 0, message: expect.stringMatching(message) });
  });

  test.each([
    ['own.jinja', /names the chat template “own\.jinja”\. The training runs in another folder/],
    ['/nowhere/own.jinja', /\/nowhere\/own\.jinja, which is not a file that can be read/],
  ])('is refused where its configuration names the chat template %s', async (named, message) => {
    expect(await resumed(async () => undefined, named)).toEqual({
      submits: 0,
      message: expect.stringMatching(message),
    });
  });
});
