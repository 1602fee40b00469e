import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EvaluationPlan } from '../../../src/core/evaluation/index.ts';
import { evaluatedSamples, evaluationCalls, listEvaluations } from '../../../src/store/evaluations.ts';
import { answersByRate, type Rated, rowsOf } from '../../fixtures/pass-rates.ts';
import { startLonghand } from '../../fixtures/process.ts';
import { datasetFor as madeFor, serve as started } from '../../fixtures/scripted-dataset.ts';
import type { ScriptedServer } from '../../fixtures/server.ts';
import { runRecord, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { file, run } from '../../unit/verbs/run.ts';

const PROBLEMS: (Rated & { id: string })[] = [1, 0.5, 0, 0.5].map((rate, i) => ({
  id: `p${i}`,
  problem: `What is ${i + 10} + ${i + 20}?`,
  right: String(2 * i + 30),
  rate,
  wrong: (draw) => String(draw % 7),
}));
const ROWS = rowsOf(PROBLEMS);

async function serve(
  problems: readonly Rated[] = PROBLEMS,
  cutOff?: (draw: number) => boolean,
  onRequest?: () => void,
) {
  const answer = answersByRate(problems, cutOff);
  return started((request) => {
    onRequest?.();
    return { ...answer(request), latencyMs: onRequest ? 20 : 0 };
  });
}

/** A dataset without problems, whose base model is scripted. */
const datasetFor = (server: ScriptedServer): Promise<string> => madeFor(server, []);

const folderOf = (dataset: string, name: string): string => join(dataset, 'evaluations', name);

async function keysOf(folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of evaluationCalls(folder)) keys.push(key);
  return keys.sort();
}

describe('longhand evaluate', () => {
  it('requests k samples per problem, each with its own seed, and computes the pass rates', async () => {
    const server = await serve();
    const dataset = await datasetFor(server);
    const problems = await file('aime.jsonl', ROWS);
    const { plan, result, report } = await run('evaluate', { dataset, problems, k: 16, seed: 5 });
    expect(plan.evaluation).toBe('1-base-aime');
    expect(server.received).toHaveLength(64);
    expect(new Set(server.received.map(({ body }) => body.seed)).size).toBe(64);
    expect(server.received.every(({ body }) => body.n === undefined)).toBe(true);
    const folder = folderOf(dataset, plan.evaluation);
    const samples = await evaluatedSamples(folder);
    const right = (id: string) => samples.filter((one) => one.problemId === id && one.outcome === 'correct').length;
    expect(samples).toHaveLength(64);
    expect(right('p0')).toBe(16);
    expect(right('p2')).toBe(0);
    expect(right('p1')).toBeGreaterThan(2);
    expect(right('p1')).toBeLessThan(14);
    expect(result?.scores.average.value).toBeCloseTo((16 + right('p1') + right('p3')) / 64);
    expect(result).toMatchObject({ calls: 64, unanswered: 0, scores: { ungraded: 0, k: { least: 16, most: 16 } } });
    // Each answer states its value once, in a box.
    expect(samples.every(({ first, outcome }) => first === (outcome === 'correct' ? 'right' : 'wrong'))).toBe(true);
    // The row links to the answers.
    expect(await readFile(report ?? '', 'utf8')).toContain('[`p2`](answers.md#problem-1) | 0 of 16');
    const answers = await readFile(join(dirname(report ?? ''), 'answers.md'), 'utf8');
    expect(answers).toContain('## Problem 1\n\n`p2`: 0 of 16 samples correct.');
    expect(answers).toContain('8 more samples are in `journal.jsonl`.');
  }, 60_000);

  it('plans its requests without making any', async () => {
    const server = await serve();
    const dataset = await datasetFor(server);
    await run('prices', { dataset, role: 'base', prices: { prompt: 1, completion: 2 } });
    const problems = await file('four.jsonl', ROWS);
    const { plan, result } = await run('evaluate', { dataset, problems, k: 3, plan: true });
    expect(result).toBeUndefined();
    expect(plan.expected).toMatchObject({ requests: 12, completionTokens: 6 * plan.response.maxTokens, from: 'guess' });
    const { promptTokens, completionTokens, cost } = plan.expected;
    expect(cost).toBeCloseTo((promptTokens + 2 * completionTokens) / 1e6);
    expect(server.received).toHaveLength(0);
    expect(await listEvaluations(dataset)).toEqual([]);
  });

  it('counts truncated answers separately, and never as solved', async () => {
    const server = await serve(
      PROBLEMS.map((one) => ({ ...one, rate: 1 })),
      (draw) => draw % 2 === 0,
    );
    const dataset = await datasetFor(server);
    const { result, plan } = await run('evaluate', { dataset, problems: await file('four.jsonl', ROWS), k: 8 });
    const samples = await evaluatedSamples(folderOf(dataset, plan.evaluation));
    const cut = samples.filter(({ reply }) => reply === 'truncated').length;
    expect(cut).toBeGreaterThan(0);
    expect(result?.scores.truncated.value).toBeCloseTo(cut / 32);
    expect(result?.scores.average.value).toBeCloseTo(1 - cut / 32);
    expect(result?.scores.tokens.wrong).toBeNull();
  }, 60_000);

  it('counts replies without an answer as wrong, and ends where a model answers nothing', async () => {
    const server = await started(() => ({ content: '' }));
    const dataset = await datasetFor(server);
    const { result } = await run('evaluate', { dataset, problems: await file('four.jsonl', ROWS), k: 2 });
    expect(result?.scores).toMatchObject({ average: { value: 0 }, problems: 4, samples: 8, empty: 8, ungraded: 0 });
    expect(server.received).toHaveLength(8);
  }, 60_000);

  it('requests a reply again that an abort ended, and counts the last one', async () => {
    const answer = answersByRate(PROBLEMS.map((one) => ({ ...one, rate: 1 })));
    const ended = new Map<number, number>();
    const server = await started((request) => {
      const seed = Number(request.body.seed);
      ended.set(seed, (ended.get(seed) ?? 0) + 1);
      const isLost = JSON.stringify(request.body.messages).includes('What is 11 + 21?');
      return { ...answer(request), finish: isLost || ended.get(seed) === 1 ? 'abort' : 'stop' };
    });
    const dataset = await datasetFor(server);
    const { result, plan } = await run('evaluate', { dataset, problems: await file('four.jsonl', ROWS), k: 2 });
    expect(result).toMatchObject({ unanswered: 0, calls: 3 * 2 * 2 + 2 * 3, scores: { samples: 8, unfinished: 2 } });
    expect(result?.scores.average.value).toBe(0.75);
    const asked = server.received.length;
    await run('evaluate', { dataset, resume: plan.evaluation });
    expect(server.received).toHaveLength(asked);
  }, 60_000);

  it('requests a reply with an unknown end once, and does not count it', async () => {
    const answer = answersByRate(PROBLEMS.map((one) => ({ ...one, rate: 1 })));
    const server = await started((request) => ({ ...answer(request), finish: 'done' }));
    const dataset = await datasetFor(server);
    await expect(run('evaluate', { dataset, problems: await file('four.jsonl', ROWS), k: 2 })).rejects.toMatchObject({
      message: 'None of 8 answers could be graded.',
      advice: expect.stringContaining('finish_reason'),
    });
    expect(server.received).toHaveLength(8);
  }, 60_000);

  it('makes no call twice when it resumes after an abort, with the result of an uninterrupted evaluation', async () => {
    const cancel = new AbortController();
    let allowed = 48 + 10;
    const server = await serve(PROBLEMS, undefined, () => {
      if (--allowed === 0) cancel.abort();
    });
    const [whole, stopped] = [await datasetFor(server), await datasetFor(server)];
    const problems = await file('four.jsonl', ROWS);
    const args = { problems, k: 12, seed: 9, name: 'same' };
    const uninterrupted = await run('evaluate', { dataset: whole, ...args });

    const cancelled = run('evaluate', { dataset: stopped, ...args }, { signal: cancel.signal });
    await expect(cancelled).rejects.toThrow(/1-same was cancelled/);
    const folder = folderOf(stopped, '1-same');
    const before = await keysOf(folder);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(48);
    expect((await listEvaluations(stopped))[0]?.result).toBeUndefined();

    const asked = server.received.length;
    const resumed = await run('evaluate', { dataset: stopped, resume: '1-same' });
    expect(server.received.length - asked).toBe(48 - before.length);
    expect(await keysOf(folder)).toEqual(await keysOf(folderOf(whole, '1-same')));
    expect(resumed.result?.scores).toEqual(uninterrupted.result?.scores);

    const again = await run('evaluate', { dataset: stopped, resume: '1-same' });
    expect(server.received.length - asked).toBe(48 - before.length);
    expect(again.result?.scores).toEqual(resumed.result?.scores);
  }, 60_000);

  it('resumes after kill -9 of its process, and pays for nothing that its journal holds', async () => {
    const server = await serve(PROBLEMS, undefined, () => undefined);
    const dataset = await datasetFor(server);
    const problems = await file('four.jsonl', ROWS);
    const args = ['evaluate', dataset, '--problems', problems, '--k', '16', '--concurrency', '2', '--name', 'killed'];
    const { child, ended } = startLonghand(args);
    const folder = folderOf(dataset, '1-killed');
    while ((await keysOf(folder)).length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGKILL');
    await ended;
    const before = await keysOf(folder);
    expect(before.length).toBeLessThan(64);
    const asked = server.received.length;
    const { result } = await run('evaluate', { dataset, resume: '1-killed' });
    expect(result).toMatchObject({ calls: 64, unanswered: 0, scores: { samples: 64 } });
    expect(server.received.length - asked).toBe(64 - before.length);
  }, 60_000);

  it('excludes what the server refuses and reports it', async () => {
    const server = await serve(PROBLEMS.slice(0, 3));
    const dataset = await datasetFor(server);
    const { result } = await run('evaluate', { dataset, problems: await file('four.jsonl', ROWS), k: 2 });
    expect(result).toMatchObject({ unanswered: 2, scores: { problems: 3, samples: 6 } });
  }, 60_000);

  it('takes the same problems for each model when a limit is set', async () => {
    const dataset = await datasetFor(await serve());
    await run('import', { dataset, file: await file('own.jsonl', ROWS) });
    const chosen = async (seed: number) => {
      const { plan } = await run('evaluate', { dataset, k: 1, limit: 2, seed });
      const text = await readFile(join(folderOf(dataset, plan.evaluation), 'plan.json'), 'utf8');
      return EvaluationPlan.parse(JSON.parse(text)).problemIds;
    };
    const first = await chosen(1);
    expect(first).toHaveLength(2);
    expect(await chosen(2)).toEqual(first);
  }, 60_000);

  it('refuses a file without answers, a level without problems, and an evaluation that does not exist', async () => {
    const dataset = await datasetFor(await serve());
    const bare = await file('bare.jsonl', [{ problem: 'What is 1 + 1?' }]);
    await expect(run('evaluate', { dataset, problems: bare })).rejects.toThrow();
    const problems = await file('four.jsonl', ROWS);
    await expect(run('evaluate', { dataset, problems, levels: ['9'] })).rejects.toThrow(/level and topic/);
    await expect(run('evaluate', { dataset, resume: '7-none' })).rejects.toThrow(/no evaluation “7-none”/);
    await expect(run('evaluate', { dataset, resume: '../x' })).rejects.toThrow(/not a valid name of an evaluation/);
  });
});

describe('longhand compare-evaluations', () => {
  async function two(rowsA: typeof ROWS, rowsB: typeof ROWS): Promise<{ dataset: string; a: string; b: string }> {
    const before = await serve(PROBLEMS.map((one) => ({ ...one, rate: 0 })));
    const after = await serve(PROBLEMS.map((one, i) => ({ ...one, rate: i < 3 ? 1 : 0 })));
    const dataset = await datasetFor(before);
    await run('model', {
      dataset,
      model: { kind: 'openai', baseURL: after.baseURL, model: 'tuned' },
      role: 'fine-tuned',
    });
    const a = await run('evaluate', { dataset, problems: await file('a.jsonl', rowsA), k: 4, role: 'base' });
    const b = await run('evaluate', { dataset, problems: await file('b.jsonl', rowsB), k: 4, role: 'fine-tuned' });
    return { dataset, a: a.plan.evaluation, b: b.plan.evaluation };
  }

  it('reports how many problems a difference is, and the opposite in reverse order', async () => {
    const { dataset, a, b } = await two(ROWS, ROWS);
    const there = await run('compare-evaluations', { dataset, a, b });
    expect(there.words).toMatch(/^This difference is 3 problems of 4; .*p = 0\.250/);
    expect(there.comparison).toMatchObject({ before: 0, after: 0.75, inProblems: 3, onlyBefore: 0, onlyAfter: 0 });
    const back = await run('compare-evaluations', { dataset, a: b, b: a });
    expect(back.comparison.inProblems).toBe(-3);
    expect(back.comparison.test.p).toBe(there.comparison.test.p);
    expect(await readFile(there.report, 'utf8')).toContain(there.words);
    expect(await readFile(there.picture, 'utf8')).toContain('</svg>');
  }, 60_000);

  it('compares different sets only when asked to, and then reports how many problems are common', async () => {
    const changed = ROWS.map((row) => (row.id === 'p1' ? { ...row, answer: '1' } : row));
    const { dataset, a, b } = await two(ROWS, changed.slice(0, 3));
    await expect(run('compare-evaluations', { dataset, a, b })).rejects.toThrow(/2 are in both/);
    const { comparison, report } = await run('compare-evaluations', { dataset, a, b, common: true });
    expect(comparison).toMatchObject({ test: { problems: 2 }, onlyBefore: 2, onlyAfter: 1 });
    expect(await readFile(report, 'utf8')).toContain('2 were graded in both');
  }, 60_000);
});

describe('contamination of an evaluation', () => {
  it('lists the problems in exports and kept chains, whole or by eight consecutive words', async () => {
    const server = await serve([
      ...PROBLEMS.map((one) => ({ ...one, rate: 1 })),
      { problem: 'train leaves', rate: 1, right: '3' },
    ]);
    const dataset = await datasetFor(server);
    const long = 'A train leaves the old station at noon and travels north for three hours. How long does it travel?';
    await run('import', {
      dataset,
      file: await file('own.jsonl', [...ROWS, { id: 'train', problem: long, answer: '3' }]),
    });
    await run('import-traces', {
      dataset,
      file: await file('traces.jsonl', [
        trace(ROWS[0]?.problem ?? '', 'I add the two numbers and get \\boxed{30}.'),
        trace(long, 'It says so in the text: three hours, which is \\boxed{3}.'),
      ]),
    });
    const evaluated = [
      { id: 'same', problem: `${ROWS[0]?.problem} `, answer: '30' },
      { id: 'shared', problem: long.replace('How long does it travel', 'When does it arrive'), answer: '3' },
      { id: 'other', problem: ROWS[1]?.problem, answer: '32' },
    ];
    const { result, report } = await run('evaluate', { dataset, problems: await file('bench.jsonl', evaluated), k: 1 });
    expect(result?.contamination).toMatchObject({
      trained: 2,
      exports: [],
      hits: [
        { problemId: 'same', trainedId: 'p0', how: 'same' },
        { problemId: 'shared', trainedId: 'train', how: 'words' },
      ],
    });
    expect(await readFile(report ?? '', 'utf8')).toContain('**2 of 3 evaluated problems**');
  }, 60_000);

  /** A dataset with a training run on these rows. */
  async function trainedOn(rows: readonly object[]): Promise<string> {
    const dataset = await datasetFor(await serve());
    const training = trainingOf({ rows: 'train.messages.jsonl', export: 'gone', rowCount: 2 });
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await storedRun(dataset, runRecord('run-1', { training }), [], new Map([['rows.jsonl', text]]));
    return dataset;
  }

  const [ONE = '', TWO = ''] = ROWS.map(({ problem }) => problem);
  const user = (content: string) => ({ role: 'user', content });
  const answer = { role: 'assistant', content: 'So it is.' };

  it.each([
    ['TRL', { problem_id: 'p0', ...trace(ONE, 'It is.') }, 'p0'],
    [
      'ms-swift, in parts',
      { messages: [user(ONE), { ...answer, loss: false }, { ...answer, loss: true }] },
      'run-1, row 1',
    ],
    ['axolotl', { messages: [user(ONE), { ...answer, training_detail: [] }] }, 'run-1, row 1'],
    ['LLaMA-Factory and hosted trainers', { messages: [user(`${ONE}\n\nIt is 29.`), answer] }, 'run-1, row 1'],
    ['a system turn first', { messages: [{ role: 'system', content: 'Think.' }, user(ONE), answer] }, 'run-1, row 1'],
    ['prompt and completion', { prompt: `${ONE}\n\nIt is 29.`, completion: ' So it is.' }, 'run-1, row 1'],
    ['lists of messages', { prompt: [user(ONE)], completion: [answer] }, 'run-1, row 1'],
  ])('reads the rows of a training run whose export was removed: %s', async (_form, row, trainedId) => {
    const dataset = await trainedOn([row, row]);
    const { result, report } = await run('evaluate', { dataset, problems: await file('bench.jsonl', ROWS), k: 1 });
    expect(result?.contamination).toMatchObject({
      ...{ trained: 1, exports: [], runs: ['run-1'], unread: [] },
      hits: [{ problemId: 'p0', trainedId, how: 'same' }],
    });
    expect(await readFile(report ?? '', 'utf8')).toContain('training runs (`run-1`)');
  });

  it('marks a training run as not checked when none of its rows can be read', async () => {
    const dataset = await trainedOn([{ input_ids: [1, 2] }, { messages: [answer] }, { text: TWO }]);
    const { result, report } = await run('evaluate', { dataset, problems: await file('bench.jsonl', ROWS), k: 1 });
    expect(result?.contamination).toMatchObject({ trained: 0, runs: [], unread: ['run-1'], hits: [] });
    expect(await readFile(report ?? '', 'utf8')).toContain('**Not checked:** 1 training run (`run-1`)');
  });
});

function trace(problem: string, content: string): object {
  return {
    messages: [
      { role: 'user', content: problem },
      { role: 'assistant', content },
    ],
  };
}
