import { describe, expect, test } from 'vitest';
import { type CallRequest, JournalLine } from '../../../src/core/schemas/index.ts';
import { journalKey } from '../../../src/models/key.ts';
import type { CachedClient, PaidCall } from '../../../src/runner/calls/cached-client.ts';
import { cachedClient, callOf, linesOf, type Respond, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';

async function setUp(respond: Respond, asking: { concurrency?: number; path?: string } = {}) {
  const server = await serve(respond);
  const made = await cachedClient(server, { idleTimeoutMs: 2_000, ...asking });
  const lineOf = (call: PaidCall, index = 0): JournalLine => ({ ...call, problemId: 'p', piece: 'answer[1]', index });
  return {
    ...{ ...made, server, one: made.pay },
    many: (count: number) => made.payer.callMany(requests(count), lineOf, 'p'),
  };
}

function requests(count: number): CallRequest[] {
  return Array.from({ length: count }, (_, i) => callOf(100 + i));
}

/** The content of n choices of a request: the seed that was sent and the index. */
function numbered({ body }: Received): Scripted {
  const n = typeof body.n === 'number' ? body.n : 1;
  return { contents: Array.from({ length: n }, (_, i) => `seed ${body.seed} choice ${i}`) };
}

function texts(paid: Awaited<ReturnType<CachedClient<JournalLine>['callMany']>>): string[] {
  return paid.map((one) => ('reply' in one ? one.reply.text : one.refused.kind));
}

describe('many samples of one prompt', () => {
  test('are one request, with the lines and keys of single calls', async () => {
    const { many, server, path, counts } = await setUp(numbered);
    expect(texts(await many(3))).toEqual(['seed 100 choice 0', 'seed 100 choice 1', 'seed 100 choice 2']);
    expect(server.received.map(({ body }) => [body.n, body.seed])).toEqual([[3, 100]]);
    const lines = await linesOf(path, JournalLine);
    expect(lines.map(({ key }) => key)).toEqual(requests(3).map(journalKey));
    expect(lines.map(({ request }) => request.seed)).toEqual([100, 101, 102]);
    expect(lines.map(({ choice, index }) => [choice, index])).toEqual(
      [0, 1, 2].map((index) => [{ index, of: 3, seed: 100 }, index]),
    );
    // 11 and 7 are the server's counts: the sums over the journal are what was paid.
    expect([counts.promptTokens, counts.completionTokens]).toEqual([11, 7]);
    expect(lines.every(({ reply }) => reply.usage.estimated)).toBe(true);
  });

  test('are at most sixteen in a request, and at most the number that may be in flight', async () => {
    const wide = await setUp(numbered);
    expect(new Set(texts(await wide.many(40))).size).toBe(40);
    // On a busy machine the last request may arrive before another.
    expect(wide.server.received.map(({ body }) => Number(body.n)).sort((a, b) => b - a)).toEqual([16, 16, 8]);
    const narrow = await setUp(numbered, { concurrency: 4 });
    await narrow.many(8);
    expect(narrow.server.received.map(({ body }) => body.n)).toEqual([4, 4]);
    expect(narrow.server.inFlight.most).toBe(1);
  });

  test('are requested one by one, each with its own seed, where the server returns one choice', async () => {
    const { many, server, client, path } = await setUp(({ body }) => ({ contents: [`seed ${body.seed}`] }));
    expect(texts(await many(4))).toEqual(['seed 100', 'seed 101', 'seed 102', 'seed 103']);
    expect(server.received.map(({ body }) => body.n)).toEqual([4, undefined, undefined, undefined]);
    expect(client.mostChoices).toBe(1);
    expect((await linesOf(path, JournalLine)).map(({ key }) => key).sort()).toEqual(requests(4).map(journalKey).sort());
  });

  test('are requested one by one where the server refuses n, and so are later samples', async () => {
    const { many, one, server } = await setUp((request) =>
      request.body.n === undefined ? numbered(request) : { status: 400, error: 'Only one completion is allowed' },
    );
    expect(texts(await many(3))).toEqual(['seed 100 choice 0', 'seed 101 choice 0', 'seed 102 choice 0']);
    expect(server.received).toHaveLength(4);
    await one(7);
    expect(server.received).toHaveLength(5);
  });

  test('are completed by further requests where the server returns fewer', async () => {
    const { many, server } = await setUp((request) => {
      const script = numbered(request);
      return { ...script, contents: script.contents?.slice(0, 2) ?? [] };
    });
    expect(new Set(texts(await many(5))).size).toBe(5);
    expect(server.received.map(({ body }) => body.n)).toEqual([5, 3, undefined]);
  });

  test('are not requested again once paid for, neither alone nor together', async () => {
    const first = await setUp(numbered);
    await first.many(2);
    const second = await setUp(numbered, { path: first.path });
    await second.one(102);
    expect(new Set(texts(await second.many(5))).size).toBe(5);
    expect(second.server.received.map(({ body }) => [body.n, body.seed])).toEqual([
      [undefined, 102],
      [2, 103],
    ]);
    expect(second.counts).toMatchObject({ calls: 3, callsReused: 3 });
  });

  test('are in flight once, even with several callers', async () => {
    const { many, one, server } = await setUp((request) => ({ ...numbered(request), latencyMs: 30 }));
    const [both, again, single] = await Promise.all([many(3), many(3), one(101)]);
    expect(again).toEqual(both);
    expect(single).toEqual(both[1]);
    expect(server.received).toHaveLength(1);
  });

  test('are all refused when their prompt is refused', async () => {
    const { many, server } = await setUp(() => ({ status: 400, error: 'maximum context length is 64 tokens' }));
    expect(texts(await many(3))).toEqual(['bad-request', 'bad-request', 'bad-request']);
    expect(server.received.map(({ body }) => body.n)).toEqual([3, undefined]);
  });
});
