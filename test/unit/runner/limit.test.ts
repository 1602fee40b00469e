import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ModelError } from '../../../src/models/errors.ts';
import { AdaptiveLimit } from '../../../src/runner/calls/limit.ts';

/** Time is scripted: a reply takes 250 ms of it, a refusal none. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LATENCY_MS = 250;

function tooMany(retryAfterMs?: number): ModelError {
  return new ModelError('rate-limit', 'too many', { advice: '', retryAfterMs });
}

/** A server with a limit of concurrent calls, and calls that are repeated until they are answered. */
class Model {
  now = 0;
  most = 0;
  answered = 0;
  refused = 0;
  readonly stop = new AbortController();
  readonly limit: AdaptiveLimit;
  readonly takes: number;

  constructor(takes: number, cap: number) {
    this.takes = takes;
    this.limit = new AdaptiveLimit({ cap, signal: this.stop.signal });
  }

  async call(weight = 1): Promise<void> {
    for (let first = false; ; first = true) {
      try {
        await this.limit.run(weight, () => this.#serve(weight), first);
        this.answered++;
        return;
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind !== 'rate-limit') throw error;
        this.refused++;
        await wait(100);
      }
    }
  }

  async #serve(weight: number): Promise<void> {
    if (this.now + weight > this.takes) throw tooMany();
    this.now += weight;
    this.most = Math.max(this.most, this.now);
    await wait(LATENCY_MS);
    this.now -= weight;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

describe('the number in flight', () => {
  test('never exceeds the cap, and every call is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.constant(1), { maxLength: 120 }),
        async (takes, cap, calls) => {
          const model = new Model(takes, cap);
          const all = Promise.all(calls.map((weight) => model.call(weight)));
          await vi.runAllTimersAsync();
          await all;
          expect(model.answered).toBe(calls.length);
          expect(model.most).toBeLessThanOrEqual(Math.min(cap, takes));
          expect(model.limit.inFlight).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('starts low and reaches a cap of 64 before the first reply', async () => {
    const model = new Model(1_000, 64);
    for (let i = 0; i < 200; i++) void model.call();
    await vi.advanceTimersByTimeAsync(0);
    expect(model.now).toBe(8);
    await vi.advanceTimersByTimeAsync(100);
    expect([model.now, model.answered]).toEqual([64, 0]);
  });

  test.each([3, 10, 20, 40])('settles at the limit of the server: %i', async (takes) => {
    const model = new Model(takes, 64);
    const calls = Array.from({ length: 8_000 }, () => model.call().catch(() => undefined));
    await vi.advanceTimersByTimeAsync(20_000);
    const before = { answered: model.answered, refused: model.refused };
    await vi.advanceTimersByTimeAsync(20_000);
    const answered = model.answered - before.answered;
    const possible = (takes * 20_000) / LATENCY_MS;
    expect(answered).toBeGreaterThan(0.7 * possible);
    // Each step beyond the limit costs a refusal or two, and there is one step for as many replies as the limit.
    expect(model.refused - before.refused).toBeLessThan((2 * answered) / (takes * 0.8));
    model.stop.abort();
    await vi.runAllTimersAsync();
    await Promise.all(calls);
  });

  test('is reduced once for all calls that were sent under it', async () => {
    const cuts: number[] = [];
    const stop = new AbortController();
    const limit = new AdaptiveLimit({ cap: 64, signal: stop.signal, onDecrease: (to) => cuts.push(to) });
    const all = Array.from({ length: 64 }, () => limit.run(1, () => wait(200).then(() => Promise.reject(tooMany()))));
    const settled = Promise.allSettled(all);
    await vi.advanceTimersByTimeAsync(201);
    expect(cuts).toEqual([32]);
    await vi.runAllTimersAsync();
    await settled;
  });

  test('is not reduced by a failure unrelated to load', async () => {
    const stop = new AbortController();
    const limit = new AdaptiveLimit({ cap: 8, signal: stop.signal });
    const broken = new ModelError('server', '500', { advice: '' });
    await expect(limit.run(1, () => Promise.reject(broken))).rejects.toBe(broken);
    expect(limit.limit).toBe(8);
  });

  test('grows by one after as many replies as the limit, while calls wait', async () => {
    const { limit } = new Model(64, 64);
    const late = new ModelError('timeout', 'late', { advice: '' });
    await expect(limit.run(1, () => Promise.reject(late))).rejects.toBe(late);
    const all = Promise.all(Array.from({ length: 20 }, () => limit.run(1, () => wait(LATENCY_MS))));
    const seen = [limit.limit];
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(LATENCY_MS);
      seen.push(limit.limit);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    await vi.runAllTimersAsync();
    await all;
  });

  test('does not grow while no call waits', async () => {
    const model = new Model(3, 64);
    const burst = Promise.all(Array.from({ length: 8 }, () => model.call()));
    await vi.runAllTimersAsync();
    await burst;
    const { limit } = model.limit;
    for (let i = 0; i < 100; i++) {
      const one = model.call();
      await vi.runAllTimersAsync();
      await one;
    }
    expect(model.limit.limit).toBe(limit);
  });
});

describe('a server that sends Retry-After', () => {
  test('gets no call from the queue for that time', async () => {
    const stop = new AbortController();
    const limit = new AdaptiveLimit({ cap: 4, signal: stop.signal });
    const started: number[] = [];
    const begin = Date.now();
    const first = limit.run(1, () => Promise.reject(tooMany(3_000))).catch(() => undefined);
    await first;
    const rest = Array.from({ length: 6 }, () => limit.run(1, async () => void started.push(Date.now() - begin)));
    await vi.advanceTimersByTimeAsync(2_900);
    expect(started).toEqual([]);
    await vi.runAllTimersAsync();
    await Promise.all(rest);
    expect(started).toHaveLength(6);
    expect(Math.min(...started)).toBeGreaterThanOrEqual(3_000);
  });
});

describe('cancelling', () => {
  test('rejects all waiting calls and accepts none afterwards', async () => {
    const model = new Model(100, 2);
    const all = Promise.allSettled(Array.from({ length: 10 }, () => model.call()));
    model.stop.abort();
    await expect(model.limit.run(1, () => Promise.resolve())).rejects.toMatchObject({ kind: 'cancelled' });
    await vi.runAllTimersAsync();
    const results = await all;
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(8);
  });

  test('a call that needs more slots than the limit runs alone', async () => {
    const model = new Model(100, 4);
    const wide = model.call(16);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.now).toBe(16);
    await vi.runAllTimersAsync();
    await wide;
  });
});
