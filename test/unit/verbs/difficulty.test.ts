import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import type { ModelRef } from '../../../src/core/schemas/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { problemTable } from '../../../src/verbs/sampling/difficulty.ts';
import { grade, plan, problem } from '../store/fixtures.ts';
import { newDataset, open, run, temporaryFolder } from './run.ts';

const model: ModelRef = { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'm' };

/** Three problems: the first round solves one of two, the second solves the other one. The third is never asked. */
async function twoRounds(): Promise<string> {
  const folder = await newDataset();
  await run('model', { dataset: folder, model });
  const dataset = await open(folder);
  await appendLines(
    join(dataset.problemsFolder, 'own.jsonl'),
    ['p1', 'p2', 'p3'].map((id) => problem(id)),
  );
  const rounds = [
    { round: '1-first', kind: 'dialogue' as const, piece: 'answer[1]', right: 'p1' },
    { round: '2-second', kind: 'sampling' as const, piece: 'response', right: 'p2' },
  ];
  for (const { round, kind, piece, right } of rounds) {
    await dataset.createRound(plan(round, { kind, problemIds: ['p1', 'p2'], model }));
    const grades = ['p1', 'p2'].flatMap((id) =>
      [0, 1].map((i) => grade(`${round} ${id} ${i}`, id, id === right ? 'correct' : 'incorrect', piece)),
    );
    await dataset.appendGrades(round, grades);
  }
  await dataset.close();
  return folder;
}

const rowsOf = async (path: string): Promise<Record<string, string>[]> =>
  parse(await readFile(path), { columns: true, record_delimiter: '\r\n' });

describe('difficulty', () => {
  test('writes the posterior of every problem, and the effect of each round on coverage and difficulty', async () => {
    const dataset = await twoRounds();
    const to = await temporaryFolder();
    const files = { svg: join(to, 'd.svg'), csv: join(to, 'problems.csv'), roundsCsv: join(to, 'rounds.csv') };
    const report = await run('difficulty', { dataset, ...files });
    expect(report).toMatchObject({ covered: 2, ...files });
    const problems = await rowsOf(files.csv);
    // Two right and two wrong over both rounds: Beta(3, 3).
    expect(problems[0]).toMatchObject({
      problem_id: 'p1',
      state: 'solved',
      attempts: '4',
      successes: '2',
      mean: '0.5000',
    });
    expect(Number(problems[0]?.low)).toBeCloseTo(0.1893, 3);
    expect(problems[2]).toMatchObject({
      problem_id: 'p3',
      state: 'not-sampled',
      attempts: '0',
      low: '0.0500',
      high: '0.9500',
    });
    const rounds = await rowsOf(files.roundsCsv);
    const of = (round: string) => rounds.filter((row) => row.round === round);
    for (const [round, before, after] of [
      ['1-first', '0', '1'],
      ['2-second', '1', '2'],
    ] as const) {
      expect(of(round).every((row) => row.covered_before === before && row.covered_after === after)).toBe(true);
      for (const column of ['bucket_before', 'bucket_after'])
        expect(of(round).reduce((sum, row) => sum + Number(row[column]), 0)).toBe(3);
    }
    expect(of('1-first')[0]).toMatchObject({ kind: 'dialogue', from: '', bucket_before: '3', bucket_after: '1' });
    // p1 was at Beta(3, 1) and p2 at Beta(1, 3); now both are at Beta(3, 3).
    // Before the round, p2 was sampled and never solved, and p3 was not sampled.
    expect(of('2-second').map((row) => [row.bucket, row.bucket_before, row.bucket_after])).toEqual([
      ...[
        ['not sampled', '1', '1'],
        ['not graded', '0', '0'],
        ['only truncated', '0', '0'],
        ['never solved', '1', '0'],
      ],
      ...[
        ['0 – 0.05', '0', '0'],
        ['0.05 – 0.2', '0', '0'],
        ['0.2 – 0.5', '0', '0'],
      ],
      ...[
        ['0.5 – 0.8', '1', '2'],
        ['0.8 – 1', '0', '0'],
      ],
    ]);
    const picture = await readFile(files.svg, 'utf8');
    for (const round of ['1-first', '2-second']) expect(picture).toContain(`>${round}</text>`);
  });

  test('the table keeps any id, and none is a spreadsheet formula', () => {
    const ids = ['a,b', 'say "x"', 'two\nlines', '=1+1', '+1', '-1', '@x', 'plain'];
    const problems = ids.map((problemId) => ({
      ...{ problemId, attempts: 0, successes: 0, ungraded: 0, truncated: 0 },
      ...{ mean: 0.5, low: 0.05, high: 0.95 },
    }));
    const rows: Record<string, string>[] = parse(problemTable(problems), { columns: true });
    expect(rows.map((row) => row.problem_id)).toEqual(ids.map((id) => (/^[=+\-@]/.test(id) ? `'${id}` : id)));
    expect(new Set(rows.map((row) => Object.keys(row).length))).toEqual(new Set([8]));
  });
});
