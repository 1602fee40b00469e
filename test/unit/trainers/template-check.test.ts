import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MessagesRow } from '../../../src/core/training/rows.ts';
import { templateTasks } from '../../../src/trainers/template/tasks.ts';
import { readThroughTemplate, templateCheck } from '../../../src/trainers/template/template-check.ts';
import { FAMILIES, templatePath } from '../../fixtures/templates.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DIST } from '../verbs/run.ts';

const IN_THREAD = { distFolder: DIST, signal: new AbortController().signal };

const ask = [{ role: 'user', content: 'What is 2 + 2?' }];
const answered = (thought: string) => [{ role: 'assistant', content: 'It is 4.', reasoning_content: thought }];
const ROWS = {
  dpo: { prompt: ask, chosen: answered('Two and two.'), rejected: answered('A guess.') },
  kto: { prompt: ask, completion: answered('Two and two.'), label: false },
};

describe('the chat template of a model', () => {
  test.each([
    ['dpo', 2],
    ['kto', 1],
  ] as const)('renders each answer of a row of %s', async (form, answers) => {
    const folder = await temporaryFolder();
    const rows = join(folder, 'rows.jsonl');
    await writeFile(rows, `${JSON.stringify(ROWS[form])}\n`);
    const family = FAMILIES.find(({ file }) => file === 'qwen3');
    if (family) await copyFile(templatePath(family), join(folder, 'chat_template.jinja'));
    const good = templateCheck(await readThroughTemplate(folder, rows, IN_THREAD, { form }), 'script', 'answer');
    expect(good).toMatchObject({ state: 'ok' });
    expect(good.message).toMatch(answers === 2 ? /^2 answers keep their/ : /^1 answer keeps its/);
    await writeFile(join(folder, 'chat_template.jinja'), "{{ raise_exception('no') }}");
    const bad = templateCheck(await readThroughTemplate(folder, rows, IN_THREAD, { form }), 'script', 'answer');
    expect(bad).toMatchObject({
      state: 'warning',
      message: expect.stringContaining(`${answers} of ${answers} answer`),
    });
  });

  test('is refused where it makes a short row to a very long text', () => {
    const doubled = "{% set ns = namespace(x='x') %}{% for i in range(21) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";
    const source = `${doubled}{{ ns.x }}{% for m in messages %}{{ m.content }}{% endfor %}`;
    const row = MessagesRow.parse({ messages: [...ROWS.kto.prompt, ...ROWS.kto.completion] });
    const refused = { refused: expect.stringMatching(/^it writes a text of [\d,]+ characters for a row$/) };
    expect(templateTasks({ source, bosToken: '', eosToken: '' })({ ask: 'parts', row })).toEqual(refused);
  });
});
