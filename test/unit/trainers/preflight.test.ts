// The interpreter is a script that writes down what it is asked.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineChoice, TrainingSettings } from '../../../src/core/model/index.ts';
import { summariseLengths } from '../../../src/core/training/lengths.ts';
import type { PreflightCheck } from '../../../src/protocol/training.ts';
import { readTrainingRows } from '../../../src/trainers/export-rows.ts';
import { rowLimit } from '../../../src/trainers/launch.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { preflight } from '../../../src/trainers/preflight.ts';
import { rowChecks } from '../../../src/trainers/row-checks.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { NEVER, ROOT } from '../engines/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('the longest of very many rows is found', () => {
  const lengths = Array.from({ length: 300_000 }, (_, row) => ({ tokens: row + 1, trained: 1, first: 1 }));
  const checks: PreflightCheck[] = [];
  const settings = TrainingSettings.parse({ maxLength: 200_000 });
  rowChecks({ base: { kind: 'folder', path: '/model' }, settings, rows: { estimated: [] } }, { lengths }, checks);
  expect(checks).toMatchObject([{ id: 'lengths', advice: 'The longest row has 300000 tokens.' }]);
});

test.each([
  [
    true,
    { id: 'lengths', message: /^3 of 4 rows are longer/ },
    { id: 'rows', message: /^2 rows have no trained token left/ },
  ],
  [false, { id: 'lengths', message: /^About 3 of 4 rows/ }, { id: 'rows', message: /^About 2 rows have no trained/ }],
])('rows that the limit leaves without a trained token are counted (exact: %s)', (exact, ...wanted) => {
  const lengths = [5, 12, 13, 20].map((first, i) => ({ tokens: first + (i === 0 ? 0 : 9), trained: 1, first }));
  const checks: PreflightCheck[] = [];
  const asked = {
    base: { kind: 'folder' as const, path: '/model' },
    settings: { maxLength: 12 },
    rows: { estimated: lengths },
  };
  rowChecks(asked, exact ? { lengths } : undefined, checks);
  expect(checks).toMatchObject(
    wanted.map(({ id, message }) => ({ id, state: 'warning', message: expect.stringMatching(message) })),
  );
  rowChecks({ ...asked, settings: { maxLength: 4 } }, exact ? { lengths } : undefined, checks);
  expect(checks.at(-1)).toMatchObject({
    ...{
      id: 'rows',
      state: exact ? 'error' : 'warning',
      message: 'After the cut at 4 tokens no row has anything that is trained.',
    },
  });
});

test.each([
  { engine: 'ray', address: 'http://me:secret@127.0.0.1:8265' },
  { engine: 'slurm', rest: 'http://me:secret@127.0.0.1:6820', sharedFolder: '/shared' },
  { engine: 'slurm', rest: 'http://127.0.0.1:6820/?token=secret', sharedFolder: '/shared' },
])('an address that is stored holds no secret: %j', (choice) => {
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
] as const)('an estimate of %s rows, as a limit, cuts no text of which each byte is a token', async (form, row) => {
  const path = join(await temporaryFolder(), 'rows.jsonl');
  const long = JSON.stringify(row).replaceAll('等', '等'.repeat(1000));
  await writeFile(path, `${long}\n`);
  const { estimated } = await readTrainingRows({ path }, form, NEVER);
  const limit = rowLimit({ settings: TrainingSettings.parse({}), lengths: summariseLengths(estimated, false) });
  expect(limit).toBeGreaterThan(Buffer.byteLength('等'.repeat(2000)));
});

test.skipIf(process.platform === 'win32').each([trl, llamaFactory])(
  'rows of $name are counted through the template that the configuration names',
  async (trainer) => {
    const folder = await temporaryFolder();
    const python = join(folder, 'python');
    const said = '@@LONGHAND {"python": "3", "packages": {}}';
    await writeFile(python, `#!/bin/sh\ncat > "$0.asked"\necho '${said}'\n`, { mode: 0o755 });
    const rows = join(folder, 'rows.jsonl');
    await writeFile(rows, '');
    const context = {
      ...{ dataset: folder, exportsFolder: folder, distFolder: join(ROOT, 'dist'), mediaFolder: join(ROOT, 'media') },
      ...{ cache: folder, env: process.env, signal: NEVER, doing: () => {} },
    };
    const asked = {
      ...{ trainer, settings: TrainingSettings.parse({ device: 'cpu' }), engine: { engine: 'local' as const } },
      ...{
        resources: {},
        source: { name: 'e', rows: 'rows.jsonl', path: rows },
        base: { kind: 'folder' as const, path: folder },
      },
      ...{ rows: { count: 0, hash: '', estimated: [] }, program: { python }, chatTemplate: '/models/own.jinja' },
    };
    await preflight(asked, context);
    expect(JSON.parse(await readFile(`${python}.asked`, 'utf8'))).toMatchObject({
      model: folder,
      rows,
      template: '/models/own.jinja',
    });
  },
);
