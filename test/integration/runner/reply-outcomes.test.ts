import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { type NoAnswer, RoundSummary, replyOutcome } from '../../../src/core/schemas/index.ts';
import { countFacets, queryChains } from '../../../src/store/index.ts';
import { formatTried } from '../../../src/verbs/dialogue/try.ts';
import { outcomeOf } from '../../../webview/workbench/format.ts';
import { cachedClient, callOf, datasetFor, type Respond, serve, stateOf } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { file, open, run } from '../../unit/verbs/run.ts';

// A SCRIPTED server without a model: it ends replies in ways that a real server can't be made to.

function whole(message: object, finish: string): Scripted {
  const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: finish }] });
  return { raw: { type: 'application/json', body } };
}

function streamed(delta: object, finish: string): Scripted {
  const body = [{ delta }, { delta: {}, finish_reason: finish }]
    .map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`)
    .join('');
  return { raw: { type: 'text/event-stream', body: `${body}data: [DONE]\n\n` } };
}

const AZURE_FILTER = JSON.stringify({
  error: { code: 'content_filter', message: 'The response was filtered.', status: 400 },
});

const ENDS: [string, NoAnswer, Scripted][] = [
  ['content_filter', 'blocked', whole({ content: null }, 'content_filter')],
  ['content_filter in a stream, after some text', 'blocked', streamed({ content: 'The answer is' }, 'content_filter')],
  [
    'a prompt that the content filter rejects (400)',
    'blocked',
    { status: 400, raw: { type: 'application/json', body: AZURE_FILTER } },
  ],
  ['a refusal', 'refused', whole({ content: null, refusal: 'I can’t help with that.' }, 'stop')],
  ['a refusal in a stream', 'refused', streamed({ refusal: 'I can’t help with that.' }, 'stop')],
  ['an error', 'unfinished', whole({ content: 'So \\boxed{8}.' }, 'error')],
  ['an abort in a stream', 'unfinished', streamed({ content: 'So \\boxed{8}.' }, 'abort')],
  ['null content', 'empty', whole({ content: null }, 'stop')],
  ['white space', 'empty', streamed({ content: ' \n' }, 'stop')],
  ['the token limit, before any text', 'truncated', whole({ content: '' }, 'length')],
];

test.each(ENDS)('%s is a reply with the outcome “%s”', async (_, outcome, scripted) => {
  const server = await serve(() => scripted);
  const { client } = await cachedClient(server);
  expect(replyOutcome(await client.chat(callOf(1)))).toBe(outcome);
  expect(server.received).toHaveLength(1);
});

async function dataset(respond: Respond, problems = 12): Promise<string> {
  const rows = Array.from({ length: problems }, (_, i) => ({
    id: `p${i}`,
    problem: `What is ${i} + 8?`,
    answer: `${i + 8}`,
  }));
  return datasetFor(await serve(respond), rows);
}

/** Every reply has one of these ends, in turn. */
const inTurn = (_: Received, index: number): Scripted =>
  [ENDS[0], ENDS[2], ENDS[3], ENDS[5], ENDS[7]].map((end) => end?.[2] ?? {})[index % 5] ?? {};

describe('replies that are no answers', { timeout: 60_000 }, () => {
  test('are journaled once and counted as outcomes of their own in a sampling round', async () => {
    const folder = await dataset(inTurn);
    const policy = { policy: 'uniform', correct: 1, atMost: 1 };
    const summary = RoundSummary.parse(
      await run('sample-round', { dataset: folder, role: 'base', policy, dropBelow: 0, seed: 5 }),
    );
    expect(summary.sampling).toMatchObject({
      ...{ samples: 12, correct: 0, incorrect: 0, truncated: 0, ungraded: 0 },
      ...{ blocked: 6, refused: 2, unfinished: 2, empty: 2, failed: [], unreadable: [] },
    });
    expect(summary.replies).toEqual({
      response: { answered: 0, truncated: 0, blocked: 6, refused: 2, unfinished: 2, empty: 2 },
    });
    expect((await stateOf(folder, summary.round)).replies).toEqual(summary.replies?.response);
    const { problems } = await run('difficulty', { dataset: folder });
    expect(problems.every(({ attempts, ungraded }) => attempts === 0 && ungraded === 1)).toBe(true);
  });

  test('count as wrong answers in an evaluation', async () => {
    const right = { content: 'So \\boxed{8}.' };
    const folder = await dataset((request, index) => (index === 0 ? right : inTurn(request, index)), 5);
    const problems = await file('set.jsonl', [
      ...Array.from({ length: 5 }, (_, i) => ({ id: `q${i}`, problem: `What is ${i} + 8 here?`, answer: '8' })),
    ]);
    const { result } = await run('evaluate', { dataset: folder, problems, k: 1 });
    // The one that an error ended is requested again, and its next reply is blocked.
    expect(result?.scores).toMatchObject({ samples: 5, ungraded: 0, blocked: 2, refused: 1, unfinished: 0, empty: 1 });
    expect(result?.scores.average.value).toBe(0.2);
  });

  test('are counted by prompt in the summary of a dialogue round, and make no pairs', async () => {
    const folder = await dataset(() => ENDS[3]?.[2] ?? {}, 2);
    const some = { problems: 2, tries: { answer1: 2, answer2: 1, check: 1, summary: 1 } };
    const summary = RoundSummary.parse(await run('generate', { dataset: folder, ...some }));
    expect(summary.replies).toEqual({
      answer: { answered: 0, truncated: 0, blocked: 0, refused: 6, unfinished: 0, empty: 0 },
    });
    expect(summary.pairs).toEqual({ FT: 0, TT: 0, TF: 0, FF: 0 });
  });
});

describe('a server that refuses every call', { timeout: 60_000 }, () => {
  const unknownModel = { status: 400, error: 'unknown model' };
  const stateIn = async (folder: string) => stateOf(folder, (await open(folder)).index.rounds[0] ?? '');

  test.each(['generate', 'sample-round'] as const)('fails a round of %s, however small', async (verb) => {
    const folder = await dataset(() => unknownModel, 2);
    const policy = { policy: 'uniform', correct: 1, atMost: 1 };
    const request =
      verb === 'generate'
        ? run(verb, { dataset: folder, problems: 2, tries: { answer1: 2, answer2: 1, check: 1, summary: 1 } })
        : run(verb, { dataset: folder, role: 'base', policy, dropBelow: 0, seed: 5 });
    await expect(request).rejects.toThrow('unknown model');
    expect(await stateIn(folder)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('unknown model'),
    });
  });

  test('fails nothing when the last problem is answered', async () => {
    const folder = await dataset((_, index) => (index === 0 ? { content: 'So \\boxed{8}.' } : unknownModel), 2);
    const policy = { policy: 'uniform', correct: 1, atMost: 1 };
    await run('sample-round', { dataset: folder, role: 'base', policy, dropBelow: 0, seed: 5 });
    expect((await stateIn(folder)).state).toBe('finished');
  });
});

test('rows of a file are graded by their finish reason where they have one', async () => {
  const rows = ['length', 'error', 'stop', undefined].map((finish) => ({
    ...{ gold: '8', prediction: '8', ...(finish ? { finish_reason: finish } : {}) },
  }));
  const out = await file('graded.jsonl', []);
  const { outcomes } = await run('grade', {
    file: await file('rows.jsonl', rows),
    out,
    goldKey: 'gold',
    predictionKey: 'prediction',
  });
  expect(outcomes).toEqual({ truncated: 1, unfinished: 1, correct: 2 });
});

describe('a truncated reply', { timeout: 60_000 }, () => {
  const cut = { content: 'She has 16 - 3 = 13 eggs, so each day 320 eggs and sells them', finish: 'length' };

  test('has no final answer at the workbench without a box, whatever its last words are', async () => {
    const folder = await dataset(() => cut, 1);
    const { pieces } = await run('try', { dataset: folder, problem: 'p0', role: 'base', until: 'answer[1]' });
    const [tried] = pieces;
    expect(tried?.verdict).toEqual({
      ...{ outcome: 'unknown', method: 'none' },
      detail: 'The reply is truncated and has no final answer.',
    });
    expect(tried && outcomeOf(tried).text).toBe('truncated, no final answer');
    expect(tried && formatTried(tried)).toMatch(/^answer\[1\]: truncated, no final answer, none/);
  });

  test('does not count as a try of its problem, so that a hinted round does not use it', async () => {
    const wrong = { ...cut, content: 'First \\boxed{3}, but then' };
    const folder = await dataset(() => wrong, 2);
    const some = { problems: 2, tries: { answer1: 1, answer2: 1, check: 1, summary: 1 } };
    await run('generate', { dataset: folder, ...some });
    await expect(run('generate', { dataset: folder, ...some, mode: 'hinted' })).rejects.toThrow(
      /No problem is left for hinted mode/,
    );
  });

  test('of an imported trace has no final answer without a box', async () => {
    const folder = await dataset(() => ({}), 1);
    const rows = [{ problem: 'What is 0 + 8?', response: cut.content, finish_reason: 'length', answer: '8' }];
    await run('import-traces', { dataset: folder, file: await file('traces.jsonl', rows) });
    const opened = await open(folder);
    const [id = ''] = opened.index.chains().map((chain) => chain.id);
    expect((await opened.chain(id)).verdict).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringMatching(/truncated/),
    });
    // The facet “Verdict” lists it by its outcome.
    expect([...countFacets(opened.index).verdict]).toEqual([['truncated', 1]]);
    expect(queryChains(opened.index, parseQuery('verdict = unknown, incorrect'))).toEqual([]);
    await opened.close();
  });

  test('recorded by an earlier version still counts as truncated', async () => {
    const folder = await dataset(() => ({ content: '\\boxed{3}' }), 1);
    const policy = { policy: 'uniform', correct: 1, atMost: 1 };
    const { round } = RoundSummary.parse(
      await run('sample-round', { dataset: folder, role: 'base', policy, dropBelow: 0, seed: 5 }),
    );
    const path = join(folder, 'rounds', round, 'grades.jsonl');
    const line = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, `${JSON.stringify({ ...line, truncated: true })}\n`);
    const { problems } = await run('difficulty', { dataset: folder });
    expect(problems[0]).toMatchObject({ attempts: 0, ungraded: 1 });
  });
});
