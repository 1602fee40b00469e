import { afterAll, describe, expect, it, vi } from 'vitest';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';
import { GradingPool } from '../../../src/grading/pool.ts';

const workerPath = new URL('../../../src/grading/worker.ts', import.meta.url);
const policy = GradingPolicy.parse({});
// Ordinary items must not exceed a limit on a busy machine. Hostile ones have their own pools below.
vi.setConfig({ testTimeout: 120_000 });
const pool = new GradingPool({ workerPath, timeoutMs: 60_000 });
afterAll(() => pool.close());

/** A worker script that fails. The other tests use the real worker. */
const script = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
/** A worker that starts, and runs this code for each request. */
const worker = (body: string): URL =>
  script(
    `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'ready' }); parentPort.on('message', ({ id, request }) => { ${body} });`,
  );

const VERDICT = "parentPort.postMessage({ kind: 'done', id, result: { outcome: 'correct', method: 'text' }, ms: 1 });";
const HANGING = worker(`if (request.text === 'hang') for (;;); ${VERDICT}`);

describe('the grading pool', () => {
  it('grades concurrent requests in their order', async () => {
    const verdicts = await Promise.all([
      pool.grade('1/2', 'So the answer is \\boxed{0.5}.', policy),
      pool.grade('42', 'The answer is 41.', policy),
      pool.grade('', '\\boxed{1}', policy),
      pool.grade('7', 'I do not know.\nSorry.', policy),
    ]);
    expect(verdicts.map((verdict) => verdict.outcome)).toEqual(['correct', 'incorrect', 'unknown', 'incorrect']);
    expect(verdicts[0]).toMatchObject({ method: 'number', extracted: '0.5', gold: '1/2', prediction: '0.5' });
    expect(verdicts[3]?.detail).toBe('No final answer was found in the text.');
  });

  it('loads the compute engine for answers that require it', async () => {
    const verdict = await pool.grade('\\frac{n(n+1)}{2}', '\\boxed{\\sum_{k=1}^{n} k}', policy);
    expect(verdict).toMatchObject({ outcome: 'correct', method: 'expression' });
  });

  it('sends no gold answer that a worker has no memory for', async () => {
    const verdict = await pool.grade('1+'.repeat(1_500_000), '\\boxed{1}', policy);
    expect(verdict.outcome).toBe('error');
    expect(verdict.detail).toBe('The gold answer has more than 2,000,000 characters.');
  });

  it('ends an item that exceeds its limit with timeout, replaces the worker and continues', async () => {
    const small = new GradingPool({ workerPath: HANGING, timeoutMs: 1_500 });
    const [first, second, third] = await Promise.all([
      small.grade('1', '1', policy),
      small.grade('1', 'hang', policy),
      small.grade('1', '1', policy),
    ]);
    expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(['correct', 'timeout', 'correct']);
    expect(second?.detail).toContain('1.5 s');
    await small.close();
  });

  it('grades the items that were queued behind a stopped item', async () => {
    const small = new GradingPool({ workerPath: HANGING, timeoutMs: 500 });
    const verdicts = await Promise.all(
      Array.from({ length: 13 }, (_, i) => small.grade('1', i % 5 === 1 ? 'hang' : '1', policy)),
    );
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(
      verdicts.map((_, i) => (i % 5 === 1 ? 'timeout' : 'correct')),
    );
    expect(small.threads).toBe(1);
    await small.close();
  });

  it('reports an error only for the queued item that ends its worker', async () => {
    const deadly = worker(`if (request.text === 'die') process.exit(3); ${VERDICT}`);
    const small = new GradingPool({ workerPath: deadly });
    const verdicts = await Promise.all(
      Array.from({ length: 9 }, (_, i) => small.grade('1', i === 2 ? 'die' : '1', policy)),
    );
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(verdicts.map((_, i) => (i === 2 ? 'error' : 'correct')));
    await small.close();
  });

  it('reports the time of each item, also of a stopped one', async () => {
    const hang = worker(`for (;;);`);
    const small = new GradingPool({ workerPath: hang, timeoutMs: 300 });
    const { verdict, ms } = await small.gradeTimed('1', 'hang', policy);
    expect(verdict.outcome).toBe('timeout');
    expect(ms).toBeGreaterThanOrEqual(290);
    await small.close();
    const { ms: finished } = await pool.gradeTimed('1', '1', policy);
    expect(finished).toBeGreaterThan(0);
  });

  it('ends an item that uses all memory with error, and continues', async () => {
    const greedy = worker(
      `const all = []; while (request.text === 'eat') all.push(new Array(1e5).fill(Math.random())); ${VERDICT}`,
    );
    const small = new GradingPool({ workerPath: greedy, timeoutMs: 60_000 });
    const [first, second] = await Promise.all([small.grade('1', 'eat', policy), small.grade('1', '1', policy)]);
    expect(first?.outcome).toBe('error');
    expect(second?.outcome).toBe('correct');
    await small.close();
  });

  it('answers every item with error when the worker cannot start', async () => {
    const broken = new GradingPool({ workerPath: script("throw new Error('broken script');") });
    const verdicts = await Promise.all(['1', '2', '3', '4', '5'].map((text) => broken.grade('1', text, policy)));
    expect(verdicts.every((verdict) => verdict.outcome === 'error')).toBe(true);
    expect(verdicts[0]?.detail).toContain('broken script');
    await broken.close();
  });

  it('removes an aborted item, queued or running', async () => {
    const slow = worker(`if (request.text !== 'hang') ${VERDICT}`);
    const small = new GradingPool({ workerPath: slow, timeoutMs: 60_000 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = small.grade('1', 'hang', policy, running.signal);
    const second = small.grade('1', '1', policy, waiting.signal);
    const third = small.grade('1', '1', policy);
    waiting.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    running.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    expect((await third).outcome).toBe('correct');
    await small.close();
  });

  it('rejects ungraded and later items when it closes', async () => {
    const small = new GradingPool({ workerPath });
    const waiting = small.grade('1', '1', policy);
    const closed = small.close();
    await expect(waiting).rejects.toThrow(/The grading pool (is|was) closed/);
    await closed;
    await expect(small.grade('1', '1', policy)).rejects.toThrow(/The grading pool (is|was) closed/);
  });
});
