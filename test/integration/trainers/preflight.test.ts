// The interpreter is a script that records its arguments.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineChoice, TrainingSettings } from '../../../src/core/schemas/index.ts';
import { summariseLengths } from '../../../src/core/training/lengths.ts';
import type { PreflightCheck } from '../../../src/protocol/training.ts';
import { readTrainingRows } from '../../../src/trainers/export-rows.ts';
import { trainerOf } from '../../../src/trainers/index.ts';
import { rowLimit } from '../../../src/trainers/launch.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { preflight } from '../../../src/trainers/preflight/preflight.ts';
import { exportChecks, rowChecks } from '../../../src/trainers/preflight/row-checks.ts';
import type { Trainer } from '../../../src/trainers/trainer.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { NEVER, ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

test('the maximum length in a large file is found', () => {
  const lengths = Array.from({ length: 300_000 }, (_, row) => ({ tokens: row + 1, trained: 1, first: 1 }));
  const checks: PreflightCheck[] = [];
  const settings = TrainingSettings.parse({ maxLength: 200_000 });
  rowChecks({ base: { kind: 'folder', path: '/model' }, settings, rows: { estimated: [] } }, { lengths }, checks);
  expect(checks).toMatchObject([{ id: 'lengths', advice: 'Rows have up to 300,000 tokens.' }]);
});

test.each([
  [
    true,
    { id: 'lengths', message: /^3 of 4 rows longer than 12 tokens/ },
    { id: 'rows', message: /^2 rows without a trained token/ },
  ],
  [false, { id: 'lengths', message: /^About 3 of 4 rows/ }, { id: 'rows', message: /^About 2 rows without a trained/ }],
])('rows that the limit leaves without a trained token are counted (exact: %s)', (exact, ...expected) => {
  const lengths = [5, 12, 13, 20].map((first, i) => ({ tokens: first + (i === 0 ? 0 : 9), trained: 1, first }));
  const checks: PreflightCheck[] = [];
  const asked = {
    base: { kind: 'folder' as const, path: '/model' },
    settings: { maxLength: 12 },
    rows: { estimated: lengths },
  };
  rowChecks(asked, exact ? { lengths } : undefined, checks);
  expect(checks).toMatchObject(
    expected.map(({ id, message }) => ({ id, state: 'warning', message: expect.stringMatching(message) })),
  );
  rowChecks({ ...asked, settings: { maxLength: 4 } }, exact ? { lengths } : undefined, checks);
  expect(checks.at(-1)).toMatchObject({
    ...{
      id: 'rows',
      state: exact ? 'error' : 'warning',
      message: 'No row has a trained token: all are truncated at 4 tokens.',
    },
  });
});

test.each([
  { engine: 'ray', address: 'http://me:secret@127.0.0.1:8265' },
  { engine: 'slurm', rest: 'http://me:secret@127.0.0.1:6820', sharedFolder: '/shared' },
  { engine: 'slurm', rest: 'http://127.0.0.1:6820/?token=secret', sharedFolder: '/shared' },
])('a stored address contains no secret: %j', (choice) => {
  const read = EngineChoice.safeParse(choice);
  expect(read.error?.issues[0]?.message).toMatch(/leave out .*(LONGHAND_RAY_TOKEN|SLURM_JWT)$/);
});

test.each([
  ['chat_template: null', undefined],
  ['chat_template:', undefined],
  ['chat_template: # none', undefined],
  ['chat_template: /models/own.jinja  # ours', '/models/own.jinja'],
  ['chat_template: "/models/my own.jinja"', '/models/my own.jinja'],
  ["chat_template: '/models/a#b.jinja'", '/models/a#b.jinja'],
])('%s names the template %s', (line, file) => {
  expect(trl.chatTemplate?.(`model: m\n${line}\nsft:\n  seed: 1\n`)).toBe(file);
});

test.each([
  ['prefix', { prompt: '二加二等于几？', completion: '等于四。' }],
  [
    'messages',
    {
      messages: [
        { role: 'user', content: '二加二等于几？' },
        { role: 'assistant', content: '等于四。' },
      ],
    },
  ],
] as const)('an estimate of %s rows, as a limit, truncates no text with a token for each byte', async (form, row) => {
  const path = join(await temporaryFolder(), 'rows.jsonl');
  const long = JSON.stringify(row).replaceAll('等', '等'.repeat(1000));
  await writeFile(path, `${long}\n`);
  const { estimated } = await readTrainingRows({ path }, form, NEVER);
  const limit = rowLimit({ settings: TrainingSettings.parse({}), lengths: summariseLengths(estimated, false) });
  expect(limit).toBeGreaterThan(Buffer.byteLength('等'.repeat(2000)));
});

/** A preflight in which the interpreter is a script that stores what it is asked. */
async function scriptedPreflight(
  trainer: Trainer,
  { rows = '', template, named }: { rows?: string; template?: string; named?: string } = {},
): Promise<{ folder: string; asked: Record<string, unknown>; checks: PreflightCheck[] }> {
  const folder = await temporaryFolder();
  const python = join(folder, 'python');
  const reply = '@@LONGHAND {"python": "3", "packages": {}}';
  await writeFile(python, `#!/bin/sh\ncat > "$0.asked"\necho '${reply}'\n`, { mode: 0o755 });
  const path = join(folder, 'rows.jsonl');
  await writeFile(path, rows);
  if (template !== undefined) await writeFile(join(folder, 'chat_template.jinja'), template);
  await writeFile(join(folder, 'own.jinja'), template ?? '');
  const context = {
    ...{ dataset: folder, exportsFolder: folder, distFolder: join(ROOT, 'dist'), mediaFolder: join(ROOT, 'media') },
    ...{ cache: folder, env: process.env, signal: NEVER, onStep: () => {} },
  };
  const { checks } = await preflight(
    {
      ...{ trainer, settings: TrainingSettings.parse({ device: 'cpu' }), engine: { engine: 'local' as const } },
      ...{ resources: {}, source: { name: 'e', rows: 'rows.jsonl', path }, base: { kind: 'folder', path: folder } },
      ...{
        renders: trainer.rendered?.answers !== undefined,
        rows: { count: 0, hash: '', estimated: [] },
        program: { python },
        job: join(folder, 'runs', 'r', 'job'),
        chatTemplate: named ?? join(folder, 'own.jinja'),
      },
    },
    context,
  );
  return { folder, asked: JSON.parse(await readFile(`${python}.asked`, 'utf8')), checks };
}

describe.skipIf(process.platform === 'win32')('a preflight', () => {
  test.each([trl, llamaFactory])(
    'counts rows of $name with the template that the configuration names',
    async (trainer) => {
      const { folder, asked } = await scriptedPreflight(trainer);
      expect(asked).toMatchObject({ model: folder, rows: join(folder, 'rows.jsonl') });
      expect(asked.template).toBe(join(folder, 'own.jinja'));
    },
  );

  test('finds a chat template from the folder of the job', async () => {
    const { folder, asked } = await scriptedPreflight(trl, { named: '../../../own.jinja' });
    expect(asked.template).toBe(join(folder, 'own.jinja'));
  });

  test.each([
    ['trl', 'dpo'],
    ['trl', 'kto'],
    ['llamafactory', 'dpo'],
    ['llamafactory', 'kto'],
  ] as const)('of %s checks how the chat template renders answers of %s', async (name, objective) => {
    const prompt = [{ role: 'user', content: 'What is 2 + 2?' }];
    const answer = [{ role: 'assistant', content: 'It is 4.', reasoning_content: 'Two and two.' }];
    const row = { dpo: { prompt, chosen: answer, rejected: answer }, kto: { prompt, completion: answer, label: true } };
    const strips = "{% for m in messages %}{{ m.content.split('</think>')[-1] }}</s>{% endfor %}";
    const rows = `${JSON.stringify(row[objective])}\n`;
    const { checks } = await scriptedPreflight(trainerOf(name, objective), { rows, template: strips });
    const answers = objective === 'dpo' ? '2 of 2 answers' : '1 of 1 answer';
    expect(checks.filter(({ id }) => id === 'template')).toMatchObject([
      { state: 'ok', message: `The chat template removes the reasoning before answers. (${answers})` },
    ]);
  });

  test.each([
    ['own.jinja', /names the chat template “own\.jinja”\. The training runs in another folder/],
    ['~/own.jinja', /names the chat template “~\/own\.jinja”\. The training runs in another folder/],
    ['/nowhere/own.jinja', /\/nowhere\/own\.jinja, which is not a file that can be read/],
  ])('refuses the chat template %s of the configuration', async (named, message) => {
    const { asked, checks } = await scriptedPreflight(trl, { named });
    expect(checks.filter(({ id }) => id === 'template')).toMatchObject([
      { state: 'error', message: expect.stringMatching(message) },
    ]);
    expect(asked).toEqual({ packages: expect.any(Array) });
  });

  test('lets Python count no rows with a chat template that does not end', async () => {
    const row = {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y' },
      ],
    };
    const loop = '{% for a in range(99999) %}';
    const template = `${loop.repeat(3)}${'{% endfor %}'.repeat(3)}`;
    const { folder, asked, checks } = await scriptedPreflight(trl, { rows: `${JSON.stringify(row)}\n`, template });
    expect(asked).toEqual({ packages: expect.any(Array), template: join(folder, 'own.jinja') });
    expect(checks).toContainEqual(expect.objectContaining({ id: 'template', state: 'error' }));
  });
});

test.each([
  [
    'a manifest with warnings',
    { wrongAnswer: 3, filteredOut: 1207 },
    '3 with a wrong final answer, 1,207 filtered out',
  ],
  ['a manifest without warnings', { wrongAnswer: 0, filteredOut: 0 }, undefined],
  ['a manifest of an older version', undefined, undefined],
])('%s', async (_title, warnings, phrase) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ counts: { chains: 2000, warnings } }));
  const checks = await exportChecks({
    name: 'set',
    rows: 'train.messages.jsonl',
    path: join(folder, 'train.messages.jsonl'),
  });
  if (phrase === undefined) expect(checks).toEqual([]);
  else {
    expect(checks).toMatchObject([{ id: 'rows', state: 'warning', message: expect.stringContaining(phrase) }]);
  }
});

test('rows that mask whole messages are counted with what they lose', async () => {
  const folder = await temporaryFolder();
  const none = { wrongAnswer: 0, noAnswer: 0, filteredOut: 0 };
  const counts = { chains: 212, prefixRows: 200, apart: 150, warnings: none };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ counts }));
  const rows = (name: string) => exportChecks({ name: 'set', rows: name, path: join(folder, name) });
  expect(await rows('train.prefix.jsonl')).toMatchObject([
    { id: 'rows', state: 'warning', message: expect.stringMatching(/^12 of 212 chains of “set” have masked text/) },
    { id: 'template', state: 'warning', message: expect.stringMatching(/^150 chains have the reasoning in <think>/) },
  ]);
  expect(await rows('train.messages.jsonl')).toEqual([]);
  await writeFile(join(folder, 'validation.messages.jsonl'), '{}');
  expect(await rows('train.messages.jsonl')).toMatchObject([
    { id: 'rows', state: 'warning', message: expect.stringContaining('validation.messages.jsonl) are not used') },
  ]);
});

test.each([
  ['TRL on this machine', { trainer: trl, engine: { engine: 'local' as const }, program: {} }, 'TRL is not installed.'],
  [
    'the conversion of a GGUF file for a cluster',
    {
      trainer: trl,
      engine: { engine: 'slurm' as const, host: 'nowhere.invalid', sharedFolder: '/shared' },
      program: {},
    },
    'The converter for GGUF files is not installed.',
  ],
])('a missing installation is the only result: %s', async (_, over, message) => {
  const folder = await temporaryFolder();
  const file = join(folder, 'model.gguf');
  await writeFile(file, 'GGUF');
  const context = {
    ...{ dataset: folder, exportsFolder: folder, distFolder: join(ROOT, 'dist'), mediaFolder: join(ROOT, 'media') },
    ...{ cache: join(folder, 'cache'), env: process.env, signal: NEVER, onStep: () => {} },
  };
  const asked = {
    ...{ settings: TrainingSettings.parse({}), resources: {}, base: { kind: 'gguf' as const, path: file } },
    ...{
      source: { name: 'e', rows: 'rows.jsonl', path: file },
      rows: { count: 0, hash: '', estimated: [] },
      job: folder,
      ...over,
    },
  };
  const { checks } = await preflight(asked, context);
  expect(checks).toMatchObject([{ id: 'environment', state: 'error', message }]);
  expect(JSON.stringify(checks)).not.toMatch(/ENOENT|spawn/);
});
