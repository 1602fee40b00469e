import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import type { ModelRef } from '../../../src/core/model/index.ts';
import { appendLines } from '../../../src/store/files.ts';
import { problemTable } from '../../../src/verbs/difficulty-tables.ts';
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
  test('writes the posterior of every problem, and what each round did to coverage and difficulty', async () => {
    const dataset = await twoRounds();
    const to = await temporaryFolder();
    const files = { svg: join(to, 'd.svg'), csv: join(to, 'problems.csv'), roundsCsv: join(to, 'rounds.csv') };
    const report = await run('difficulty', { dataset, ...files });
    expect(report).toMatchObject({ covered: 2, ...files });
    const problems = await rowsOf(files.csv);
    // Two right and two wrong over both rounds: Beta(3, 3).
    expect(problems[0]).toMatchObject({ problem_id: 'p1', attempts: '4', successes: '2', mean: '0.5000' });
    expect(Number(problems[0]?.low)).toBeCloseTo(0.1893, 3);
    expect(problems[2]).toMatchObject({ problem_id: 'p3', attempts: '0', low: '0.0500', high: '0.9500' });
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
    // p1 was at Beta(3, 1), p2 at Beta(1, 3); both are at Beta(3, 3) now.
    expect(of('2-second').map((row) => [row.from, row.bucket_before, row.bucket_after])).toEqual([
      ...[
        ['', '1', '1'],
        ['0', '0', '0'],
        ['0.05', '0', '0'],
      ],
      ...[
        ['0.2', '1', '0'],
        ['0.5', '1', '2'],
        ['0.8', '0', '0'],
      ],
    ]);
    const picture = await readFile(files.svg, 'utf8');
    for (const round of ['1-first', '2-second']) expect(picture).toContain(`>${round}</text>`);
  });

  test('an id of any kind comes back from the table, and none is a formula for a spreadsheet', () => {
    const ids = ['a,b', 'say "x"', 'two\nlines', '=1+1', '+1', '-1', '@x', 'plain'];
    const problems = ids.map((problemId) => ({
      ...{ problemId, attempts: 0, successes: 0, ungraded: 0 },
      ...{ mean: 0.5, low: 0.05, high: 0.95 },
    }));
    const rows: Record<string, string>[] = parse(problemTable(problems), { columns: true });
    expect(rows.map((row) => row.problem_id)).toEqual(ids.map((id) => (/^[=+\-@]/.test(id) ? `'${id}` : id)));
    expect(new Set(rows.map((row) => Object.keys(row).length))).toEqual(new Set([7]));
  });
});
