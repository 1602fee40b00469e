import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXPORT_FORMS, type FormId, type Manifest } from '../../../src/core/export/index.ts';
import { act } from '../store/fixtures.ts';
import { open, run, temporaryFolder } from './run.ts';

/** The sample dataset with two accepted chains and a rejected one of another problem. */
async function reviewed(): Promise<{ dataset: string; accepted: string[]; rejected: string }> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  const [one = '', two = '', three = ''] = opened.index.chains().map(({ id }) => id);
  for (const id of [one, two]) await opened.appendReview(act('r1', id, { act: 'accept' }));
  await opened.appendReview(act('r1', three, { act: 'reject', reason: 'wrong' }));
  return { dataset, accepted: [one, two], rejected: three };
}

/** The rows of every file of an export, checked by the schema of its form. */
async function rowsOf(folder: string, form: FormId): Promise<Record<string, unknown>[]> {
  const names = await readdir(folder);
  const rows: Record<string, unknown>[] = [];
  for (const { name, row } of EXPORT_FORMS[form].files) {
    if (!names.includes(name)) continue;
    for (const line of (await readFile(join(folder, name), 'utf8')).trim().split('\n')) {
      rows.push(row.parse(JSON.parse(line)) as Record<string, unknown>);
    }
  }
  return rows;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
}

describe('forms of an export', { timeout: 60_000 }, () => {
  test('sft: the default, in three files that fit their schemas', async () => {
    const { dataset, accepted } = await reviewed();
    const { folder, rows } = await run('export', { dataset, select: 'accepted' });
    expect(Object.keys(rows)).toHaveLength(3);
    expect(new Set((await rowsOf(folder, 'sft')).map(({ id }) => id))).toEqual(new Set(accepted));
    expect((await manifestOf(folder)).form).toBe('sft');
  });

  test('kto: accepted chains are desirable, rejected ones are not, and others are left out', async () => {
    const { dataset, accepted, rejected } = await reviewed();
    const { folder, chains, warnings } = await run('export', { dataset, select: 'accepted', form: 'kto' });
    expect(chains).toBe(3);
    expect(warnings.wrongAnswer).toBe(0);
    const rows = await rowsOf(folder, 'kto');
    expect(Object.fromEntries(rows.map(({ id, label }) => [id, label]))).toEqual({
      ...Object.fromEntries(accepted.map((id) => [id, true])),
      [rejected]: false,
    });
    const { form, counts, files } = await manifestOf(folder);
    expect(form).toBe('kto');
    expect(counts.byLabel).toEqual({ true: 2, false: 1 });
    expect(files['train.kto.jsonl']?.rows).toBe(3);
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('data_files: train.kto.jsonl\n  default: true');
    expect(card).not.toContain('train.messages.jsonl');
  });

  test('kto: has no sources of rows', async () => {
    const { dataset } = await reviewed();
    await expect(run('export', { dataset, select: 'accepted', form: 'kto', source: 'merged' })).rejects.toThrow(
      'in the form KTO',
    );
  });
});
