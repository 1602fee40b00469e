import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import { type CallRequest, CallSettings, type JournalLine } from '../../../src/core/schemas/index.ts';
import type { ModelClient } from '../../../src/models/client.ts';
import { ModelClient as Client } from '../../../src/models/client.ts';
import { ModelError } from '../../../src/models/errors.ts';
import { CachedClient } from '../../../src/runner/calls/cached-client.ts';
import { CallCounts } from '../../../src/runner/state.ts';
import { startScriptedServer } from '../../fixtures/server.ts';

const REPLY = { text: 'ok', finish: 'stop', usage: { prompt: 1, completion: 1, estimated: false }, ms: 200 };

function ask(seed: number): CallRequest {
  const messages = [{ role: 'user' as const, content: 'What is 7 + 8?' }];
  return { host: 'scripted', model: 'scripted', messages, sampling: { temperature: 1, topP: 1, maxTokens: 64 }, seed };
}

/** Decides by the scripted time, in milliseconds, whether a server accepts a call. */
type Admits = () => boolean;

/** 30 calls a minute, which may all come together. */
function window30(): Admits {
  const counts = new Map<number, number>();
  return () => {
    const minute = Math.floor(performance.now() / 60_000);
    const count = (counts.get(minute) ?? 0) + 1;
    if (count <= 30) counts.set(minute, count);
    return count <= 30;
  };
}

/** One token every two seconds, with a burst of five. */
function bucket30(): Admits {
  let tokens = 5;
  let at = performance.now();
  return () => {
    tokens = Math.min(5, tokens + (performance.now() - at) / 2_000);
    at = performance.now();
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

/** Calls of a round in SCRIPTED time, against a scripted client: a reply takes 200 ms, a refusal 5 ms. */
function round(admits: Admits, { calls, retryAfterMs }: { calls: number; retryAfterMs?: number }) {
  const seen = { requests: 0, answered: 0, log: [] as string[] };
  const client: Pick<ModelClient, 'chatMany' | 'mostChoices'> = {
    mostChoices: 1,
    chatMany: async () => {
      seen.requests++;
      const isLetIn = admits();
      await new Promise((done) => setTimeout(done, isLetIn ? 200 : 5));
      if (!isLetIn) throw new ModelError('rate-limit', 'too many', { advice: '', retryAfterMs });
      seen.answered++;
      return { asked: 1, replies: [{ choice: 0, reply: REPLY }], firstMs: 1, streamed: false, usageReported: true };
    },
  };
  const counts = new CallCounts();
  const payer = new CachedClient<JournalLine>({
    journal: { get: async () => undefined, has: () => false, append: async () => undefined },
    ...{ client, counts, concurrency: 32, calls: CallSettings.parse({}), signal: new AbortController().signal },
    log: (text) => void seen.log.push(text),
  });
  const each = Array.from({ length: calls }, (_, seed) =>
    payer.call(ask(seed), (call) => ({ ...call, problemId: 'p', piece: 'answer[1]', index: 0 }), 'p'),
  );
  return { seen, counts, each };
}

/** Advances scripted time until the work is done. Returns the minutes that it took. */
async function play<T>(done: Promise<T>): Promise<{ result: T; minutes: number }> {
  const begin = performance.now();
  let result: { value: T } | undefined;
  void done.then((value) => {
    result = { value };
  });
  while (result === undefined) {
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
  }
  return { result: result.value, minutes: (performance.now() - begin) / 60_000 };
}

describe('a server that accepts 30 calls a minute and sends no retry-after', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    ['a fixed window', window30, undefined],
    ['a token bucket', bucket30, undefined],
    ['a token bucket, with `retry-after: 0`', bucket30, 0],
  ])('answers all 300 calls: %s', async (_, admits, retryAfterMs) => {
    const { seen, counts, each } = round(admits(), {
      calls: 300,
      ...defined({ retryAfterMs }),
    });
    const { result, minutes } = await play(Promise.all(each));
    expect(result.every((one) => 'reply' in one)).toBe(true);
    expect(counts.calls).toBe(300);
    // Ten minutes at least: the calls settle near the rate that the server accepts, and most of them succeed.
    expect(minutes).toBeLessThan(20);
    expect(seen.requests).toBeLessThan(2 * 300);
    expect(seen.log).toContain('Waiting for the rate limit of the server.');
  });

  test('fails the round when no call succeeds for ten minutes', async () => {
    const { seen, counts, each } = round(() => false, { calls: 40 });
    const { result, minutes } = await play(Promise.all(each).catch((error: unknown) => error));
    expect(result).toMatchObject({ message: 'too many No call has succeeded for 10 min.' });
    expect(minutes).toBeGreaterThanOrEqual(10);
    expect(minutes).toBeLessThan(15);
    expect(counts.waitingFor).toBe('Waiting for the rate limit of the server.');
    expect(seen.requests).toBeLessThan(400);
  });
});

describe('the time to wait that a server sends', () => {
  const soon = new Date(Date.now() + 3_000_000).toUTCString();
  const past = new Date(Date.now() - 90_000).toUTCString();
  test.each<[Record<string, string>, number | undefined, number | undefined]>([
    [{ 'retry-after': '0' }, 0, 0],
    [{ 'retry-after': '-1' }, undefined, undefined],
    [{ 'retry-after': 'NaN' }, undefined, undefined],
    [{ 'retry-after': '9 apples' }, undefined, undefined],
    [{ 'retry-after': past }, 0, 0],
    [{ 'retry-after': soon }, 1, 3_000_000],
    [{ 'retry-after': '7' }, 7_000, 7_000],
    [{ 'retry-after': '9'.repeat(400) }, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [{ 'retry-after-ms': '-5', 'retry-after': '2' }, 2_000, 2_000],
  ])('is read from %j', async (headers, from, to) => {
    const server = await startScriptedServer(() => ({ status: 429, error: 'too many', headers }));
    try {
      const client = new Client({ baseURL: server.baseURL, host: 'scripted', idleTimeoutMs: 5_000 });
      const error: unknown = await client.chat(ask(1)).catch((thrown: unknown) => thrown);
      if (!(error instanceof ModelError)) throw new Error('no ModelError');
      const { retryAfterMs } = error;
      if (from === undefined || to === undefined) expect(retryAfterMs).toBeUndefined();
      else {
        expect(retryAfterMs).toBeGreaterThanOrEqual(from);
        expect(retryAfterMs).toBeLessThanOrEqual(to);
      }
    } finally {
      await server.close();
    }
  });
});
