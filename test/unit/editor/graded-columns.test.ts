import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnOffers, gradedName, hasColumn } from '../../../src/editor/grading/graded-columns.ts';
import { file, run, temporaryFolder } from '../verbs/run.ts';

const rows = [
  { id: 1, question: 'Two and two?', answer: '4', output: { text: 'It is 4.', tokens: ['It'] } },
  { id: 2, question: 'Two and three?', answer: null, output: { text: 'It is 5.', tokens: ['It'] } },
];

describe('the columns of a file that is graded', () => {
  it('are found by name only if they can hold an answer', () => {
    expect(hasColumn(rows, 'answer')).toBe(true);
    expect(hasColumn(rows, 'gold')).toBe(false);
    expect(hasColumn([{ gold: { value: '4' } }], 'gold')).toBe(false);
    expect(hasColumn([{ gold: { value: '4' } }], 'gold.value')).toBe(true);
    expect(hasColumn([{ gold: 0 }], 'gold')).toBe(true);
  });

  it('are offered with a value each and the likeliest one, without lists and used columns', () => {
    const gold = columnOffers(rows, 'gold', undefined);
    expect(gold.offers.map(({ value }) => value)).toEqual(['id', 'question', 'answer', 'output.text']);
    expect(gold.offers.at(-1)?.description).toBe('It is 4.');
    expect(gold.likely).toBe('answer');
    const prediction = columnOffers(rows, 'prediction', 'answer');
    expect(prediction.offers.map(({ value }) => value)).not.toContain('answer');
    expect(prediction.likely).toBe('output.text');
  });

  it('that an earlier grading added are not offered, columns of the same names in other files are', async () => {
    const source = await file('rows.jsonl', [{ key: '4', said: 'It is 4.' }]);
    const out = join(await temporaryFolder(), 'graded.jsonl');
    await run('grade', { file: source, goldKey: 'key', predictionKey: 'said', workers: 1, out });
    const row: unknown = JSON.parse(await readFile(out, 'utf8'));
    expect(row).toHaveProperty('verdict', 'correct');
    const offered = (one: unknown) => columnOffers([one], 'gold', undefined).offers.map(({ value }) => value);
    expect(offered(row)).toEqual(['key', 'said']);
    expect(offered({ extracted: '4', detail: '4' })).toEqual(['extracted', 'detail']);
  });

  it('that look like nothing known are offered without a guess', () => {
    expect(columnOffers([{ a: '1', b: '2' }], 'gold', undefined).likely).toBeUndefined();
  });
});

describe('the name of a graded file', () => {
  it.each([
    ['/data/rows.jsonl', 'rows.graded'],
    ['/data/rows.v2.ndjson', 'rows.v2.graded'],
    ['/data/rows', 'rows.graded'],
    ['/data/rows.graded.jsonl', 'rows.graded'],
    ['/data/rows.graded-3.jsonl', 'rows.graded'],
  ])('of %s is %s', (path, name) => {
    expect(gradedName(path)).toBe(name);
  });
});
