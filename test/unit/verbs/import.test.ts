import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../src/core/schemas/index.ts';
import { file, type Heard, newDataset, open, run, SHARED } from './run.ts';

async function problems(dataset: string): Promise<Problem[]> {
  const opened = await open(dataset);
  return Promise.all(opened.index.problems().map(({ id }) => opened.problem(id)));
}

describe('importing problems', { timeout: 60_000 }, () => {
  test('keeps the values of the columns, and uses the file name if there is no source', async () => {
    const dataset = await newDataset();
    const rows = [
      { id: 'alg/1', question: 'Solve x+1=3.', answer: 'So #### 2', level: 1, subject: 'algebra' },
      { id: 7, question: 'What is 2*3?', answer: '#### 6', source: 'a book', license: 'MIT' },
    ];
    const result = await run('import', { dataset, file: await file('My Set.jsonl', rows) });
    expect(result).toMatchObject({ file: 'problems/my-set.jsonl', rows: 2, imported: 2, duplicates: 0, bad: [] });
    expect(await problems(dataset)).toEqual([
      {
        ...{ id: 'alg/1', problem: 'Solve x+1=3.', answer: '2', solution: 'So #### 2', level: 1, topic: 'algebra' },
        source: 'My Set.jsonl',
      },
      { id: 'my-set-7', problem: 'What is 2*3?', answer: '6', solution: '#### 6', source: 'a book', licence: 'MIT' },
    ]);
  });

  test('skips problems that are already in the file or the dataset, and logs different answers', async () => {
    const dataset = await newDataset();
    const heard: Heard = { progress: [], log: [] };
    const first = [
      { problem: 'What is $1+1$?', answer: '2' },
      { problem: 'what is \\(1 + 1\\)', answer: '3' },
      { problem: 'What is 1+2?', answer: '3' },
    ];
    const one = await run('import', { dataset, file: await file('one.jsonl', first) }, { heard });
    expect(one).toMatchObject({ imported: 2, duplicates: 1 });
    expect(heard.log).toEqual([expect.stringContaining('Line 2: the same problem came before with answer 2')]);
    const second = [...first, { problem: 'What is 5+5?', answer: '10' }];
    const two = await run('import', { dataset, file: await file('two.jsonl', second) });
    expect(two).toMatchObject({ imported: 1, duplicates: 3 });
    expect(await problems(dataset)).toHaveLength(3);
  });

  test('a second import of the same file adds nothing and writes no file', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', [{ problem: 'What is 1+1?', answer: '2' }]);
    await run('import', { dataset, file: path });
    expect(await run('import', { dataset, file: path })).toMatchObject({ file: '', imported: 0, duplicates: 1 });
    expect(await readdir(join(dataset, 'problems'))).toEqual(['a.jsonl']);
  });

  test('reports bad lines by number and imports the others', async () => {
    const dataset = await newDataset();
    const good = (n: number): string => JSON.stringify({ problem: `What is ${n}?`, answer: `${n}` });
    const text = [good(1), '{"problem":', good(3), '{"problem":"no answer"}', '', good(6), '[1]'].join('\n');
    const result = await run('import', { dataset, file: await file('a.jsonl', text) });
    expect(result).toMatchObject({ rows: 6, imported: 3, duplicates: 0 });
    expect(result.bad).toEqual([
      { line: 2, reason: expect.stringContaining('not valid JSON') },
      { line: 4, reason: 'column “answer” holds no answer' },
      { line: 7, reason: 'it is not an object with named columns' },
    ]);
  });

  test('gives ids that are equal across datasets and unique in each', async () => {
    const path = await file('a.csv', 'id,question,answer\nx,1+1,2\nx,2+2,4\n,3+3,6\nü z,4+4,8\n');
    const [one, two] = [await newDataset(), await newDataset()];
    await run('import', { dataset: one, file: path });
    await run('import', { dataset: two, file: path });
    const ids = (await problems(one)).map(({ id }) => id);
    expect(ids).toEqual([
      'x',
      expect.stringMatching(/^a-[0-9a-f]{10}$/),
      expect.stringMatching(/^a-[0-9a-f]{10}$/),
      'z',
    ]);
    expect(new Set(ids).size).toBe(4);
    expect((await problems(two)).map(({ id }) => id)).toEqual(ids);
    const clash = await file('b.csv', 'id,question,answer\nx,9+9,18\n');
    await run('import', { dataset: one, file: clash });
    expect((await problems(one)).at(-1)?.id).toMatch(/^b-[0-9a-f]{10}$/);
  });

  test('uses the given columns and name', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', [
      { problem: 'decoy', answer: '0', meta: { q: 'What is 1+1?', a: '\\boxed{2}' } },
    ]);
    const mapping = { problem: 'meta.q', answer: 'meta.a', answerFrom: 'boxed' } as const;
    await run('import', { dataset, file: path, mapping, name: 'Told' });
    expect(await problems(dataset)).toMatchObject([{ problem: 'What is 1+1?', answer: '2' }]);
    expect(await readdir(join(dataset, 'problems'))).toEqual(['told.jsonl']);
  });

  test.each([
    ['unknown columns', [{ foo: 1, bar: 'x' }], 'No column looks like the problem. It has: foo, bar.'],
    ['empty answers', [{ problem: 'x', answer: '' }], 'final answer'],
  ])('%s: an error with a message, and nothing is written', async (_, rows, reason) => {
    const dataset = await newDataset();
    await expect(run('import', { dataset, file: await file('a.jsonl', rows) })).rejects.toThrow(reason);
    expect(existsSync(join(dataset, 'problems')) ? await readdir(join(dataset, 'problems')) : []).toEqual([]);
  });

  test('wrong columns: the error quotes the first line', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', [{ problem: 'x', answer: '1', gold: '' }]);
    const mapping = { problem: 'problem', answer: 'gold', answerFrom: 'plain' } as const;
    await expect(run('import', { dataset, file: path, mapping })).rejects.toMatchObject({
      advice: expect.stringContaining('Line 1: column “gold” holds no answer'),
    });
    await expect(run('import', { dataset, file: path, mapping: { answer: 'golden' } })).rejects.toMatchObject({
      message: 'The first rows have no column “golden”. It has: problem, answer, gold.',
    });
  });

  test('a cancelled import leaves no files', async () => {
    const dataset = await newDataset();
    const rows = Array.from({ length: 50_000 }, (_, i) => ({ problem: `What is ${i} plus ${i}?`, answer: `${2 * i}` }));
    const path = await file('a.jsonl', rows);
    const cancel = new AbortController();
    const importing = run(
      'import',
      { dataset, file: path },
      { signal: cancel.signal, onProgress: () => cancel.abort() },
    );
    await expect(importing).rejects.toThrow(/abort/i);
    expect(await readdir(join(dataset, 'problems'))).toEqual([]);
  });

  test('the next import deletes the draft of a killed one', async () => {
    const dataset = await newDataset();
    await run('import', { dataset, file: await file('a.jsonl', [{ problem: 'What is 1+1?', answer: '2' }]) });
    // No process has this id: it is above every system's limit.
    await writeFile(join(dataset, 'problems', '.b.jsonl.99999999.0.tmp'), 'half');
    await run('import', { dataset, file: await file('c.jsonl', [{ problem: 'What is 1+3?', answer: '4' }]) });
    expect(await readdir(join(dataset, 'problems'))).toEqual(['a.jsonl', 'c.jsonl']);
  });

  test('reports progress in bytes of the file', async () => {
    const heard: Heard = { progress: [], log: [] };
    const path = await file('a.jsonl', [{ problem: 'What is 1+1?', answer: '2' }]);
    await run('import', { dataset: await newDataset(), file: path }, { heard });
    const size = (await readFile(path)).length;
    expect(heard.progress.at(-1)).toEqual({ done: size, total: size, unit: 'bytes', message: '1 row' });
  });
});

const GSM8K = join(SHARED, 'raw/gsm8k_train.original.jsonl');

describe.skipIf(!existsSync(GSM8K))('the published GSM8K (skipped without ../shared/data)', () => {
  test('all 7,473 rows are imported, with the answers after ####', { timeout: 60_000 }, async () => {
    const dataset = await newDataset();
    const result = await run('import', { dataset, file: GSM8K });
    expect(result).toMatchObject({ rows: 7473, imported: 7473, duplicates: 0, bad: [] });
    const published = (await readFile(GSM8K, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).answer);
    const all = await problems(dataset);
    expect(all.map(({ answer }) => answer)).toEqual(published.map((answer) => answer.split('#### ')[1]));
    expect(all.every((problem) => Problem.safeParse(problem).success)).toBe(true);
  });
});
