import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tally } from '../../../src/core/export/index.ts';
import { ChainReader, PlacedChains } from '../../../src/store/chain-reader.ts';
import { type ChainToWrite, makeRows } from '../../../src/verbs/export/chain-rows.ts';
import { planExport } from '../../../src/verbs/export/plan.ts';
import { act } from '../store/fixtures.ts';
import { open, run, temporaryFolder } from './run.ts';

const IN_SILENCE = { signal: new AbortController().signal, log: () => undefined };

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
          const made = structuredClone(await makeRows(batch, placed, { args, settings: dataset.settings }));
          made.files.forEach(({ bytes }, i) => {
            texts[i] += Buffer.from(bytes).toString('utf8');
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
