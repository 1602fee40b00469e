import type { z } from 'zod';
import type { CallSettings, ModelRef } from '../../core/schemas/index.ts';
import { connect } from '../../models/connect.ts';
import type { RunContext } from '../run-context.ts';
import type { CallCounts } from '../state.ts';
import { CachedClient, type CachedClientOptions, type PaidCall } from './cached-client.ts';
import { Journal } from './journal.ts';

interface ClientOptions<Line extends PaidCall> {
  model: ModelRef;
  /** Path of the journal, whose lock the caller holds. */
  journal: string;
  line: z.ZodType<Line>;
  concurrency: number;
  idleTimeoutSeconds: number;
  calls: CallSettings;
  counts: CallCounts;
  onWaiting?: () => void;
  onPart?: CachedClientOptions<Line>['onPart'];
  /** Other journals whose calls are not paid again. They are only read. */
  paid?: readonly Pick<Journal<Line>, 'get' | 'has'>[] | undefined;
}

/**
 * Connects to a model and opens the journal for `work`. Afterwards it waits for calls in flight, which are paid.
 * @throws ModelError when the model can't be used; as `work`
 */
export async function withCachedClient<Line extends PaidCall, T>(
  {
    model,
    journal: path,
    line,
    concurrency,
    idleTimeoutSeconds,
    calls,
    counts,
    onWaiting,
    onPart,
    paid = [],
  }: ClientOptions<Line>,
  { distFolder, cache, signal, stopNow, log }: Omit<RunContext, 'batches' | 'progress'>,
  work: (cached: CachedClient<Line>) => Promise<T>,
): Promise<T> {
  const client = await connect(model, {
    idleTimeoutMs: idleTimeoutSeconds * 1000,
    maxReplyBytes: calls.maxReplyMB * 1e6,
    distFolder,
    cache,
    onProgress: ({ message }) => log(message),
    signal,
  });
  const journal = await Journal.open(path, line, log);
  const cached = new CachedClient({
    journal: {
      get: async (key) => {
        for (const one of [journal, ...paid]) {
          const line = await one.get(key);
          if (line) return line;
        }
        return undefined;
      },
      has: (key) => [journal, ...paid].some((one) => one.has(key)),
      append: (line) => journal.append(line),
    },
    client,
    concurrency,
    counts,
    calls,
    signal,
    stopNow,
    log,
    onWaiting,
    onPart,
  });
  try {
    return await work(cached);
  } finally {
    await cached.drain();
    await journal.settled();
  }
}

/** Works through items in order, `concurrency` at once. The first failure ends the calls, and waits for work whose last call has just ended. */
export async function workThrough<T, Line extends PaidCall>(
  items: readonly T[],
  cached: CachedClient<Line>,
  { concurrency, signal }: { concurrency: number; signal: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, left.length) }, worker);
  try {
    await Promise.all(workers);
  } finally {
    left.length = 0;
    await cached.drain();
    await Promise.allSettled(workers);
  }
}
