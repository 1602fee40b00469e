import { describe, expect, test } from 'vitest';
import { type Behaviour, behave, type Fault } from '../../fixtures/behaviour.ts';
import { cachedClient, serve } from '../../fixtures/scripted-dataset.ts';

// Calls, retries, limit and journal together, against a scripted server (no model) that refuses calls or fails.

/** A short idle timeout is for servers that stall. On a busy machine a working one can be as late. */
async function pay(behaviour: Behaviour, count: number, { concurrency = 64, idleTimeoutMs = 30_000 } = {}) {
  const respond = behave(behaviour);
  const statuses: number[] = [];
  const server = await serve((request, index) => {
    const script = respond(request, index, server.inFlight.now);
    statuses.push(script.status ?? 200);
    return script;
  });
  const cuts: number[] = [];
  const log = (text: string): void => {
    const cut = /At most (\d+) in flight/.exec(text)?.[1];
    if (cut !== undefined) cuts.push(Number(cut));
  };
  const { journal, counts, pay: one } = await cachedClient(server, { concurrency, idleTimeoutMs, log });
  const replies = await Promise.all(Array.from({ length: count }, (_, seed) => one(seed, `What is ${seed} + 1?`)));
  await journal.settled();
  return { server, statuses, cuts, counts, journal, replies };
}

const answers = (replies: readonly object[]): number => replies.filter((one) => 'reply' in one).length;

describe('a server with a limit of concurrent calls', () => {
  test.each([
    [3, 150],
    [12, 400],
  ])('of %i: the limit is found, and each of %i calls is answered and paid once', async (takes, calls) => {
    const { server, statuses, cuts, counts, journal, replies } = await pay(
      // Long enough for a busy machine to keep that many calls in flight.
      { inFlight: takes, latencyMs: 100, retryAfterMs: 1 },
      calls,
    );
    expect(answers(replies)).toBe(calls);
    expect(counts.calls).toBe(calls);
    expect(replies.every(({ key }) => journal.has(key))).toBe(true);
    expect(statuses.filter((status) => status === 200)).toHaveLength(calls);
    expect(counts.retries).toBe(statuses.filter((status) => status === 429).length);
    // The first reduction only shows that the limit was exceeded; later ones show what the server accepts.
    expect(cuts.length).toBeGreaterThan(0);
    expect(cuts.at(-1)).toBeLessThanOrEqual(takes);
    expect(cuts.at(-1)).toBeGreaterThanOrEqual(Math.floor(takes / 2));
    // In the second half, calls are at the limit and rarely above it.
    const late = statuses.slice(statuses.length / 2);
    expect(late.filter((status) => status === 429).length).toBeLessThan(late.length / 2);
    expect(server.inFlight.most).toBeGreaterThanOrEqual(takes);
  });

  test('a server without a limit gets the largest allowed number of calls, with no reduction', async () => {
    const { server, cuts, counts } = await pay({ latencyMs: 150 }, 200, { concurrency: 32 });
    expect(server.inFlight.most).toBe(32);
    expect(cuts).toEqual([]);
    expect(counts.retries).toBe(0);
  });

  test('no call is sent before the time that a refusal asked for', async () => {
    const arrivals: number[] = [];
    const server = await serve((_, index) => {
      arrivals.push(performance.now());
      return index === 0 ? { status: 429, error: 'later', headers: { 'retry-after-ms': '300' } } : {};
    });
    const { journal, pay: one } = await cachedClient(server, { concurrency: 1, idleTimeoutMs: 2_000 });
    await Promise.all([1, 2, 3].map((seed) => one(seed)));
    await journal.settled();
    const [first = 0, ...others] = arrivals;
    expect(others).toHaveLength(3);
    // A slow machine makes it later, never earlier; two milliseconds allow for the rounding of clocks.
    for (const at of others) expect(at - first).toBeGreaterThanOrEqual(298);
  });
});

test('requests that fail together are logged once for each pause', async () => {
  const server = await serve((_, index) => (index < 12 ? { status: 500, error: 'down' } : {}));
  const logged: string[] = [];
  const log = (text: string): void => {
    if (text.includes('Trying again')) logged.push(text);
  };
  const { journal, counts, pay: one } = await cachedClient(server, { concurrency: 6, idleTimeoutMs: 2_000, log });
  const replies = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => one(seed)));
  await journal.settled();
  expect(answers(replies)).toBe(6);
  expect(counts.retries).toBe(12);
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.length).toBeLessThan(6);
});

describe('a server that fails occasionally', () => {
  const FAULTS: Fault[] = ['failure', 'reset', 'cut', 'stall', 'malformed', 'wrong-type'];
  test.each(FAULTS)('with “%s”: the call is retried, and paid once', async (kind) => {
    const { server, counts, journal, replies } = await pay({ faults: { share: 0.25, kinds: [kind] }, seed: 1 }, 12, {
      concurrency: 12,
      idleTimeoutMs: 400,
    });
    expect(answers(replies)).toBe(12);
    expect(counts.calls).toBe(12);
    expect(counts.retries).toBeGreaterThan(0);
    // A kept connection that is reset may have been closed before the request arrived: the request is sent again, which is no retry.
    const sentAnew = server.received.length - 12 - counts.retries;
    expect(sentAnew).toBeGreaterThanOrEqual(0);
    if (kind !== 'reset' && kind !== 'cut') expect(sentAnew).toBe(0);
    expect(replies.every(({ key }) => journal.has(key))).toBe(true);
  });
});
