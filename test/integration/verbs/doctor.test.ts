import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { ExaminationReport, type RowFinding } from '../../../src/core/examine/finding.ts';
import type { FindingId } from '../../../src/core/examine/kinds.ts';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { readFindings } from '../../../src/store/examination.ts';
import { queryChains } from '../../../src/store/index.ts';
import { SideFile } from '../../../src/store/side-file.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { PLANTED, type Planted, plantedRows } from '../../fixtures/planted.ts';
import { startLonghand } from '../../fixtures/process.ts';
import { DIST, file, newDataset, open, run, temporaryFolder } from '../../unit/verbs/run.ts';

const doctor = (source: string, args: Partial<VerbArgs<'doctor'>> = {}) =>
  run('doctor', { source, failOn: 'never', workers: 2, ...args });

async function findingsOf(folder: string): Promise<RowFinding[]> {
  const findings: RowFinding[] = [];
  for await (const finding of readFindings(folder)) findings.push(finding);
  return findings;
}

const idsOf = (findings: readonly RowFinding[], id: FindingId): string[] =>
  findings.filter(({ finding }) => finding === id).map(({ id }) => id);

/** Writes planted rows to a file; the kind of each planted one by its id. */
async function writePlanted(
  rows: number,
  faults: Record<Planted, number>,
): Promise<{ path: string; planted: Map<string, Planted> }> {
  const path = join(await temporaryFolder(), 'rows.jsonl');
  const out = createWriteStream(path);
  const planted = new Map<string, Planted>();
  for (const { row, planted: kind } of plantedRows(rows, faults)) {
    if (kind) planted.set(row.id, kind);
    if (!out.write(`${JSON.stringify(row)}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return { path, planted };
}

describe('doctor', () => {
  test('finds at least 95 % of planted faults, with false alarms in at most 1 % of the rows', async () => {
    const rows = 20_000;
    const faults = { 'near-duplicate': 200, truncated: 50, loop: 50, 'think-tags': 30 };
    const { path, planted } = await writePlanted(rows, faults);
    const { folder, report } = await doctor(path);
    expect(report).toMatchObject({ rows, withGold: rows });
    const findings = await findingsOf(folder);
    const alarms = new Set<string>();
    for (const kind of PLANTED) {
      const found = new Set(idsOf(findings, kind));
      const ids = [...planted].flatMap(([id, of]) => (of === kind ? [id] : []));
      const recall = ids.filter((id) => found.has(id)).length / faults[kind];
      expect(recall, `recall of ${kind}`).toBeGreaterThanOrEqual(0.95);
      for (const id of found) if (!planted.has(id)) alarms.add(id);
      expect([...found].filter((id) => !planted.has(id)).length / rows, `false alarms of ${kind}`).toBeLessThanOrEqual(
        0.001,
      );
    }
    for (const { id } of findings) if (!planted.has(id)) alarms.add(id);
    expect(alarms.size / rows).toBeLessThanOrEqual(0.01);
  });

  test('the chains of a file that was examined are found by what was found', async () => {
    const path = join(await temporaryFolder(), 'rows.jsonl');
    const long = (name: string): string =>
      `${name} has 12 apples and buys 7 more at the market on the corner. How many apples are in the basket then?`;
    const rows = [long('Ann'), 'What is 2 + 2?', long('Ben'), long('Eve')].map((problem, n) => ({
      ...{ id: `row#${n}`, problem, answer: '19', response: `Count them one by one, in way ${n}: \\boxed{19}.` },
    }));
    await writeFile(path, `\n\n${rows.map((row) => `${JSON.stringify(row)}\n`).join('')}`);
    const idsFound = async (where: string): Promise<string[]> =>
      (await run('chains', { source: path, where, limit: 10 })).chains.map(({ id }) => id);
    await expect(idsFound('finding = near-duplicate')).rejects.toThrow('was not examined');
    await doctor(path);
    expect(await idsFound('finding = near-duplicate')).toEqual(['3', '4']);
    expect(await idsFound('group = 1')).toEqual(['1', '3', '4']);
    expect(await idsFound('finding = truncated and group = 1')).toEqual([]);
    await appendFile(path, `${JSON.stringify(rows[0])}\n`);
    const later = new Date(Date.now() + 5000);
    await utimes(path, later, later);
    await expect(idsFound('finding = near-duplicate')).rejects.toThrow('has changed since');
  });

  test('writes a report as JSON and Markdown, with examples, queries and filters', async () => {
    const rows = [
      {
        id: 'a',
        problem: 'What is 7 + 8? Count the birds.',
        answer: '15',
        response: 'Seven and eight are \\boxed{15}.',
      },
      {
        id: 'b',
        problem: 'What is 7 + 8?  count the birds.',
        answer: '15',
        response: 'Seven and eight are \\boxed{15}.',
      },
      { id: 'c', problem: 'What is 7 + 8? Count the birds.', answer: '16', response: 'It is \\boxed{14}.' },
    ];
    const path = await file('rows.jsonl', rows);
    const { folder, report, resumed } = await doctor(path);
    expect(resumed).toBe(0);
    expect(folder).toBe(`${path}.examination`);
    expect(report.problems).toBe(1);
    expect(report.findings.map(({ id, count }) => [id, count])).toEqual([
      ['exact-duplicate', 1],
      ['contradicts-gold', 1],
      ['golds-disagree', 1],
      ['answers-disagree', 1],
    ]);
    expect(report.findings[0]).toMatchObject({
      share: 1 / 3,
      query: 'finding = exact-duplicate',
      examples: [{ id: 'b', line: 2, group: 'a', excerpt: rows[1]?.problem.replace('  ', ' ') }],
    });
    expect(report.findings[1]).toMatchObject({ filter: 'final-correct' });
    expect(ExaminationReport.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')))).toEqual(report);
    expect(await readFile(join(folder, 'report.md'), 'utf8')).toContain('`finding = exact-duplicate`');
    await expect(stat(join(folder, 'journal.jsonl'))).rejects.toThrow();
  });

  test('hides keys and personal data in all three files, and takes excerpts from the row of the finding', async () => {
    const [address, key] = ['zq.ada@mail.test', ['s', 'k-proj-', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('')];
    const problem = `How many birds are on the wall if ${address} sees seven and eight?`;
    const long = 'I count the birds on the wall again and again, each time in another way, and get the same number. ';
    const rows = [
      { problem, answer: address, response: `It is \\boxed{15}. ${key}` },
      { problem, answer: address, response: `It is \\boxed{15}. ${key}` },
      { problem, answer: '15', response: `It is \\boxed{${address}}.` },
      { problem: 'What is 7 + 8?', answer: '15', response: `${long}Then I write ${key}` },
      { problem: 'What is 7 + 8?', answer: '15', response: `${long}Then I add seve` },
    ];
    const path = await file(
      'rows.jsonl',
      rows.map((row) => ({ id: 'same', ...row })),
    );
    const { folder, report } = await doctor(path);
    const texts = await Promise.all(
      ['report.md', 'report.json', 'findings.jsonl'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(report.findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['exact-duplicate', 'golds-disagree', 'secret', 'personal-data', 'truncated']),
    );
    expect(texts.join('')).toContain('[hidden]');
    expect(texts.join('')).not.toMatch(/zq[.]ada|k-proj-|a1B2c3|k1L2/);
    expect(report.findings.find(({ id }) => id === 'answers-disagree')?.examples).toMatchObject([
      { id: 'same', line: 3, excerpt: '…It is \\boxed{[hidden]}.' },
    ]);
  });

  test('examines the chains of a dataset and the problems without one, with their benchmarks', async () => {
    const dataset = await newDataset();
    const problem =
      'A farmer has twelve sheep and buys thirty more of them at the market. How many sheep has the farmer?';
    const other = 'Ola buys 12 red pens at the old market and gives 3 of them to a friend. How many pens are left?';
    const again = 'Eva buys 40 red pens at the old market and gives 7 of them to a friend. How many pens are left?';
    await mkdir(join(dataset, 'benchmarks'), { recursive: true });
    await writeFile(join(dataset, 'benchmarks', 'b.jsonl'), `${JSON.stringify({ id: 'bench', problem })}\n`);
    const problems = [
      { id: 'p1', problem, answer: '42' },
      { id: 'p2', problem: other, answer: '9' },
      { id: 'p3', problem: again, answer: '33' },
      { id: 'p4', problem: again.replaceAll('Eva', 'Ida'), answer: '33' },
    ];
    await run('import', { dataset, file: await file('p.jsonl', problems) });
    const traces = [
      { id: 't1', problem, answer: '42', response: 'Twelve and thirty are \\boxed{42}.' },
      { id: 't2', problem: other, answer: '9', response: 'Twelve less three are \\boxed{9}.' },
      { id: 't3', problem: again, answer: '33', response: 'Forty less seven are \\boxed{33}.' },
    ];
    await run('import-traces', { dataset, file: await file('t.jsonl', traces) });
    // As a round of continuations of which none was kept.
    const [imported = ''] = await readdir(join(dataset, 'rounds'));
    await mkdir(join(dataset, 'rounds', '7-continued'));
    await copyFile(join(dataset, 'rounds', imported, 'plan.json'), join(dataset, 'rounds', '7-continued', 'plan.json'));
    const { folder, report } = await doctor(dataset);
    expect(folder).toBe(join(dataset, 'examination'));
    expect(report.rows).toBe(4);
    expect(report.findings.map(({ id, count, examples }) => [id, count, examples[0]?.group])).toEqual([
      ['contaminated', 1, undefined],
      ['near-duplicate', 2, 't2'],
    ]);
    const findings = await findingsOf(folder);
    expect(idsOf(findings, 'near-duplicate')).toEqual(['t3', 'p4']);
    const opened = await open(dataset);
    const found = (query: string): string[] => queryChains(opened.index, parseQuery(query)).map(({ id }) => id);
    expect(found(report.findings[0]?.query ?? '')).toEqual(['t1']);
    expect(found('finding = near-duplicate')).toEqual(['t3']);
    expect(found('group = t2')).toEqual(['t2', 't3']);
    expect(found('finding = loop')).toEqual([]);
    await rm(folder, { recursive: true });
    await opened.refresh();
    expect(found('finding = contaminated, near-duplicate')).toEqual([]);
    expect(found('group = t2')).toEqual([]);
    await opened.close();
  });

  test('compares a file with the benchmarks that are named', async () => {
    const problem =
      'A farmer has twelve sheep and buys thirty more of them at the market. How many sheep has the farmer?';
    const path = await file('rows.jsonl', [{ problem, answer: '42', response: 'It is \\boxed{42}.' }]);
    const benchmarks = [await file('bench.jsonl', [{ question: problem }])];
    expect((await doctor(path, { benchmarks })).report.findings.map(({ id }) => id)).toEqual(['contaminated']);
    expect((await doctor(path)).report.findings).toEqual([]);
  });

  test('examines problems without replies', async () => {
    const rows = Array.from({ length: 3 }, (_, i) => ({
      question: `How many of the ${i + 4} red boats are at sea on a cold winter day?`,
      answer: i,
    }));
    const { report } = await doctor(await file('problems.jsonl', rows));
    expect(report.findings.map(({ id, count }) => [id, count])).toEqual([['near-duplicate', 2]]);
    expect(report.tokens).toBeUndefined();
  });

  test('examines texts without a problem, by recognised, named or chosen columns', async () => {
    const cut =
      'There are seven birds at first, and eight more birds come to them. I add both numbers to find how many there are now. So I add';
    const rows = [
      { note: `${cut} nothing.`, draft: 'None.', text: `${cut} seven and eigh` },
      { note: `${cut} nothing else.`, draft: cut, text: `${cut} seven. It is \\boxed{15}.` },
    ];
    const path = await file('texts.jsonl', rows);
    const linesFound = async (args: Partial<VerbArgs<'doctor'>> = {}) => {
      const { report } = await doctor(path, args);
      return report.findings.flatMap(({ id, examples }) =>
        id === 'truncated' ? examples.map(({ line }) => line) : [],
      );
    };
    expect(await linesFound()).toEqual([1]);
    expect(await linesFound({ mapping: { trace: 'draft' } })).toEqual([2]);
    await (await SideFile.open(path)).setColumns({ trace: 'draft' }, 'Ada', new Date().toISOString());
    expect(await linesFound()).toEqual([2]);
    expect(await linesFound({ mapping: { trace: 'text' } })).toEqual([1]);
  });

  test('reports rows that can’t be read, and examines the others', async () => {
    const good = JSON.stringify({ problem: 'What is 7 + 8?', answer: '15', response: 'It is \\boxed{15}.' });
    const path = await file(
      'rows.jsonl',
      `${good}\nnot json\n{"problem":"x"}\n[1]\n${good.replace('7', '9')}\n{"problem":`,
    );
    const { report } = await doctor(path);
    expect(report.rows).toBe(6);
    expect(report.findings.find(({ id }) => id === 'not-examined')?.count).toBe(4);
  });

  test('hostile rows cost at most themselves', async () => {
    const row = (response: string, i: number) => ({
      problem: `What is ${i} + 8 if you count birds?`,
      answer: '15',
      response,
    });
    const hostile = [
      '9^{'.repeat(2000),
      '\\boxed{9^{9^{9^{9^9}}}!}',
      '<think>'.repeat(50_000),
      '{'.repeat(100_000),
      `${'\\frac{1}{'.repeat(3000)} \\boxed{`,
      '\ud800 \\boxed{15}',
      'a '.repeat(400_000),
    ];
    const { report } = await doctor(await file('rows.jsonl', hostile.map(row)));
    expect(report.rows).toBe(hostile.length);
  });

  test('exit code 4 for findings of the given severity or worse', async () => {
    const rows = [{ problem: 'What is 7 + 8?', answer: '15', response: 'It is \\boxed{14}.' }];
    const path = await file('rows.jsonl', rows);
    const code = async (...flags: string[]) => (await startLonghand(['doctor', path, ...flags]).ended).code;
    expect(await code()).toBe(0);
    expect(await code('--fail-on', 'warning')).toBe(4);
    expect(await code('--fail-on', 'never')).toBe(0);
    expect(await code('--fail-on', 'wrong')).toBe(2);
  });

  test('refuses a folder that is no dataset, a file without rows, and an examination through a link', async () => {
    const folder = await temporaryFolder();
    await expect(doctor(folder)).rejects.toThrow(/no dataset/);
    await expect(doctor(join(folder, 'absent.jsonl'))).rejects.toThrow(/no file/);
    await expect(doctor(await file('rows.jsonl', [{ a: 1 }]))).rejects.toThrow(/No column/);
    const dataset = await newDataset();
    await symlink(folder, join(dataset, 'examination'));
    await expect(doctor(dataset)).rejects.toThrow(/symbolic link/);
  });

  test('resumes after kill -9 behind the last batch, and finds the same', async () => {
    const { path } = await writePlanted(6000, { 'near-duplicate': 60, truncated: 20, loop: 20, 'think-tags': 10 });
    const folder = `${path}.examination`;
    const child = spawn(process.execPath, [join(DIST, 'cli.mjs'), 'doctor', path, '--workers', '1'], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    for (;;) {
      const written = await stat(join(folder, 'journal.jsonl')).catch(() => undefined);
      if (written && written.size > 1_000_000) break;
      expect(child.exitCode).toBeNull();
      await new Promise((done) => setTimeout(done, 10));
    }
    child.kill('SIGKILL');
    await ended;
    const { resumed, report } = await doctor(path);
    expect(resumed).toBeGreaterThan(0);
    expect(resumed).toBeLessThan(6000);
    const again = await findingsOf(folder);
    await rm(folder, { recursive: true });
    const fresh = await doctor(path);
    expect(fresh.resumed).toBe(0);
    expect(again).toEqual(await findingsOf(folder));
    expect(report.findings).toEqual(fresh.report.findings);
  });

  test('a journal of other rows or settings, or a damaged one, is not used', async () => {
    const rows = [{ problem: 'What is 7 + 8?', answer: '15', response: 'It is \\boxed{14}.' }];
    const path = await file('rows.jsonl', rows);
    const folder = `${path}.examination`;
    await mkdir(folder);
    await writeFile(join(folder, 'journal.jsonl'), '{"version":1,"of":"another"}\n{"rows":1');
    await writeFile(join(folder, 'findings.unfinished.jsonl'), 'garbage');
    const { report, resumed } = await doctor(path);
    expect(resumed).toBe(0);
    expect(report.findings.map(({ id }) => id)).toEqual(['contradicts-gold']);
  });

  test('a killed examination with other benchmarks starts again', async () => {
    const { path } = await writePlanted(3000, { 'near-duplicate': 1, truncated: 1, loop: 1, 'think-tags': 1 });
    const benchmarks = async (question: string) => [await file('bench.jsonl', [{ question }])];
    const stop = new AbortController();
    const options = { signal: stop.signal, onProgress: ({ done }: { done: number }) => done > 0 && stop.abort() };
    const first = {
      source: path,
      failOn: 'never',
      workers: 1,
      benchmarks: await benchmarks('What is 1 + 1?'),
    } as const;
    await expect(run('doctor', first, options)).rejects.toThrow();
    expect((await doctor(path, { benchmarks: await benchmarks('What is 2 + 2?') })).resumed).toBe(0);
  });

  test('cancelling ends it, and the next run resumes', async () => {
    const { path } = await writePlanted(3000, { 'near-duplicate': 1, truncated: 1, loop: 1, 'think-tags': 1 });
    const stop = new AbortController();
    const options = { signal: stop.signal, onProgress: ({ done }: { done: number }) => done > 0 && stop.abort() };
    await expect(run('doctor', { source: path, failOn: 'never', workers: 1 }, options)).rejects.toThrow();
    expect((await doctor(path)).report.rows).toBe(3000);
  });
});
