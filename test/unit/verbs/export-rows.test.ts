import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXPORT_FORMS, type FileFormats, Tally } from '../../../src/core/export/index.ts';
import { ChainReader, PlacedChains } from '../../../src/store/chain-reader.ts';
import type { VerbContext } from '../../../src/verbs/context.ts';
import { BesideFiles } from '../../../src/verbs/export/beside.ts';
import { type ChainToWrite, makeRows } from '../../../src/verbs/export/chain-rows.ts';
import { RowFiles } from '../../../src/verbs/export/files.ts';
import { planExport } from '../../../src/verbs/export/plan.ts';
import { writeChains } from '../../../src/verbs/export/write-chains.ts';
import { act } from '../store/fixtures.ts';
import { DIST, open, run, temporaryFolder } from './run.ts';

const IN_SILENCE = { signal: new AbortController().signal, log: () => undefined };

const LAYOUT = { form: 'reasoning_content', pieces: 'answer' } as const;

/** The files of an export with rows for validation, with threads from so many chains on. `change` is done after the plan. */
async function written(
  folder: string,
  threads: number,
  {
    change,
    signal = IN_SILENCE.signal,
    formats = 'jsonl',
  }: { change?: () => Promise<void>; signal?: AbortSignal; formats?: FileFormats } = {},
): Promise<{ files: Record<string, string>; counts: Tally['counts']; log: string[] }> {
  const dataset = await open(folder);
  const args = { dataset: folder, select: 'passed', validation: 0.3, layout: LAYOUT } as const;
  const planned = await planExport(dataset, args, IN_SILENCE);
  await change?.();
  const log: string[] = [];
  const context = { signal, log: (line: string) => log.push(line), progress: () => undefined, distFolder: DIST };
  const draft = await temporaryFolder();
  const files = (set: 'train' | 'validation') => new RowFiles(draft, EXPORT_FORMS.sft, set, formats);
  const sets = { train: files('train'), validation: files('validation') };
  const [beside, tally] = [new BesideFiles(draft), new Tally()];
  const limits = { threads, batch: 3 };
  try {
    await writeChains(dataset, { sets, beside, tally }, planned, args, context as unknown as VerbContext, limits);
  } finally {
    for (const one of [sets.train, sets.validation, beside]) await one.close();
    await dataset.close();
  }
  const names = (await readdir(draft)).sort();
  const texts = await Promise.all(names.map(async (name) => [name, await readFile(join(draft, name), 'latin1')]));
  return { files: Object.fromEntries(texts), counts: tally.counts, log };
}

describe('rows that threads make', { timeout: 60_000 }, () => {
  test('are those of an export, and so are their counts, however many chains a batch has', async () => {
    const { dataset: folder } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
    const reviewed = await open(folder);
    const [one = '', two = ''] = reviewed.index.chains().flatMap(({ id, passed }) => (passed ? [id] : []));
    await reviewed.appendReview(act('r1', one, { act: 'accept' }));
    await reviewed.appendReview(act('r2', one, { act: 'tag', tag: 'neat' }));
    await reviewed.appendReview(act('r2', two, { act: 'accept' }));
    const dataset = await open(folder);
    const exported = await run('export', { dataset: folder, select: 'passed' });
    const args = {
      dataset: folder,
      select: 'passed',
      layout: { form: 'reasoning_content', pieces: 'answer' },
    } as const;
    const { rows } = await planExport(dataset, args, IN_SILENCE);
    const reader = new ChainReader(dataset);
    const chains: ChainToWrite[] = [];
    for (const row of rows.train)
      chains.push({ row, at: await reader.placed(row.id), findings: dataset.index.findings(row.id) });
    await reader.close();
    const { counts, reviewers, sources } = JSON.parse(await readFile(join(exported.folder, 'manifest.json'), 'utf8'));
    const files = ['train.prompt_completion.jsonl', 'train.messages.jsonl', 'train.prefix.jsonl'];
    const expected = await Promise.all(files.map((name) => readFile(join(exported.folder, name), 'utf8')));

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: chains.length }), async (size) => {
        const placed = new PlacedChains(folder);
        const tally = new Tally();
        const texts = files.map(() => '');
        for (let from = 0; from < chains.length; from += size) {
          const batch = structuredClone(chains.slice(from, from + size));
          const made = structuredClone(
            await makeRows(batch, placed, { args, settings: dataset.settings, formats: 'jsonl' }),
          );
          made.files.forEach(({ lines = new Uint8Array() }, i) => {
            texts[i] += Buffer.from(lines).toString('utf8');
          });
          tally.merge(made.tally);
        }
        await placed.close();
        expect(texts.map((text, i) => text === expected[i])).toEqual(files.map(() => true));
        expect(JSON.parse(JSON.stringify(tally.counts))).toEqual(counts);
        expect({ reviewers: tally.reviewers, sources: tally.sources }).toEqual({ reviewers, sources });
      }),
      { numRuns: 5 },
    );
  });

  test('a chain without a row is reported, whatever its id is', async () => {
    const { dataset: folder } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
    const dataset = await open(folder);
    const reader = new ChainReader(dataset);
    const at = await reader.placed(dataset.index.chains()[0]?.id ?? '');
    await reader.close();
    const placed = new PlacedChains(folder);
    const args = { dataset: folder, select: 'accepted', layout: LAYOUT } as const;
    const row = { id: '__proto__', label: undefined, source: 'dialogue' } as const;
    const how = { args, settings: dataset.settings, formats: 'jsonl' } as const;
    const { left } = structuredClone(await makeRows([{ row, at, findings: [] }], placed, how));
    await placed.close();
    expect([...left]).toEqual([['__proto__', 'not-accepted']]);
  });

  test.each(['jsonl', 'both'] as const)(
    'are the same files of %s, also where a batch is made without a thread',
    async (formats) => {
      const { dataset: folder } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
      const chains = join(folder, 'rounds', '0-handwritten', 'chains.jsonl');
      const lines = (await readFile(chains, 'utf8')).split('\n');
      const middle = Math.floor(lines.length / 2);
      const swapped = lines.toSpliced(middle, 2, lines[middle + 1] ?? '', lines[middle] ?? '');
      const here = await written(folder, Number.POSITIVE_INFINITY, { formats });
      expect(Object.keys(here.files)).toContain('validation.messages.jsonl');
      expect('validation.messages.parquet' in here.files).toBe(formats === 'both');
      const inThreads = await written(folder, 0, { formats });
      expect(inThreads).toEqual({ ...here, log: [] });
      // Threads read lines where the plan found them.
      const changed = await written(folder, 0, { formats, change: () => writeFile(chains, swapped.join('\n')) });
      expect(changed).toEqual({ ...here, log: changed.log });
      expect(changed.log.filter((line) => line.startsWith('Rows are not made in a thread')).length).toBeGreaterThan(0);
    },
  );

  test('end when the export is cancelled', async () => {
    const { dataset: folder } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
    const cancel = new AbortController();
    const change = async (): Promise<void> => void setTimeout(() => cancel.abort(new Error('cancelled by a test')), 0);
    await expect(written(folder, 0, { change, signal: cancel.signal })).rejects.toThrow('cancelled by a test');
  });

  test('are not made of a line that has changed', async () => {
    const { dataset: folder } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
    const dataset = await open(folder);
    const [first, second] = dataset.index.chains();
    const reader = new ChainReader(dataset);
    const placed = new PlacedChains(folder);
    const at = await reader.placed(first?.id ?? '');
    await expect(placed.read({ ...at, id: second?.id ?? '' })).rejects.toThrow('has changed');
    await expect(placed.read({ ...at, chain: at.problem })).rejects.toThrow('has changed');
    await expect(placed.read({ ...at, problem: at.chain })).rejects.toThrow('has changed');
    expect((await placed.read(at)).chain.id).toBe(first?.id);
    await placed.close();
    await reader.close();
  });
});
