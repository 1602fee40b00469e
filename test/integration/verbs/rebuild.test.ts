import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import type { ReviewAct } from '../../../src/core/schemas/index.ts';
import { newDataset, run } from '../../unit/verbs/run.ts';
import { dialogueRound } from './dialogue-round.ts';

const stamp = (id: string) => ({ id, at: '2026-01-02T00:00:00.000Z', reviewer: 'me', chainId: '1-dialogue/p0/0-0' });

/** Two FT chains and a TT one, with current settings. */
async function assembled() {
  const written = [
    { first: '8', second: '7' },
    { first: '4', second: '5' },
    { first: '9', second: '9', check: 'correct' as const },
  ];
  const dataset = await dialogueRound(['7', '5', '9'], written, resolvePolicy('default'));
  await run('rebuild', { dataset: dataset.folder, apply: true });
  await dataset.refresh();
  return dataset;
}

const chainsFile = (folder: string): Promise<string> =>
  readFile(join(folder, 'rounds', '1-dialogue', 'chains.jsonl'), 'utf8');

describe('rebuild', () => {
  test('changes nothing where nothing has changed, and writes nothing without --apply', async () => {
    const dataset = await assembled();
    const before = await chainsFile(dataset.folder);
    expect(await run('rebuild', { dataset: dataset.folder, apply: true })).toMatchObject({ chains: 3, changed: 0 });
    const other = await run('rebuild', { dataset: dataset.folder, untrained: [], firstWrongShare: 100 });
    expect(other).toMatchObject({ applied: false, chains: 3, changed: 3, texts: 0, masks: 3 });
    expect(other.keptBefore).toMatchObject({ FT: 2, TT: 1 });
    expect(other.keptAfter).toMatchObject({ FT: 2, TT: 0 });
    expect(other.listed[2]).toMatchObject({
      mask: [{ piece: 'answer[1]', train: true }],
      kept: { before: true, after: false },
    });
    expect(await chainsFile(dataset.folder)).toBe(before);
  });

  test('writes a new loss mask and quota, and lists them in the summary', async () => {
    const dataset = await assembled();
    const args = { dataset: dataset.folder, untrained: ['answer[1]', 'check[1]'], firstWrongShare: 100, apply: true };
    await run('rebuild', args);
    await dataset.refresh();
    const { segments, text } = await dataset.chain('1-dialogue/p0/0-0');
    expect(segments.map(({ train }) => train)).toEqual([false, false, true, true]);
    expect(segments.at(-1)?.end).toBe(text.length);
    const summary = await dataset.summary('1-dialogue');
    expect(summary).toMatchObject({ assembly: { firstWrongShare: 100 }, quotaDropped: ['1-dialogue/p2/0-0'] });
    // A second run changes nothing; with the settings of the plan, everything is as before.
    const before = await chainsFile(dataset.folder);
    expect(await run('rebuild', args)).toMatchObject({ changed: 0 });
    expect(await chainsFile(dataset.folder)).toBe(before);
    await run('rebuild', { dataset: dataset.folder, apply: true });
    expect((await dataset.summary('1-dialogue'))?.assembly).toBeUndefined();
  });

  test('uses the sentences of the dataset, and keeps a text that was edited', async () => {
    const dataset = await assembled();
    const act: ReviewAct = { ...stamp('1'), act: 'edit', changes: [{ start: 0, end: 3, insert: 'We' }] };
    await dataset.appendReview(act);
    const file = join(dataset.promptsFolder(dataset.settings.promptSet), 'connectives.md');
    await writeFile(file, '## FT check\n\n- Is that so?\n');
    const found = await run('rebuild', { dataset: dataset.folder, apply: true });
    expect(found).toMatchObject({ changed: 1, texts: 1, reviewed: 1 });
    expect(found.listed[0]?.text?.after).toContain('Is that so?');
    await dataset.refresh();
    expect((await dataset.chain('1-dialogue/p0/0-0')).text).not.toContain('Is that so?');
    expect((await dataset.chain('1-dialogue/p1/0-0')).text).toContain('Is that so? Putting it back');
  });

  test('runs all filters again on a new text, by the thresholds of the round, and updates the quota', async () => {
    const dataset = await assembled();
    const { folder } = dataset;
    const prompts = dataset.promptsFolder(dataset.settings.promptSet);
    const filtersOf = async () => {
      await dataset.refresh();
      const { filters, passed } = await dataset.chain('1-dialogue/p1/0-0');
      return { ids: filters.map(({ id }) => id), passed, failed: filters.filter((one) => !one.passed) };
    };
    const before = await filtersOf();
    expect(before).toMatchObject({ passed: true, failed: [] });
    // The round was filtered by 20 characters; the new setting of the dataset is for later rounds.
    await dataset.saveSettings({ filters: { ...dataset.settings.filters, minLength: 100_000 } });
    await writeFile(join(prompts, 'connectives.md'), '## FT check\n\n- The reference answer says something else.\n');
    const found = await run('rebuild', { dataset: folder, apply: true });
    // Without an FT that passes there is nothing to balance: the TT is filtered out too.
    expect(found).toMatchObject({ texts: 2, passedBefore: 3, passedAfter: 1, keptAfter: { FT: 0, TT: 0 } });
    const leaking = await filtersOf();
    expect(leaking.ids).toEqual(before.ids);
    expect(leaking.failed).toMatchObject([{ id: 'no-leak', at: [{ start: expect.any(Number) }] }]);
    const { text, filters } = await dataset.chain('1-dialogue/p1/0-0');
    const place = filters.find(({ id }) => id === 'no-leak')?.at?.[0];
    expect(text.slice(place?.start, place?.end).toLowerCase()).toContain('reference answer');
    await writeFile(join(prompts, 'connectives.md'), '## FT check\n\n- Is that so?\n');
    expect(await run('rebuild', { dataset: folder, apply: true })).toMatchObject({ passedAfter: 3 });
    expect(await filtersOf()).toMatchObject({ passed: true, failed: [], ids: before.ids });
  });

  test('rebuilds a chain after a regrading has moved it to another class', async () => {
    const dataset = await dialogueRound(
      ['15 cm'],
      [{ first: '15', second: '15 cm', check: 'correct' }],
      resolvePolicy('strict'),
    );
    await run('regrade', { dataset: dataset.folder, policy: 'default', apply: true, workers: 1 });
    const found = await run('rebuild', { dataset: dataset.folder, apply: true });
    expect(found.listed[0]).toMatchObject({ joinedAs: { before: 'FT', after: 'TT' } });
    await dataset.refresh();
    const chain = await dataset.chain('1-dialogue/p0/0-0');
    expect(chain.class).toBe('TT');
    expect(chain.filters.map(({ id }) => id)).not.toContain('assembled-as');
  });

  test('finds nothing in a dataset without rounds', async () => {
    expect(await run('rebuild', { dataset: await newDataset() })).toMatchObject({ chains: 0, changed: 0 });
  });
});
