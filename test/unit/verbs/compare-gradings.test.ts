import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, test } from 'vitest';
import { comparisonText } from '../../../src/verbs/grading/print.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { file, run, temporaryFolder } from './run.ts';

const keys = { goldKey: 'gold', predictionKey: 'prediction', limit: 1000 };
const ROWS = [
  { id: 'a', gold: '50\\%', prediction: '50' },
  { id: 'b', gold: '1 m', prediction: 'It is \\boxed{100\\text{ cm}}.' },
  { id: 'c', gold: '7', prediction: '8' },
];

async function gradedFile(rows: readonly object[], policy: string): Promise<string> {
  const source = await file('rows.jsonl', rows);
  const out = join(await temporaryFolder(), `${policy}.jsonl`);
  await run('grade', { file: source, ...keys, policy, workers: 1, out });
  return out;
}

const PARTS = [
  '`',
  '<b>',
  '*',
  '|',
  '\n',
  'a',
  ' ',
  '\\',
  '#',
  '![a](https://a.example/a.png)',
  '[',
  '](',
  '<https://a.example>',
];

describe('compare-gradings', () => {
  test('lists changed verdicts with both texts, for any order of rows', async () => {
    const a = await gradedFile(ROWS, 'default');
    const b = await gradedFile([...ROWS].reverse(), 'convert');
    const result = await run('compare-gradings', { a, b, ...keys });
    expect(result).toMatchObject({
      matchedBy: 'id',
      rows: 3,
      flipped: 2,
      flips: { 'correct → incorrect': 1, 'incorrect → correct': 1 },
      onlyA: 0,
      onlyB: 0,
      otherGold: 0,
    });
    expect(result.listed.find(({ id }) => id === 'b')).toMatchObject({
      gold: '1 m',
      prediction: 'It is \\boxed{100\\text{ cm}}.',
      a: { verdict: 'incorrect', extracted: '100\\text{ cm}' },
      b: { verdict: 'correct', method: 'quantity' },
    });
    expect(await run('compare-gradings', { a, b: a, ...keys })).toMatchObject({ rows: 3, flipped: 0, listed: [] });
    const text = comparisonText(result);
    expect(text).toContain('| incorrect → correct | 1 |');
    expect(text).toContain('**b** gold `1 m`');
  });

  test('without ids compares row by row, and counts rows that do not match', async () => {
    const bare = ROWS.map(({ gold, prediction }) => ({ gold, prediction }));
    const a = await gradedFile(bare, 'default');
    const b = await gradedFile([...bare.slice(0, 2), { gold: '9', prediction: '9' }, ...bare], 'default');
    const result = await run('compare-gradings', { a, b, ...keys });
    expect(result).toMatchObject({ matchedBy: 'order', rows: 3, onlyA: 0, onlyB: 3, otherGold: 1, flipped: 1 });
    expect(result.listed[0]).toMatchObject({ id: 'row 3', gold: '7', otherGold: '9' });
  });

  test('lists no more rows than the limit, and counts all', async () => {
    const a = await gradedFile(ROWS, 'default');
    const b = await gradedFile(ROWS, 'convert');
    const result = await run('compare-gradings', { a, b, ...keys, limit: 1 });
    expect(result).toMatchObject({ flipped: 2 });
    expect(result.listed).toHaveLength(1);
    expect(comparisonText(result)).toContain('… and 1 more');
  });

  test('compares gradings of a dataset', async () => {
    const dataset = join(await temporaryFolder(), 'd');
    await run('sample', { dataset });
    const { folder: a } = await run('regrade', { dataset, workers: 1 });
    const { folder: b } = await run('regrade', { dataset, workers: 1, policy: 'boxed' });
    const result = await run('compare-gradings', { a, b, ...keys });
    expect(result.matchedBy).toBe('id');
    expect(result.rows).toBeGreaterThan(10);
    expect(result.onlyA + result.onlyB).toBe(0);
  });

  test('reports invalid input', async () => {
    const a = await gradedFile(ROWS, 'default');
    const plain = await file('plain.jsonl', ROWS);
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'x'), '');
    await expect(run('compare-gradings', { a, b: plain, ...keys })).rejects.toThrow('it has no “verdict”');
    await expect(run('compare-gradings', { a, b: folder, ...keys })).rejects.toThrow('contains no grading');
    await expect(run('compare-gradings', { a, b: join(folder, 'y'), ...keys })).rejects.toThrow('There is no');
  });

  test('any text is shown literally, without Markdown', () => {
    const result = (text: string): VerbResult<'compare-gradings'> => ({
      a: 'a',
      b: 'b',
      matchedBy: 'id',
      rows: 1,
      flipped: 1,
      flips: { [`${text} → error`]: 1 },
      onlyA: 0,
      onlyB: 0,
      otherGold: 0,
      listed: [{ id: text, gold: text, a: { verdict: text, method: text, detail: text }, b: { verdict: 'error' } }],
    });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...PARTS) }), (text) => {
        const kinds = JSON.stringify(fromMarkdown(comparisonText(result(text)))).match(/"type":"\w+"/g) ?? [];
        expect(kinds.filter((kind) => /html|image|link|emphasis|definition/i.test(kind))).toEqual([]);
        expect(kinds.filter((kind) => kind.includes('inlineCode'))).toHaveLength(3);
      }),
    );
  });
});
