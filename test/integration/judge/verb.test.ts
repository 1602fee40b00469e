import { appendFile, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { hostOf } from '../../../src/core/schemas/index.ts';
import { DatasetReviewSource } from '../../../src/editor/review/review-source.ts';
import { ReviewItem } from '../../../src/protocol/review.ts';
import { countFacets, type Dataset, queryChains } from '../../../src/store/index.ts';
import { checkArgs, readCommandLine } from '../../../src/verbs/command-line.ts';
import { type Respond, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, ScriptedServer } from '../../fixtures/server.ts';
import {
  answerTo,
  askedIn,
  chainsOf,
  datasetOf,
  GOLD,
  judgeAt,
  messagesOf,
  ROUND,
  SOLUTION,
  textOf,
} from '../../unit/judge/dataset.ts';
import { act } from '../../unit/store/fixtures.ts';
import { run } from '../../unit/verbs/run.ts';

// The server of these tests is SCRIPTED, without a model. It tests requests and errors, not the quality of a judge.
let dataset: Dataset | undefined;

afterEach(() => dataset?.close());

async function begin(
  texts: Readonly<Record<string, string>>,
  respond: Respond = answerTo,
): Promise<{ dataset: Dataset; server: ScriptedServer; judge: ReturnType<typeof judgeAt> }> {
  const server = await serve(respond);
  const made = await datasetOf(texts, [
    { id: 'r1', kind: 'verification', start: 0, end: 24, source: 'rule', confidence: 0.5 },
  ]);
  dataset = made;
  const judge = judgeAt(server.baseURL);
  await made.saveSettings({ judge });
  return { dataset: made, server, judge };
}

const two = { a: textOf('a', 24), b: textOf('b', 5) };

describe('the plan of a judge', () => {
  it('counts chains, windows and tokens, makes the prompt file, and makes no call', async () => {
    const { dataset, server } = await begin(two);
    const { plan, summary } = await run('judge', { dataset: dataset.folder, plan: true });
    expect(summary).toBeUndefined();
    expect(plan).toMatchObject({ chains: 2, judged: 0, sentences: 29, windows: 4, requests: 4, reused: 0 });
    expect(plan).toMatchObject({ completionTokensMax: 4 * 3 * 500, measured: false });
    expect(plan).not.toHaveProperty('cost');
    expect(plan.promptTokens).toBeGreaterThan(4 * 500);
    expect(server.received).toEqual([]);
    expect(await readFile(join(dataset.folder, 'prompts', 'judge.md'), 'utf8')).toContain('{{sentences}}');
  });

  it('computes the cost by the prices of the judge, and of no other model', async () => {
    const { dataset, judge } = await begin(two);
    const { model: name } = judge.model;
    await dataset.saveSettings({ prices: [{ host: hostOf(judge.model), model: name, prompt: 2, completion: 10 }] });
    const { plan } = await run('judge', { dataset: dataset.folder, plan: true });
    expect(plan.cost).toBeCloseTo((2 * plan.promptTokens + 10 * plan.completionTokens) / 1e6, 12);
    const { summary } = await run('judge', { dataset: dataset.folder });
    // The scripted server counts 11 tokens read and 7 written for each call.
    expect(summary?.cost).toBeCloseTo((4 * (2 * 11 + 10 * 7)) / 1e6, 12);
    const model = { ...judge.model, model: 'another' };
    expect((await run('judge', { dataset: dataset.folder, plan: true, model })).plan.cost).toBeUndefined();
  });

  it('uses only the selected chains, and reports missing ones', async () => {
    const { dataset } = await begin(two);
    const planned = async (args: object) =>
      (await run('judge', { dataset: dataset.folder, plan: true, ...args })).plan.chains;
    expect(await planned({ limit: 1 })).toBe(1);
    expect(await planned({ chains: ['b'] })).toBe(1);
    expect(await planned({ rounds: [ROUND] })).toBe(2);
    await expect(planned({ chains: ['c'] })).rejects.toThrow('no chain “c”');
    await expect(planned({ rounds: ['9-none'] })).rejects.toThrow('no round “9-none”');
    await dataset.saveSettings({ judge: undefined });
    await expect(planned({})).rejects.toThrow('has no judge');
  });
});

describe('judging', () => {
  it('labels every sentence, does not see the answer, and journals paid calls', async () => {
    const { dataset, server } = await begin(two);
    const { summary } = await run('judge', { dataset: dataset.folder });
    expect(summary).toMatchObject({ chains: 2, sentences: 29, calls: 4, reused: 0, failedWindows: 0, cost: null });
    expect(server.received).toHaveLength(4);
    for (const request of server.received) {
      const sent = JSON.stringify(request.body);
      expect(sent).not.toContain(GOLD);
      expect(sent).not.toContain(SOLUTION);
      expect(sent).toContain('How many steps are there?');
      expect(request.body.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
    }
    await dataset.refresh();
    const judgement = await dataset.judgement('a');
    const labelled = judgement?.labels.map(({ start, end, kinds }) => [two.a.slice(start, end), kinds]);
    expect(labelled).toContainEqual(['Let me check step 3 of a.', ['verification']]);
    expect(labelled).toContainEqual(['Next I need part 4 of a.', ['subgoal']]);
    expect(labelled).toHaveLength(9);
    const calls = [];
    for await (const call of dataset.judgeCalls()) calls.push(call);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(4);
  });

  it('pays for nothing twice: neither in a second run, nor for chains with the same beginning', async () => {
    const shared = textOf('x', 20);
    const { dataset, server, judge } = await begin({ a: `${shared} This is a.`, b: `${shared} This is b.` });
    // One after the other, so that the second chain finds the calls of the first in the journal and not in flight.
    await dataset.saveSettings({ judge: { ...judge, concurrency: 1 } });
    const first = await run('judge', { dataset: dataset.folder });
    expect(first.plan).toMatchObject({ windows: 6, requests: 4, reused: 2 });
    expect(server.received).toHaveLength(4);
    const second = await run('judge', { dataset: dataset.folder });
    expect(second).toMatchObject({ plan: { chains: 0, judged: 2 } });
    expect(second.summary).toBeUndefined();
    expect(server.received).toHaveLength(4);
    // Its output then predicts the cost of the next chains.
    await dataset.appendChains(ROUND, chainsOf({ c: textOf('c', 10) }));
    const { plan } = await run('judge', { dataset: dataset.folder, plan: true });
    // The scripted server reports 7 tokens a call; its four calls had 22 different sentences.
    expect(plan).toMatchObject({ chains: 1, judged: 2, measured: true, completionTokens: Math.ceil((10 * 28) / 22) });
  });

  it('calls again after the prompt was edited', async () => {
    const { dataset, server } = await begin({ b: two.b });
    await run('judge', { dataset: dataset.folder });
    const file = join(dataset.folder, 'prompts', 'judge.md');
    await appendFile(file, '\nTake your time.\n');
    expect((await run('judge', { dataset: dataset.folder })).summary).toMatchObject({ chains: 1, calls: 1 });
    expect(messagesOf(server.received[1] as Received).at(-1)?.content).toContain('Take your time.');
  });
});

describe('invalid answers', () => {
  it('are requested again with the error, and a window without a valid one is recorded while the rest continues', async () => {
    const tries = new Map<number, number>();
    const { dataset, server } = await begin({ a: textOf('a', 30) }, (request) => {
      const first = askedIn(request)[0]?.[0] ?? 0;
      const attempt = (tries.get(first) ?? 0) + 1;
      tries.set(first, attempt);
      if (first === 1 && attempt === 1) return { content: 'I think that sentence 4 checks something.' };
      if (first === 1 && attempt === 2) return { content: '{"labels": {"99": []}}' };
      if (first === 11) return { content: '{"labels": {"11": ["verification"],}}', finish: 'length' };
      return answerTo(request);
    });
    const { summary } = await run('judge', { dataset: dataset.folder });
    expect(summary).toMatchObject({ chains: 1, failedWindows: 1, calls: 7 });
    expect(summary?.failed).toEqual([
      { chainId: 'a', from: 11, to: 20, reason: expect.stringMatching(/truncated after 7 tokens.*no valid JSON/) },
    ]);
    const repeated = server.received.map((request) => messagesOf(request).at(-1)?.content ?? '');
    expect(repeated).toContainEqual(expect.stringContaining('There is no JSON object in the answer.'));
    expect(repeated).toContainEqual(expect.stringContaining('99 is not among the sentences 1 to 10'));
    await dataset.refresh();
    const judgement = await dataset.judgement('a');
    expect(judgement?.failed).toMatchObject([{ from: 11, to: 20 }]);
    expect(judgement?.labels.some(({ n }) => n <= 10)).toBe(true);
    expect(judgement?.labels.some(({ n }) => n > 20)).toBe(true);
    // The three answers were paid for; another run finds them and does not write the same line again.
    const again = await run('judge', { dataset: dataset.folder });
    expect(again.summary).toMatchObject({ calls: 0, reused: 7, failedWindows: 1 });
    expect(server.received).toHaveLength(7);
    const lines = await readFile(join(dataset.folder, 'rounds', ROUND, 'judgements.jsonl'), 'utf8');
    expect(lines.trim().split('\n')).toHaveLength(1);
  });

  it('wait for a rate limit, and are retried after a timeout', async () => {
    const { dataset, server } = await begin({ a: textOf('a', 20) }, (request, index) => {
      if (index === 0) return { status: 429, headers: { 'retry-after-ms': '20' } };
      if (index === 1) return { ...answerTo(request), hangAfter: 2 };
      return answerTo(request);
    });
    const { summary } = await run('judge', { dataset: dataset.folder });
    expect(summary).toMatchObject({ calls: 2, retries: 2, failedWindows: 0 });
    expect(server.received).toHaveLength(4);
  });

  it.each([
    [
      'names what it refuses',
      'Unsupported parameter: response_format of type json_schema',
      ['json_schema', 'json_object'],
    ],
    ['only refuses', 'Bad request', ['json_schema', 'json_object', 'none']],
  ])('are requested by the prompt only where a server %s', async (_, error, formats) => {
    const takes = formats.at(-1);
    const typeOf = ({ body }: Received) => (body.response_format as { type: string } | undefined)?.type ?? 'none';
    const { dataset, server } = await begin({ a: textOf('a', 10) }, (request) =>
      typeOf(request) === takes ? answerTo(request) : { status: 400, error },
    );
    expect((await run('judge', { dataset: dataset.folder })).summary).toMatchObject({ calls: 1, failedWindows: 0 });
    expect(server.received.map(typeOf)).toEqual(formats);
  });

  it('of a server that refuses access end the run, with advice', async () => {
    const { dataset } = await begin(two, () => ({ status: 401 }));
    await expect(run('judge', { dataset: dataset.folder })).rejects.toMatchObject({
      kind: 'auth',
      advice: expect.stringContaining('key'),
    });
  });
});

describe('judgements', () => {
  it('are shown in reader, queue and export, with the disagreements', async () => {
    const { dataset } = await begin(two);
    await run('judge', { dataset: dataset.folder });
    await dataset.refresh();
    const { index } = dataset;
    // Of `a` the detector marks sentence 1 and misses nine; of `b` it marks one and misses two of five sentences.
    expect(index.chain('a')?.judgement).toMatchObject({ judged: 24, differ: 10 });
    expect(countFacets(index).judge).toEqual(
      new Map([
        ['any', 2],
        ['large', 2],
      ]),
    );
    expect(queryChains(index, parseQuery('judge = any')).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(index.chain('b')?.behaviours).toEqual([1, 0, 1, 0]);

    const item = ReviewItem.parse(
      await new DatasetReviewSource(dataset, 'r1', { query: () => [], order: () => null, set: () => undefined }).item(
        'b',
      ),
    );
    expect(item.state.spans.map(({ kind, source }) => [kind, source])).toEqual([
      ['verification', 'model'],
      ['subgoal', 'model'],
    ]);
    expect(item.disagreements?.map(({ start, end, ...kinds }) => [two.b.slice(start, end), kinds])).toEqual([
      ['Step 0 of b adds one.', { judge: [], classifier: ['verification'] }],
      ['Let me check step 3 of b.', { judge: ['verification'], classifier: [] }],
      ['Next I need part 4 of b.', { judge: ['subgoal'], classifier: [] }],
    ]);

    await dataset.appendReview(act('r1', 'b', { act: 'accept' }));
    const exported = await run('export', { dataset: dataset.folder, select: 'accepted' });
    const rows = await readFile(join(exported.folder, 'train.messages.jsonl'), 'utf8');
    const manifest = JSON.parse(await readFile(join(exported.folder, 'manifest.json'), 'utf8'));
    expect(manifest.judges).toMatchObject([{ model: 'scripted', chains: 1 }]);
    expect(await readFile(join(exported.folder, 'README.md'), 'utf8')).toContain(
      'language model, scripted (chains: 1)',
    );
    expect(JSON.parse(rows).spans.map(({ source }: { source: string }) => source)).toEqual(['model', 'model']);
  });

  it('do not apply to a later text with the same id', async () => {
    const { dataset } = await begin({ b: two.b });
    await run('judge', { dataset: dataset.folder });
    await dataset.appendChains(ROUND, chainsOf({ b: `${two.b} And one more.` }));
    await dataset.refresh();
    expect(await dataset.judgement('b')).toBeUndefined();
    expect(dataset.index.chain('b')?.judgement).toBeUndefined();
    expect((await run('judge', { dataset: dataset.folder, plan: true })).plan).toMatchObject({ chains: 1, judged: 0 });
  });

  it('are compared again, and not paid for again, after a change of classifiers', async () => {
    const { dataset, server } = await begin({ b: two.b });
    await run('judge', { dataset: dataset.folder });
    await dataset.appendChains(ROUND, chainsOf({ b: two.b }));
    const { plan } = await run('judge', { dataset: dataset.folder });
    expect(plan).toMatchObject({ chains: 1, requests: 0, reused: 1 });
    expect(server.received).toHaveLength(1);
    await dataset.refresh();
    expect(dataset.index.chain('b')?.judgement).toMatchObject({ differ: 2 });
  });
});

it('the prompt is not read through a symbolic link, since it is sent to a model', async () => {
  const { dataset, server } = await begin(two);
  await symlink('/etc/hostname', join(dataset.folder, 'prompts', 'judge.md'));
  await expect(run('judge', { dataset: dataset.folder })).rejects.toMatchObject({ kind: 'symbolic-link' });
  expect(server.received).toEqual([]);
});

it('the command line names the judge as “longhand model” does, or uses that of the dataset', () => {
  const given = (...flags: string[]) => checkArgs('judge', readCommandLine(['judge', 'd', ...flags]).given);
  expect(given('--plan', '--limit', '3', '--rounds', '1-a,2-b')).toEqual({
    ...{ dataset: 'd', plan: true, limit: 3, rounds: ['1-a', '2-b'] },
  });
  expect(given('--url', 'http://127.0.0.1:1/v1', '--model', 'm').model).toEqual({
    ...{ kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'm' },
  });
  expect(given('--starter').model).toMatchObject({ kind: 'starter' });
  expect(() => given('--url', 'http://127.0.0.1:1/v1')).toThrow('Give --starter, or --url and --model.');
  expect(() => given('--limit', '0')).toThrow('--limit');
});

it('only one judge at a time runs on a dataset', async () => {
  const { dataset } = await begin(two);
  const lock = await dataset.lockJudge();
  await expect(run('judge', { dataset: dataset.folder })).rejects.toThrow('The judge is being run by process');
  await lock.release();
  await run('judge', { dataset: dataset.folder });
  expect(await readdir(dataset.judgeFolder)).toEqual(['journal.jsonl']);
});
