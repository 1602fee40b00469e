import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/export/index.ts';
import { FAMILIES, templatePath } from '../../fixtures/templates.ts';
import { act } from '../store/fixtures.ts';
import { file, newDataset, open, run, temporaryFolder } from './run.ts';

interface Row {
  messages: { content: string; reasoning_content?: string; thinking?: string }[];
  loss_mask: { part?: string; start: number; end: number; train: boolean }[];
}

/** A folder with the tokenizer's files of a family, as far as an export reads them. */
async function modelFolder(file: string): Promise<string> {
  const folder = await temporaryFolder();
  const family = FAMILIES.find((one) => one.file === file);
  if (family === undefined) throw new Error(`no family ${file}`);
  await writeFile(join(folder, 'config.json'), '{}');
  await copyFile(templatePath(family), join(folder, 'chat_template.jinja'));
  return folder;
}

describe('the reasoning of an export', { timeout: 60_000 }, () => {
  const sample = async () => (await run('sample', { dataset: join(await temporaryFolder(), 'sample') })).dataset;
  const exported = async (
    args: object,
    dataset: string,
  ): Promise<{ rows: Row[]; manifest: Manifest; apart?: object }> => {
    const { folder, apart } = await run('export', { dataset, select: 'passed', ...args });
    const rows = (await readFile(join(folder, 'train.messages.jsonl'), 'utf8')).trim().split('\n');
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    return { rows: rows.map((line) => JSON.parse(line) as Row), manifest, ...(apart && { apart }) };
  };

  test('is what the template of the model reads, and pieces before the summary are a thought if asked', async () => {
    const dataset = await sample();
    for (const [file, form] of [
      ['gpt-oss', 'thinking'],
      ['glm-4.6', 'reasoning_content'],
    ] as const) {
      const { rows, manifest, apart } = await exported(
        { pieces: 'thought', model: await modelFolder(file), name: file },
        dataset,
      );
      const own = rows.filter(({ messages }) => messages[1]?.[form] !== undefined);
      expect(apart).toEqual({ rows: own.length, form });
      expect(own.length).toBeGreaterThan(0);
      expect(manifest.selection.reasoning).toEqual({ form, pieces: 'thought' });
      expect(manifest.counts.apart).toBe(own.length);
      // The first answer is masked in the thought.
      expect(own[0]?.loss_mask[0]).toMatchObject({ part: 'reasoning', start: 0, train: false });
    }
  });

  test('is all answer for chains by pieces, unless asked, in rows as before', async () => {
    const dataset = await sample();
    const { rows, manifest, apart } = await exported({}, dataset);
    expect(apart).toBeUndefined();
    expect(manifest.selection).not.toHaveProperty('reasoning');
    expect(
      rows.every(
        ({ messages, loss_mask }) => !('reasoning_content' in (messages[1] ?? {})) && !('part' in (loss_mask[0] ?? {})),
      ),
    ).toBe(true);
  });

  test('is all of a trace that ends in its thought, without an answer and without a closing tag', async () => {
    const dataset = await newDataset();
    const row = { problem: 'What is 2 + 2?', answer: '4', trace: '<think>\nTwo and two. \\boxed{4}, or is it' };
    await run('import-traces', { dataset, file: await file('cut.jsonl', [row]) });
    const opened = await open(dataset);
    const [{ id } = { id: '' }] = opened.index.chains();
    await opened.appendReview(act('r1', id, { act: 'accept' }));
    const thought = 'Two and two. \\boxed{4}, or is it';
    const made = await exported({ select: 'accepted' }, dataset);
    expect(made.rows[0]?.messages[1]).toEqual({ role: 'assistant', content: '', reasoning_content: thought });
    expect(made.apart).toEqual({ rows: 1, form: 'reasoning_content' });
    const tagged = await exported({ select: 'accepted', reasoning: 'tags', name: 'tags' }, dataset);
    expect(tagged.rows[0]?.messages[1]?.content).toBe(`<think>\n${thought}`);
    for (const name of ['accepted', 'tags']) {
      const second = await newDataset();
      await run('import-traces', { dataset: second, file: join(opened.exportsFolder, name) });
      const [copy] = (await open(second)).index.chains();
      expect(copy).toMatchObject({ outcome: 'unknown', ended: 'truncated' });
      const again = await exported({ select: 'accepted' }, second);
      expect(again.rows[0]?.messages[1]).toEqual(made.rows[0]?.messages[1]);
    }
  });

  test('is not guessed where the template can’t be read', async () => {
    const dataset = await sample();
    const folder = await modelFolder('qwen3');
    for (const [template, reason] of [
      ['{% if %}', 'Unexpected token'],
      ["{{ raise_exception('no system message') }}", 'no system message'],
      ['{{ messages[0].content }}', 'omits the answer'],
    ] as const) {
      await writeFile(join(folder, 'chat_template.jinja'), template);
      const refused = exported({ model: folder }, dataset);
      await expect(refused).rejects.toThrow(/Can’t use the chat template of/);
      await expect(refused).rejects.toThrow(reason);
    }
    await expect(exported({ model: 'owner/model' }, dataset)).rejects.toThrow(/Can’t read the chat template of owner/);
  });
});
