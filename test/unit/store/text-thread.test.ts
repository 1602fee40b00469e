import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { Dataset } from '../../../src/store/dataset.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { act, chain, newDataset, plan, problem } from './fixtures.ts';

const WORKER = join(import.meta.dirname, '../../../src/store/chain-index/scan-worker.ts');
const CHAINS = 300;
/** So long that all chains together are worth a thread. */
const FILLER = 'and so on '.repeat(1500);

let here: Dataset;
let threaded: Dataset;

beforeEach(async () => {
  here = await newDataset();
  await appendLines(join(here.problemsFolder, 'a.jsonl'), [
    problem('p1', { problem: 'A triangle has sides 3, 4, 5.' }),
  ]);
  await here.createRound(plan('0-first'));
  const text = (i: number): string =>
    `${FILLER}${i % 3 === 0 ? 'Wait' : 'So'} it is ${i}.${i === 7 ? `${'a'.repeat(60)}!` : ''}`;
  await here.appendChains(
    '0-first',
    Array.from({ length: CHAINS }, (_, i) => chain(`c${i}`, { text: text(i) })),
  );
  await here.appendReviews([
    act('Ada', 'c1', { act: 'edit', changes: [{ start: 0, end: 3, insert: 'edited' }] }),
    act('Ada', 'c2', { act: 'note', text: 'look again' }),
  ]);
  await here.refresh();
  threaded = await Dataset.open(here.folder, { scanWorker: WORKER });
});

afterEach(async () => {
  await here.close();
  await threaded.close();
});

const ids = async (dataset: Dataset, text: string, signal?: AbortSignal): Promise<string[]> => {
  const found = await dataset.find(parseQuery(text), { as: 'Ada', ...(signal && { signal }) });
  return found.map(({ id }) => id);
};

describe('a search of many texts in a thread', () => {
  test.each([
    'chain ~ wait',
    'chain ~ "it is 29"',
    'chain ~ edited',
    'look',
    'triangle and not chain ~ wait',
    '/is 1\\d\\d\\./',
  ])('%s finds what a search in this thread finds', async (text) => {
    const found = await ids(threaded, text);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(await ids(here, text));
  });

  test('ends when it is cancelled, and leaves nothing wrong for the next one', async () => {
    const controller = new AbortController();
    const search = ids(threaded, 'chain ~ wait', controller.signal);
    setImmediate(() => controller.abort(new Error('cancelled')));
    await expect(search).rejects.toThrow('cancelled');
    expect(await ids(threaded, 'chain ~ wait')).toHaveLength(CHAINS / 3);
  });

  test('stops a regular expression that would never end', async () => {
    await expect(ids(threaded, 'chain ~ /(a+)+$/')).rejects.toThrow('/(a+)+$/ takes too long.');
  });
});
