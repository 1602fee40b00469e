import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import type { Dataset } from '../../../src/store/dataset.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { act, chain, grade, newDataset, plan, problem } from './fixtures.ts';

async function filled(): Promise<Dataset> {
  const dataset = await newDataset();
  await appendLines(join(dataset.problemsFolder, 'a.jsonl'), [
    problem('p1', { problem: 'A triangle has sides 3, 4, 5.', level: 5 }),
    problem('p2', { problem: 'What is 7 times 6?', level: 'hard' }),
  ]);
  await dataset.createRound(plan('0-first'));
  const span = { id: 's', kind: 'verification', start: 0, end: 4, source: 'rule', confidence: 1 } as const;
  await dataset.appendChains('0-first', [
    chain('a', { text: 'Wait, the area is 6.', tokens: { count: 100, estimated: false } }),
    chain('b', {
      problemId: 'p2',
      text: 'It is 42, wait no more.',
      tokens: { count: 4000, estimated: false },
      pieces: [{ piece: 'answer[1]', text: '41', verdict: { outcome: 'incorrect', method: 'number' } }],
      spans: [{ ...span, acts: [{ start: 0, end: 4 }] }],
    }),
    chain('c', { text: `a${'a'.repeat(60)}!`, tokens: { count: 500, estimated: false }, spans: [span] }),
  ]);
  await dataset.appendGrades('0-first', [grade('k1', 'p1', 'correct'), grade('k2', 'p1', 'incorrect')]);
  await dataset.refresh();
  return dataset;
}

const ids = async (dataset: Dataset, text: string, as?: string): Promise<string[]> =>
  (await dataset.find(parseQuery(text), { as })).map(({ id }) => id);

describe('a query of the dataset', () => {
  test.each([
    ['', ['a', 'b', 'c']],
    ['tokens > 100', ['b', 'c']],
    ['tokens >= 100 tokens < 4000', ['a', 'c']],
    ['not tokens > 100', ['a']],
    ['passRate <= 50%', ['a', 'c']],
    ['not passRate > 0', ['b']],
    ['level >= 5', ['a', 'c']],
    ['level = 5, hard', ['a', 'b', 'c']],
    ['first = incorrect', ['b']],
    ['verification = 0.25', ['b']],
    // The acts of the span of `c` are unknown, and `a` has none.
    ['verification < 1', ['a', 'b']],
    ['chain = a, c', ['a', 'c']],
    ['wait', ['a', 'b']],
    ['TRIANGLE', ['a', 'c']],
    ['chain ~ "wait no"', ['b']],
    ['chain ~ /^wait/i', ['a']],
    ['chain ~ /^Wait/, /no more/', ['a', 'b']],
    ['problem ~ triangle and not chain ~ wait', ['c']],
    ['chain ~ nothing', []],
  ])('%s finds %j', async (text, expected) => {
    expect(await ids(await filled(), text)).toEqual(expected);
  });

  test('sorts by number or name, and puts chains without a value last', async () => {
    const dataset = await filled();
    const sorted = async (field: 'tokens' | 'passRate', descending: boolean): Promise<string[]> =>
      (await dataset.find([], { sort: { field, descending } })).map(({ id }) => id);
    expect(await sorted('tokens', true)).toEqual(['b', 'c', 'a']);
    expect(await sorted('tokens', false)).toEqual(['a', 'c', 'b']);
    expect(await sorted('passRate', true)).toEqual(['a', 'c', 'b']);
  });

  test('searches the text as its reviewer edited it, and the notes', async () => {
    const dataset = await filled();
    expect(await ids(dataset, 'chain ~ hypotenuse', 'r1')).toEqual([]);
    await dataset.appendReview(act('r1', 'a', { act: 'edit', changes: [{ start: 0, end: 4, insert: 'Hypotenuse' }] }));
    const note = act('r1', 'c', { act: 'note', text: 'repeats itself' });
    await dataset.appendReview(note);
    await dataset.refresh();
    expect(await ids(dataset, 'chain ~ hypotenuse', 'r1')).toEqual(['a']);
    expect(await ids(dataset, 'chain ~ hypotenuse', 'r2')).toEqual([]);
    expect(await ids(dataset, 'edited = yes', 'r1')).toEqual(['a']);
    expect(await ids(dataset, 'note ~ repeats')).toEqual(['c']);
    await dataset.appendReview(act('r1', 'c', { act: 'undo', target: note.id }));
    await dataset.refresh();
    expect(await ids(dataset, 'note ~ repeats')).toEqual([]);
  });

  test('follows a chain that is written again', async () => {
    const dataset = await filled();
    expect(await ids(dataset, 'chain ~ area')).toEqual(['a']);
    await dataset.appendChains('0-first', [chain('a', { text: 'Nothing to see.' })]);
    await dataset.refresh();
    expect(await ids(dataset, 'chain ~ area')).toEqual([]);
    expect(await ids(dataset, 'chain ~ see')).toEqual(['a']);
  });

  test('stops a regular expression that would never end', async () => {
    const dataset = await filled();
    await expect(ids(dataset, 'chain ~ /^(a+)+$/')).rejects.toThrow('/^(a+)+$/ takes too long.');
  });

  test('that is cancelled leaves nothing wrong for the next one', async () => {
    const dataset = await filled();
    await expect(dataset.find(parseQuery('TRIANGLE'), { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await ids(dataset, 'TRIANGLE')).toEqual(['a', 'c']);
    const [one, other] = await Promise.all([ids(dataset, 'chain ~ area'), ids(dataset, 'chain ~ area')]);
    expect(one).toEqual(['a']);
    expect(other).toEqual(['a']);
  });

  test('finds any number of words, in any of the texts', async () => {
    const dataset = await filled();
    const words = ['triangle', 'sides', 'area', 'wait', 'the', 'is'];
    expect(await ids(dataset, words.join(' '))).toEqual(['a']);
    const absent = Array.from({ length: 30 }, (_, i) => `not absent${i}`);
    expect(await ids(dataset, [...absent, 'triangle'].join(' '))).toEqual(['a', 'c']);
  });
});
