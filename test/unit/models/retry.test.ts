import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelError, type ModelErrorKind } from '../../../src/models/errors.ts';
import { type Retry, withRetries } from '../../../src/models/retry.ts';

function fault(kind: ModelErrorKind, retryAfterMs?: number): ModelError {
  return new ModelError(kind, kind, { advice: '', retryAfterMs });
}

/** Runs `outcomes` one attempt each; waiting takes no time. */
async function run(outcomes: (ModelError | Error | string)[], maxAttempts: number, random = () => 0.5) {
  const retries: Retry[] = [];
  let attempts = 0;
  const result = await withRetries(
    async () => {
      const outcome = outcomes[attempts++] ?? 'done';
      if (typeof outcome !== 'string') throw outcome;
      return outcome;
    },
    { maxAttempts, random, sleep: async () => {}, onRetry: (retry) => retries.push(retry) },
  ).catch((error: unknown) => error);
  return { result, attempts, waits: retries.map(({ waitMs }) => waitMs) };
}

describe('retries', () => {
  test('go on after what may pass, until it succeeds', async () => {
    const { result, waits } = await run([fault('server'), fault('connection'), fault('timeout'), 'fine'], 10);
    expect(result).toBe('fine');
    expect(waits).toEqual([750, 1_500, 3_000]);
  });

  test.each(['auth', 'not-found', 'bad-request', 'cancelled'] as const)('never follow %s', async (kind) => {
    expect(await run([fault(kind)], 10)).toMatchObject({ attempts: 1, result: { kind } });
  });

  test('never follow an error that is not of a model', async () => {
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
      }),
    );
  });

  test('do not wait for a server that asks for hours', async () => {
    expect(await run([fault('rate-limit', 3_600_000)], 5)).toMatchObject({ attempts: 1 });
  });

  test('never wait more than a minute of their own accord, and never less than half a second', async () => {
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

  test('a wait ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const work = withRetries(() => Promise.reject(fault('rate-limit', 600_000)), {
      maxAttempts: 3,
      signal: controller.signal,
      onRetry: () => setImmediate(() => controller.abort()),
    });
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
