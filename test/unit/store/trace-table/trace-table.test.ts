import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinTrace, mapTrace, recogniseFile } from '../../../../src/core/dataset/index.ts';
import { parseQuery } from '../../../../src/core/query/parse.ts';
import type { Query } from '../../../../src/core/query/query.ts';
import { type ReviewAct, sampleOutcome } from '../../../../src/core/schemas/index.ts';
import { gradeTrace } from '../../../../src/grading/trace.ts';
import { foldReview } from '../../../../src/store/decisions.ts';
import type { Facet, Sort } from '../../../../src/store/index.ts';
import { placeOfTrace } from '../../../../src/store/side-file.ts';
import { openRowFile, type RowFile } from '../../../../src/store/source/row-file.ts';
import { TraceTable } from '../../../../src/store/trace-table/trace-table.ts';
import type { TraceReviews } from '../../../../src/store/trace-table/traces-for-query.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { graderInThread, gradingSetup } from './grader-in-thread.ts';

const work = { signal: new AbortController().signal, progress: () => {} };

const WORDS = ['wait', 'so', 'then', 'let me check', '\\boxed{4}', '\\boxed{5}', 'x = 2'];
const trace = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const row = fc.record({
  problem: fc.constantFrom('2+2', '2+3', 'wait 4'),
  answer: fc.constantFrom('4', '5'),
  level: fc.constantFrom(1, 2, 'Level 2'),
  model: fc.constantFrom('a', 'b'),
  generations: fc.array(trace, { minLength: 1, maxLength: 3 }),
});

interface Naive {
  id: string;
  row: number;
  question: string;
  text: string;
  level: string;
  model: string;
  tokens: number;
  verdict: string;
  decision: string;
}

async function tableOf(rows: readonly object[]): Promise<{ path: string; file: RowFile; table: TraceTable }> {
  const path = join(await temporaryFolder(), 'a.jsonl');
  await writeFile(path, rows.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const file = await openRowFile(path);
  const columns = recogniseFile(rows);
  if ('reason' in columns) throw new Error(columns.reason);
  return { path, file, table: new TraceTable(file, 'a.jsonl', columns, graderInThread) };
}

async function naive(rows: readonly object[], reviews: TraceReviews): Promise<Naive[]> {
  const columns = recogniseFile(rows);
  if ('reason' in columns) throw new Error(columns.reason);
  const all: Naive[] = [];
  for (const [at, one] of rows.entries()) {
    const mapped = mapTrace(one, columns);
    for (const [index, trace] of 'traces' in mapped ? mapped.traces.entries() : []) {
      const id = placeOfTrace(at + 1, index);
      const text = joinTrace(trace.parts);
      const place = { id, round: '', problemId: `row ${at + 1}`, createdAt: new Date(0).toISOString() };
      const { verdict } = await gradeTrace(trace, trace.gold, place, gradingSetup);
      all.push({
        ...{ id, row: at + 1, question: trace.question, text, model: trace.model ?? '' },
        level: String(trace.level).replace('Level ', ''),
        tokens: Math.ceil(text.length / 4),
        verdict: sampleOutcome(verdict.outcome, undefined),
        decision: reviews.get(id)?.decision ?? 'pending',
      });
    }
  }
  return all;
}

const QUERIES: Record<string, (chain: Naive) => boolean> = {
  'level = 2': ({ level }) => level === '2',
  'level > 1': ({ level }) => Number(level) > 1,
  'model = a, b': () => true,
  'not model = a': ({ model }) => model !== 'a',
  'tokens > 8': ({ tokens }) => tokens > 8,
  'verdict = correct': ({ verdict }) => verdict === 'correct',
  'verdict = incorrect and tokens <= 9': ({ verdict, tokens }) => verdict === 'incorrect' && tokens <= 9,
  'decision = accepted': ({ decision }) => decision === 'accepted',
  'problem = "row 2"': ({ row: number }) => number === 2,
  'chain = 1, 2.2': ({ id }) => id === '1' || id === '2.2',
  'chain ~ wait': ({ text }) => text.includes('wait'),
  'problem ~ /wait \\d/ not model = b': ({ question, model }) => /wait \d/.test(question) && model !== 'b',
  check: ({ text, question }) => text.includes('check') || question.includes('check'),
};

const accepted = (id: string): ReviewAct => ({
  act: 'accept',
  id: `act ${id}`,
  at: '2026-01-01',
  reviewer: 'Ada',
  chainId: id,
});

async function found(
  { file, table }: { file: RowFile; table: TraceTable },
  query: Query,
  reviews: TraceReviews = new Map(),
  sort?: Sort,
  facets: Facet[] = [],
) {
  while (file.searched < file.size) await file.search();
  const result = await table.find({ query, sort, reviewer: 'Ada', reviews, facets }, work);
  const positions = result.positions ?? Uint32Array.from({ length: table.order.length }, (_, at) => at);
  return { ids: [...positions].map((position) => table.order.at(position)), ...result };
}

describe('the chains of a file as a table', () => {
  test('a query finds the chains that a filter of all rows finds, whatever was asked before', async () => {
    const rows = fc.array(row, { minLength: 2, maxLength: 8 });
    const queries = fc.array(fc.constantFrom(...Object.keys(QUERIES)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rows, queries, fc.array(fc.nat(20), { maxLength: 3 }), async (all, asked, decided) => {
        const opened = await tableOf(all);
        try {
          const ids = (await naive(all, new Map())).map(({ id }) => id);
          const places = [...new Set(decided.flatMap((at) => ids[at] ?? []))];
          const reviews: TraceReviews = new Map(places.map((id) => [id, foldReview([accepted(id)])]));
          const chains = await naive(all, reviews);
          for (const text of asked) {
            const { ids: listed } = await found(opened, parseQuery(`${text} and tokens >= 0`), reviews);
            expect(listed, text).toEqual(chains.filter((one) => QUERIES[text]?.(one)).map(({ id }) => id));
          }
          const { facets } = await found(opened, parseQuery('model = a'), reviews, undefined, ['model', 'level']);
          expect(facets.model?.get('b') ?? 0).toBe(chains.filter(({ model }) => model === 'b').length);
          expect(facets.level?.get('2') ?? 0).toBe(
            chains.filter(({ model, level }) => model === 'a' && level === '2').length,
          );
          const { ids: sorted } = await found(opened, [], reviews, { field: 'tokens', descending: true });
          const expected = chains.toSorted((a, b) => b.tokens - a.tokens).map(({ id }) => id);
          expect(sorted).toEqual(expected);
        } finally {
          await opened.file.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  test('nothing is read for a query that needs no row, and a field is listed when it is known', async () => {
    const opened = await tableOf(
      [1, 2, 3].map((n) => ({ problem: `${n}+1`, answer: '4', trace: `\\boxed{${n + 1}}` })),
    );
    const { table } = opened;
    const reviews: TraceReviews = new Map([['2', foldReview([accepted('2')])]]);
    const first = await found(opened, parseQuery('decision = accepted'), reviews, undefined, ['decision', 'verdict']);
    expect(first.ids).toEqual(['2']);
    expect(Object.keys(first.facets)).toEqual(['decision']);
    expect(table.reading).toBe('places');
    expect((await table.rowsOf(['2']))[0]).toMatchObject({ problem: '2+1', tokens: 3 });
    expect((await table.rowsOf(['2']))[0]?.verdict).toBeUndefined();
    await table.read('grades', work);
    expect(table.reading).toBe('grades');
    expect((await table.rowsOf(['2', '3'])).map(({ verdict }) => verdict)).toEqual(['incorrect', 'correct']);
    await opened.file.close();
  });

  test('reading that is aborted resumes where it was', async () => {
    const opened = await tableOf(
      Array.from({ length: 3000 }, (_, n) => ({ problem: `${n}`, answer: '4', trace: `it is ${'so '.repeat(n % 7)}` })),
    );
    const controller = new AbortController();
    let reports = 0;
    const aborted = opened.table.read('rows', {
      signal: controller.signal,
      progress: () => {
        if (++reports === 1) controller.abort(new Error('enough'));
      },
    });
    await aborted.catch((error: unknown) => expect(error).toEqual(new Error('enough')));
    expect((await found(opened, parseQuery('tokens > 5'))).ids).toHaveLength(
      Array.from({ length: 3000 }, (_, n) => Math.ceil(`it is ${'so '.repeat(n % 7)}`.trimEnd().length / 4)).filter(
        (tokens) => tokens > 5,
      ).length,
    );
    await opened.file.close();
  });

  test('a file that grew is read on, and a last row that was incomplete is read again', async () => {
    const line = (n: number): string => JSON.stringify({ problem: `${n}`, answer: '4', trace: `\\boxed{${n}}` });
    const path = join(await temporaryFolder(), 'b.jsonl');
    await writeFile(path, `${line(3)}\n${line(4).slice(0, 20)}`);
    const file = await openRowFile(path);
    const table = new TraceTable(
      file,
      'b.jsonl',
      { problem: 'problem', trace: 'trace', answer: 'answer' },
      graderInThread,
    );
    expect((await found({ file, table }, parseQuery('verdict = correct'))).ids).toEqual([]);
    await appendFile(path, `${line(4).slice(20)}\n${line(5)}\n`);
    const from = await file.grow();
    expect(from).toBe(1);
    table.forgetFrom(from ?? 0);
    expect((await found({ file, table }, parseQuery('verdict = correct'))).ids).toEqual(['2']);
    expect((await found({ file, table }, parseQuery('verdict = incorrect'))).ids).toEqual(['1', '3']);
    await file.close();
  });

  test('a row that can’t be read is listed with its reason', async () => {
    const opened = await tableOf([{ problem: '1', answer: '1', trace: 'one' }]);
    await opened.file.close();
    await appendFile(opened.path, 'torn\n');
    const file = await openRowFile(opened.path);
    const table = new TraceTable(file, 'a.jsonl', { problem: 'problem', trace: 'trace' }, graderInThread);
    const find = async (query: string) => (await found({ file, table }, parseQuery(query))).ids;
    expect((await found({ file, table }, [], new Map(), { field: 'tokens' })).ids).toEqual(['1', '2']);
    for (const query of [
      'tokens < 100',
      'characters < 100',
      'filters = passed, filtered',
      'verdict = unknown',
      'backtracking < 9',
    ])
      expect(await find(query), query).toEqual(['1']);
    expect(await find('not tokens < 100')).toEqual(['2']);
    const { facets } = await found({ file, table }, [], new Map(), undefined, ['verdict', 'filters']);
    expect(facets).toEqual({ verdict: new Map([['unknown', 1]]), filters: new Map([['filtered', 1]]) });
    expect((await table.rowsOf(['2']))[0]?.problem).toMatch(/^Can’t be read: the line is not valid JSON/);
    await file.close();
  });

  test('a field that files do not have is refused', async () => {
    const opened = await tableOf([{ problem: '1', answer: '1', trace: 'one' }]);
    await expect(found(opened, parseQuery('class = FT'))).rejects.toThrow('A file has no “class”');
    await opened.file.close();
  });
});
