import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resumeTraining } from '../../../src/trainers/runs/resume.ts';
import { readThroughTemplate, templateCheck } from '../../../src/trainers/template/template-check.ts';
import { runRecord, scriptedEngine, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { DIST, newDataset, run } from '../../unit/verbs/run.ts';

const IN_THREAD = { distFolder: DIST, signal: new AbortController().signal };
const ROW = {
  prompt: [{ role: 'user', content: 'What is 2 + 2?' }],
  completion: [{ role: 'assistant', content: 'It is 4.' }],
  label: true,
};

/** A loop that ends in centuries, and one that grows a list until memory ends. */
const ENDLESS =
  '{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}';
const HUGE =
  '{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l, range(99999)] %}{% endfor %}';

/** A model's folder with a chat template and a row for it. */
async function modelWith(template: string): Promise<{ model: string; rows: string }> {
  const model = await temporaryFolder();
  const rows = join(model, 'rows.jsonl');
  await writeFile(join(model, 'config.json'), '{}');
  await writeFile(join(model, 'chat_template.jinja'), template);
  await writeFile(rows, `${JSON.stringify(ROW)}\n`);
  return { model, rows };
}

test.each([
  ['an endless', ENDLESS],
  ['a huge', HUGE],
])('the chat template with %s loop is stopped, and no training starts with it', async (_, template) => {
  const { model, rows } = await modelWith(template);
  const reading = await readThroughTemplate(model, rows, IN_THREAD, { form: 'kto' });
  expect(reading.findings).toMatchObject([{ kind: 'endless', rows: 1, message: expect.stringMatching(/was stopped/) }]);
  for (const by of ['longhand', 'script', 'trainer'] as const)
    expect(templateCheck(reading, by)).toMatchObject({
      state: 'error',
      message: expect.stringMatching(/can’t be used: it was stopped/),
    });
});

test('an endless chat template is refused by an export that asks where its thought belongs', async () => {
  const { model } = await modelWith(ENDLESS);
  const exported = run('export', { dataset: await newDataset(), select: 'passed', model, plan: true });
  await expect(exported).rejects.toThrow(/Can’t use the chat template of .*: it was stopped after 5 s/);
});

test('an endless chat template is refused by the resume of a training, whose record may be older', async () => {
  const { model } = await modelWith(ENDLESS);
  const { prompt, completion } = ROW;
  const files = new Map([
    ['sft.yaml', 'chat_template: null\n'],
    ['rows.jsonl', `${JSON.stringify({ messages: [...prompt, ...completion] })}\n`],
  ]);
  const run = await storedRun(model, runRecord('r', { training: trainingOf({ model }) }), [], files);
  const resumed = resumeTraining(run, {
    ...{ dataset: model, engine: scriptedEngine(), mediaFolder: '/media', distFolder: DIST, cache: '/cache' },
    ...{ signal: IN_THREAD.signal, program: {}, longer: {}, plan: true },
  });
  await expect(resumed).rejects.toThrow(/^The chat template can’t be used: it was stopped after 5 s/);
});

test('a thread that can’t start is no fault of the chat template', async () => {
  const { model, rows } = await modelWith('{{ messages }}');
  const reading = readThroughTemplate(model, rows, { ...IN_THREAD, distFolder: model }, { form: 'kto' });
  await expect(reading).rejects.toThrow(/^Can’t run the chat template in a thread: .*template-worker/);
});

test('another template replaces that of the model', async () => {
  const { model, rows } = await modelWith(ENDLESS);
  const template = join(model, 'own.jinja');
  await writeFile(template, '{% for m in messages %}{{ m.content }}</s>{% endfor %}');
  const reading = await readThroughTemplate(model, rows, IN_THREAD, { form: 'kto', template });
  expect(reading.findings).toEqual([]);
});

test('a check of a chat template ends when it is cancelled', async () => {
  const { model, rows } = await modelWith(ENDLESS);
  const cancel = new AbortController();
  const context = { distFolder: DIST, signal: cancel.signal };
  const reading = readThroughTemplate(model, rows, context, { form: 'kto' });
  // The thread runs by then, and has not reached its limit.
  setTimeout(() => cancel.abort(new Error('cancelled by a test')), 1500);
  await expect(reading).rejects.toThrow('cancelled by a test');
});
