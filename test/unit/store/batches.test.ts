import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Dataset, planReview, reverseReview, writeBatch } from '../../../src/store/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../media/sample');

async function sample(): Promise<Dataset> {
  const folder = await temporaryFolder();
  await cp(SAMPLE, folder, { recursive: true });
  return Dataset.open(folder);
}

const idsOf = (dataset: Dataset): string[] => dataset.index.chains().map(({ id }) => id);
const fileOf = (dataset: Dataset): string => join(dataset.folder, 'reviews', 'Ada.jsonl');
const linesOf = async (dataset: Dataset): Promise<string[]> =>
  (await readFile(fileOf(dataset), 'utf8')).trimEnd().split('\n');
const decisions = (dataset: Dataset): string[] => idsOf(dataset).map((id) => dataset.index.decision(id, 'Ada'));

describe('acts on several chains of a dataset', () => {
  it('are written for the planned chains only, and undone by one undo after a restart', async () => {
    const dataset = await sample();
    const before = decisions(dataset);
    const ids = idsOf(dataset).slice(2, 7);
    const plan = planReview(dataset.index, { act: 'accept' }, [...ids, ids[0] ?? '', 'no such chain'], 'Ada');
    expect(plan.chains).toEqual(ids);
    const batch = await writeBatch(dataset, { act: 'accept' }, plan.chains, 'Ada');
    expect(await linesOf(dataset)).toHaveLength(5);
    expect(decisions(dataset).filter((one) => one === 'accepted')).toHaveLength(5);
    expect(planReview(dataset.index, { act: 'accept' }, ids, 'Ada').chains).toEqual([]);
    await dataset.close();

    const again = await Dataset.open(dataset.folder);
    expect(await reverseReview(again, 'undo', batch, 'Ben')).toEqual({ changed: 0, kept: 0 });
    expect(await reverseReview(again, 'undo', batch, 'Ada')).toEqual({ changed: 5, kept: 0 });
    expect(decisions(again)).toEqual(before);
    expect(await reverseReview(again, 'redo', batch, 'Ada')).toEqual({ changed: 5, kept: 0 });
    expect(decisions(again).filter((one) => one === 'accepted')).toHaveLength(5);
    await again.close();
  });

  it('find tags and assignments of all reviewers by query', async () => {
    const dataset = await sample();
    const [first = '', second = '', third = ''] = idsOf(dataset);
    await writeBatch(dataset, { act: 'tag', tag: 'to do' }, [first, second], 'Ada');
    await writeBatch(dataset, { act: 'tag', tag: 'to do' }, [second, third], 'Ben');
    await writeBatch(dataset, { act: 'untag', tag: 'to do' }, [first], 'Ada');
    await writeBatch(dataset, { act: 'assign', to: 'Ben' }, [third], 'Ada');
    const found = async (field: 'tag' | 'assigned', value: string) =>
      (await dataset.find([{ field, op: '=', values: [value] }])).map(({ id }) => id);
    expect(await found('tag', 'to do')).toEqual([second, third]);
    expect(await found('assigned', 'Ben')).toEqual([third]);
    await dataset.close();
  });

  it('count all together or not at all: the lines of a killed writer are ignored', async () => {
    const dataset = await sample();
    const before = decisions(dataset);
    await writeBatch(dataset, { act: 'accept' }, idsOf(dataset), 'Ada');
    const text = await readFile(fileOf(dataset), 'utf8');
    const whole = Buffer.from(text);
    await dataset.close();
    for (const end of [1, 500, Math.floor(whole.length / 2), whole.length - 2]) {
      await writeFile(fileOf(dataset), whole.subarray(0, end));
      const torn = await Dataset.open(dataset.folder);
      expect(decisions(torn)).toEqual(before);
      await torn.close();
    }
    // A later act of the reviewer counts, on any of the chains.
    const cut = text.split('\n').slice(0, 3).join('\n');
    await writeFile(fileOf(dataset), `${cut}\n`);
    const after = await Dataset.open(dataset.folder);
    const [first = '', second = ''] = idsOf(after);
    await writeBatch(after, { act: 'reject', reason: 'wrong' }, [first], 'Ada');
    expect(after.index.decision(first, 'Ada')).toBe('rejected');
    expect(after.index.decision(second, 'Ada')).toBe('pending');
    // The rest of the lines arrives, as after a merge: now they count.
    await appendFile(fileOf(after), text.split('\n').slice(3).join('\n'));
    await after.refresh();
    expect(after.index.decision(second, 'Ada')).toBe('accepted');
    await after.close();
  });
});
