import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/export/index.ts';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { DEFAULT_LAYOUT } from '../../../src/core/review/table/columns.ts';
import { saveView } from '../../../src/store/views.ts';
import { print } from '../../../src/verbs/export/export.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { act } from '../store/fixtures.ts';
import { file, newDataset, open, run, temporaryFolder } from './run.ts';

interface Row {
  id: string;
  problem_id: string;
}

/** The sample dataset of which every chain is accepted; some have wrong answers. */
async function accepted(): Promise<string> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  for (const { id } of opened.index.chains()) await opened.appendReview(act('r1', id, { act: 'accept' }));
  return dataset;
}

async function rowsOf(folder: string, name: string): Promise<Row[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

/** So that no reply is too short. */
const LONG = 'First we read the problem, and then we think about it for a while.';

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));

describe('the plan of an export', { timeout: 60_000 }, () => {
  test('writes nothing, and has the numbers of the export', async () => {
    const dataset = await accepted();
    const choices: VerbArgs<'export'> = {
      ...{ dataset, select: 'accepted', validation: 0.2, leaveOut: ['filtered-out'], order: 'shuffled' },
    };
    const planned = await run('export', { ...choices, plan: true });
    expect(await readdir(dataset)).not.toContain('exports');
    const written = await run('export', choices);
    const { chains, trained, masked, warnings, left } = written;
    expect(planned).toMatchObject({ folder: written.folder, chains, trained, masked, warnings, left, files: {} });
    const { plan } = planned;
    const train = await rowsOf(written.folder, 'train.messages.jsonl');
    const validation = await rowsOf(written.folder, 'validation.messages.jsonl');
    expect(plan).toMatchObject({ train: { rows: train.length }, validation: { rows: validation.length } });
    expect(plan?.preview[0]?.id).toBe(train[0]?.id);
    expect(plan?.preview.find(({ set }) => set === 'validation')?.id).toBe(validation[0]?.id);
    expect(print(planned)).toContain('Nothing was written.');
    expect(print(planned)).toMatch(/Row \S+, with what is trained between ⟦ and ⟧:\n\n.*⟦/s);
    const lengths = plan?.lengths.reduce((sum, { rows }) => sum + rows, 0);
    expect(lengths).toBe(chains);
  });

  test('shows a text with its mask', async () => {
    const dataset = await accepted();
    const { plan } = await run('export', { dataset, select: 'accepted', plan: true });
    const opened = await open(dataset);
    for (const { id, parts, shortened } of plan?.preview ?? []) {
      const { text, segments } = await opened.chain(id);
      expect(parts.map((part) => part.text).join('')).toBe(shortened ? text.slice(0, 6000) : text);
      const masked = segments.filter(({ train }) => !train).map(({ start, end }) => text.slice(start, end));
      expect(parts.filter(({ train }) => !train).map((part) => part.text)).toEqual(masked);
    }
    expect(plan?.preview).toHaveLength(3);
  });

  test('shows rows as the chat template of the model renders them, with the same trained text', async () => {
    const dataset = await accepted();
    const model = await temporaryFolder();
    await writeFile(join(model, 'config.json'), '{}');
    const template =
      '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}';
    await writeFile(join(model, 'chat_template.jinja'), template);
    const written = await run('export', { dataset, select: 'accepted', reasoning: 'tags', plan: true });
    const { plan } = await run('export', { dataset, select: 'accepted', reasoning: 'tags', model, plan: true });
    expect(plan?.template).toEqual({ model });
    expect(plan?.preview).toHaveLength(3);
    for (const [i, { parts, problem }] of (plan?.preview ?? []).entries()) {
      expect(parts[0]).toMatchObject({ part: 'template', train: false, text: expect.stringContaining(problem) });
      const own = parts.filter(({ part }) => part !== 'template');
      expect(own).toEqual(written.plan?.preview[i]?.parts);
      expect(parts.some(({ text }) => text.includes('<|assistant|>'))).toBe(true);
    }
    await writeFile(join(model, 'chat_template.jinja'), "{{ raise_exception('only tools') }}");
    const refused = await run('export', { dataset, select: 'accepted', reasoning: 'tags', model, plan: true });
    expect(refused.plan?.template).toEqual({ model, trouble: expect.stringContaining('only tools') });
    expect(refused.plan?.preview).toEqual(written.plan?.preview);
  });

  test('warns of rows that are longer than the context of the model', async () => {
    const dataset = await accepted();
    const model = await temporaryFolder();
    const config = (limit: number) =>
      writeFile(join(model, 'config.json'), JSON.stringify({ max_position_embeddings: limit }));
    await writeFile(join(model, 'chat_template.jinja'), '{% for m in messages %}{{ m.content }}{% endfor %}');
    const plan = () => run('export', { dataset, select: 'accepted', model, plan: true });
    await config(500);
    const planned = await plan();
    const { total } = await run('chains', { source: dataset, where: 'tokens > 500', limit: 1 });
    expect(total).toBeGreaterThan(1);
    const message = `About ${total} rows are longer than the context of the model, 500 tokens.`;
    expect(planned.plan?.context?.message).toBe(message);
    expect(print(planned)).toContain(`Warning: ${message} Export without them`);
    await config(1_000_000);
    expect((await plan()).plan?.context).toBeUndefined();
  });

  test('a warning has the query of its chains, and leaving it out removes their rows', async () => {
    const dataset = await accepted();
    const before = await run('export', { dataset, select: 'accepted', plan: true });
    const wrong = before.plan?.warnings.find(({ id }) => id === 'wrong-answer');
    expect(wrong?.chains).toBeGreaterThan(0);
    const found = await run('chains', { source: dataset, where: wrong?.query ?? '', limit: 100 });
    expect(found.total).toBe(wrong?.chains);
    // A reviewer who decided nothing sees them too: an export is about the decisions of all.
    const opened = await open(dataset);
    expect(await opened.find(parseQuery(wrong?.query ?? ''), { as: 'another' })).toHaveLength(found.total);
    for (const select of ['accepted', 'passed'] as const) {
      const { total } = await run('chains', { source: dataset, where: `export = ${select}`, limit: 1 });
      expect(total).toBe(before.plan?.choices[select]);
    }
    const { folder, chains, warnings, left } = await run('export', {
      ...{ dataset, select: 'accepted', leaveOut: ['wrong-answer'] },
    });
    expect(chains).toBe(before.chains - found.total);
    expect([warnings.wrongAnswer, left?.warning]).toEqual([0, found.total]);
    const { selection } = await manifestOf(folder);
    expect(selection).toMatchObject({ leftOut: ['wrong-answer'], left: { warning: found.total } });
    const listed = await rowsOf(folder, 'left-out.jsonl');
    expect(listed.map(({ id }) => id).sort()).toEqual(found.chains.map(({ id }) => id).sort());
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('wrong-answer');
  });

  test('a printed command runs nothing of a query that it has, and names the dataset', async () => {
    const dataset = await accepted();
    const where = 'not text ~ "$(touch it)"';
    const printed = print(await run('export', { dataset, select: 'accepted', where, plan: true }));
    expect(printed).toContain(`longhand chains ${dataset} --where '${where} and export = accepted and warning = `);
  });

  test('an override replaces the verdict in the warnings and their query', async () => {
    const dataset = await accepted();
    const query = 'warning = wrong-answer';
    const before = await run('chains', { source: dataset, where: query, limit: 100 });
    const opened = await open(dataset);
    const id = before.chains[0]?.id ?? '';
    await opened.appendReview(act('r1', id, { act: 'override', outcome: 'correct', reason: 'equal' }));
    const after = await run('chains', { source: dataset, where: query, limit: 100 });
    expect(after.total).toBe(before.total - 1);
    const { plan } = await run('export', { dataset, select: 'accepted', plan: true });
    expect(plan?.warnings.find((one) => one.id === 'wrong-answer')?.chains).toBe(after.total);
  });

  test('a query and a saved view limit the chains', async () => {
    const dataset = await accepted();
    const all = await run('chains', { source: dataset, where: 'class = FT', limit: 100 });
    const { folder } = await run('export', { dataset, select: 'accepted', where: 'class = FT' });
    expect((await rowsOf(folder, 'train.messages.jsonl')).map(({ id }) => id).sort()).toEqual(
      all.chains.map(({ id }) => id).sort(),
    );
    expect((await manifestOf(folder)).selection.query).toBe('class = FT');
    await saveView(dataset, {
      ...{ version: 1, name: 'Mine', query: 'class = FT', sort: null, columns: DEFAULT_LAYOUT },
    });
    const { plan } = await run('export', { dataset, select: 'accepted', view: 'Mine', plan: true });
    expect(plan?.train.rows).toBe(all.total);
    expect(plan?.choices.views).toEqual(['Mine']);
    await expect(run('export', { dataset, select: 'accepted', view: 'Other' })).rejects.toMatchObject({
      message: 'There is no saved view “Other”.',
      advice: 'There are “Mine”.',
    });
    await expect(run('export', { dataset, select: 'accepted', where: 'klass = FT' })).rejects.toMatchObject({
      kind: 'query',
    });
  });

  test('near-duplicate problems stay in one set', async () => {
    const dataset = await newDataset();
    const text = (name: string, n: number): string =>
      `${name} buys ${n} apples and ${n + 2} pears at the market. Each apple costs ${n} cents and each pear twice as much. How much does ${name} pay in all?`;
    const names = ['Anna', 'Boris', 'Clara', 'Dora', 'Emil', 'Fritz', 'Gerda', 'Hans'];
    const rows = names.flatMap((name, i) => [
      { problem: text(name, i + 3), answer: String(i), response: `${LONG} The answer is \\boxed{${i}}.` },
      {
        problem: `Number ${i} has which square, and which cube, and ${'very '.repeat(i)}why is that so in your words?`,
        answer: '1',
        response: `${LONG} So it is \\boxed{1}.`,
      },
    ]);
    await run('import-traces', { dataset, file: await file('rows.jsonl', rows) });
    const { folder, chains } = await run('export', { dataset, select: 'passed', validation: 0.5 });
    const opened = await open(dataset);
    const kindOf = async ({ problem_id }: Row): Promise<boolean> =>
      (await opened.problem(problem_id)).problem.includes('apples');
    const sets = await Promise.all(
      ['train', 'validation'].map(async (set) =>
        Promise.all((await rowsOf(folder, `${set}.messages.jsonl`)).map(kindOf)),
      ),
    );
    expect(sets.flat()).toHaveLength(chains);
    expect(sets.filter((kinds) => kinds.includes(true))).toHaveLength(1);
  });

  test('near-duplicate replies need an examination', async () => {
    const dataset = await accepted();
    await expect(run('export', { dataset, select: 'accepted', dedupe: 'near' })).rejects.toMatchObject({
      message: 'Near-duplicate replies are not known yet.',
    });
  });

  test('lone surrogates become the replacement character, and every row can be read', async () => {
    const dataset = await accepted();
    const [round = ''] = await readdir(join(dataset, 'rounds'));
    const path = join(dataset, 'rounds', round, 'chains.jsonl');
    const [first = '', ...rest] = (await readFile(path, 'utf8')).split('\n');
    const chain = JSON.parse(first) as { text: string };
    await writeFile(path, [JSON.stringify({ ...chain, text: `\ud800${chain.text.slice(1)}` }), ...rest].join('\n'));
    const { folder } = await run('export', { dataset, select: 'accepted' });
    const bytes = await readFile(join(folder, 'train.messages.jsonl'));
    expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toContain('\ufffd');
  });

  test.each(['sft', 'kto', 'dpo', 'grpo'] as const)('counts the rows of the form %s', async (form) => {
    const dataset = await accepted();
    const opened = await open(dataset);
    const chains = opened.index.chains();
    // A rejected chain of the same problem with another text of its length, for pairs.
    const [first] = chains;
    const chain = await opened.chain(first?.id ?? '');
    const text = chain.text.replace(/[a-z]/, 'x');
    expect(text).not.toBe(chain.text);
    await opened.appendChains(chain.round, [{ ...chain, id: 'other', text }]);
    await opened.appendReview(act('r1', 'other', { act: 'reject' }));
    const planned = await run('export', { dataset, select: 'accepted', form, plan: true });
    const { rows, left } = await run('export', { dataset, select: 'accepted', form });
    expect(planned.plan?.train.rows).toBe(Math.max(...Object.values(rows)));
    expect(planned.left).toEqual(form === 'grpo' ? (left ?? {}) : left);
    const labels = planned.plan?.preview.map(({ label }) => label) ?? [];
    expect(labels.slice(0, 2)).toEqual(
      { sft: [undefined, undefined], grpo: [undefined, undefined], kto: [true, true], dpo: [true, false] }[form],
    );
  });

  test('a form of problems refuses choices about chains', async () => {
    const dataset = await accepted();
    const exported = run('export', { dataset, select: 'accepted', form: 'grpo', perProblem: 2 });
    await expect(exported).rejects.toThrow('--per-problem is about chains');
  });
});
