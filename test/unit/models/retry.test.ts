import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelError, type ModelErrorKind } from '../../../src/models/errors.ts';
import { type Retry, withRetries } from '../../../src/models/retry.ts';

function fault(kind: ModelErrorKind, retryAfterMs?: number): ModelError {
  return new ModelError(kind, kind, { advice: '', retryAfterMs });
}

/** Runs `outcomes`, one try each; waiting takes no time. */
async function run(
  outcomes: (ModelError | Error | string)[],
  maxTries: number,
  random = () => 0.5,
  progress = () => 0,
) {
  const retries: Retry[] = [];
  let attempts = 0;
  const result = await withRetries(
    async () => {
      const outcome = outcomes[attempts++] ?? 'done';
      if (typeof outcome !== 'string') throw outcome;
      return outcome;
    },
    {
      maxTries,
      rateLimitMs: 600_000,
      random,
      progress,
      sleep: async () => {},
      onRetry: (retry) => retries.push(retry),
    },
  ).catch((error: unknown) => error);
  return { result, attempts, waits: retries.map(({ waitMs }) => waitMs) };
}

describe('retries', () => {
  test('follow transient errors until a try succeeds', async () => {
    const { result, waits } = await run([fault('server'), fault('connection'), fault('timeout'), 'fine'], 10);
    expect(result).toBe('fine');
    expect(waits).toEqual([750, 1_500, 3_000]);
  });

  test.each(['auth', 'not-found', 'bad-request', 'cancelled'] as const)('never follow %s', async (kind) => {
    expect(await run([fault(kind)], 10)).toMatchObject({ attempts: 1, result: { kind } });
  });

  test('never follow an error that no model call raised', async () => {
    expect((await run([new TypeError('a defect')], 10)).attempts).toBe(1);
  });

  test('end with the last error', async () => {
    const { result, attempts } = await run([fault('server'), fault('timeout'), fault('connection')], 3);
    expect(result).toMatchObject({ kind: 'connection' });
    expect(attempts).toBe(3);
  });

  test('wait at least as long as the server asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(600_000), fc.double({ min: 0, max: 0.999, noNaN: true }), async (asked, chance) => {
        const { waits } = await run([fault('rate-limit', asked), 'fine'], 2, () => chance);
        expect(waits[0]).toBeGreaterThanOrEqual(asked);
        expect(waits[0]).toBeLessThanOrEqual(asked + 1_000);
        // Longhand's own back-off is the minimum, whatever the server asks for.
        expect(waits[0]).toBeGreaterThanOrEqual(500);
      }),
    );
  });

  test.each([
    [3_600_000, 'It asks to wait 60 min, longer than the limit of 10 min.'],
    [1e15, 'It asks to wait more than a year, longer than the limit of 10 min.'],
    [Number.POSITIVE_INFINITY, 'It asks to wait more than a year, longer than the limit of 10 min.'],
  ])('end without waiting, with the reason, if the server asks for %i ms', async (asked, reason) => {
    const { attempts, result } = await run([fault('rate-limit', asked)], 5);
    expect([attempts, result]).toEqual([1, expect.objectContaining({ message: `rate-limit ${reason}` })]);
  });

  test.each([3_600_000, Number.POSITIVE_INFINITY])(
    'wait as long as the limit if the server asks for %i ms and other calls succeed',
    async (asked) => {
      const { result, waits } = await run([fault('rate-limit', asked), 'fine'], 5, undefined, () => 1);
      expect([result, waits]).toEqual(['fine', [601_000]]);
    },
  );

  test('a rate limit uses time and no tries', async () => {
    const refusals = Array.from({ length: 40 }, () => fault('rate-limit', 0));
    const { result, attempts, waits } = await run([...refusals, 'fine'], 5);
    expect([result, attempts]).toEqual(['fine', 41]);
    expect(waits.slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000]);
  });

  test('a rate limit that rejects every call for longer than its limit is an error that names the setting', async () => {
    let waited = 0;
    const work = withRetries(() => Promise.reject(fault('rate-limit')), {
      ...{ maxTries: 5, rateLimitMs: 600_000, rejectedMs: () => waited },
      sleep: async (ms) => {
        waited += ms;
      },
    });
    await expect(work).rejects.toMatchObject({
      message: 'rate-limit No call has succeeded for 10 min.',
      advice: expect.stringContaining('calls.rateLimitMinutes'),
    });
    expect(waited).toBeGreaterThanOrEqual(600_000);
    expect(waited).toBeLessThan(720_000);
  });

  test('wait between half a second and a minute if the server asks for nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), async (chance) => {
        const { waits } = await run(
          Array.from({ length: 12 }, () => fault('server')),
          12,
          () => chance,
        );
        for (const wait of waits) {
          expect(wait).toBeGreaterThanOrEqual(500);
          expect(wait).toBeLessThanOrEqual(60_000);
        }
      }),
    );
  });

  test('a wait ends when it is cancelled', async () => {
    const controller = new AbortController();
    const work = withRetries(() => Promise.reject(fault('rate-limit', 600_000)), {
      maxTries: 3,
      rateLimitMs: 600_000,
      signal: controller.signal,
      onRetry: () => setImmediate(() => controller.abort()),
    });
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
