import { afterAll, describe, expect, it, vi } from 'vitest';
import { GradingPolicy } from '../../../src/core/model/index.ts';
import { GradingPool, PoolClosedError } from '../../../src/grading/pool.ts';

const workerPath = new URL('../../../src/grading/worker.ts', import.meta.url);
const policy = GradingPolicy.parse({});
// Honest items must not run into a limit on a busy machine; hostile ones have a pool of their own below.
vi.setConfig({ testTimeout: 120_000 });
const pool = new GradingPool({ workerPath, timeoutMs: 60_000 });
afterAll(() => pool.close());

/** Scripts that stand for a worker in trouble; the real one is used everywhere else. */
function script(body: string): URL {
  const source = `import { parentPort } from 'node:worker_threads';${body}`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const READY = "parentPort.postMessage({ kind: 'ready' });";
const VERDICT =
  "parentPort.postMessage({ kind: 'verdict', id: request.id, verdict: { outcome: 'correct', method: 'text' }, ms: 1 });";

describe('the grading pool', () => {
  it('grades in the order of asking, several at once', async () => {
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

  it('loads the compute engine for what only it can read', async () => {
    const verdict = await pool.grade('\\frac{n(n+1)}{2}', '\\boxed{\\sum_{k=1}^{n} k}', policy);
    expect(verdict).toMatchObject({ outcome: 'correct', method: 'expression' });
  });

  it('ends an item that exceeds its limit with timeout, replaces the worker and goes on', async () => {
    const hang = script(
      `${READY}parentPort.on('message', (request) => { if (request.text === 'hang') for (;;); ${VERDICT} });`,
    );
    const small = new GradingPool({ workerPath: hang, timeoutMs: 1_500 });
    const [first, second, third] = await Promise.all([
      small.grade('1', '1', policy),
      small.grade('1', 'hang', policy),
      small.grade('1', '1', policy),
    ]);
    expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(['correct', 'timeout', 'correct']);
    expect(second?.detail).toContain('1.5 s');
    await small.close();
  });

  it('asks again for what stood in line behind an item that was stopped', async () => {
    const hang = script(
      `${READY}parentPort.on('message', (request) => { if (request.text === 'hang') for (;;); ${VERDICT} });`,
    );
    const small = new GradingPool({ workerPath: hang, timeoutMs: 500 });
    const verdicts = await Promise.all(
      Array.from({ length: 13 }, (_, i) => small.grade('1', i % 5 === 1 ? 'hang' : '1', policy)),
    );
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(
      verdicts.map((_, i) => (i % 5 === 1 ? 'timeout' : 'correct')),
    );
    expect(small.threads).toBe(1);
    await small.close();
  });

  it('finds in a line the one item that kills its worker', async () => {
    const deadly = script(
      `${READY}parentPort.on('message', (request) => { if (request.text === 'die') process.exit(3); ${VERDICT} });`,
    );
    const small = new GradingPool({ workerPath: deadly });
    const verdicts = await Promise.all(
      Array.from({ length: 9 }, (_, i) => small.grade('1', i === 2 ? 'die' : '1', policy)),
    );
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(verdicts.map((_, i) => (i === 2 ? 'error' : 'correct')));
    await small.close();
  });

  it('tells the time that each item took, also of one that was stopped', async () => {
    const hang = script(`${READY}parentPort.on('message', (request) => { for (;;); });`);
    const small = new GradingPool({ workerPath: hang, timeoutMs: 300 });
    const { verdict, ms } = await small.gradeTimed('1', 'hang', policy);
    expect(verdict.outcome).toBe('timeout');
    expect(ms).toBeGreaterThanOrEqual(290);
    await small.close();
    const { ms: honest } = await pool.gradeTimed('1', '1', policy);
    expect(honest).toBeGreaterThan(0);
  });

  it('ends an item that takes all memory with error, and goes on', async () => {
    const greedy = script(
      `${READY}parentPort.on('message', (request) => { const all = []; while (request.text === 'eat') all.push(new Array(1e5).fill(Math.random())); ${VERDICT} });`,
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

  it('takes an aborted item out, whether it waits or runs', async () => {
    const slow = script(`${READY}parentPort.on('message', (request) => { if (request.text !== 'hang') ${VERDICT} });`);
    const small = new GradingPool({ workerPath: slow, timeoutMs: 60_000 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = small.grade('1', 'hang', policy, running.signal);
    const second = small.grade('1', '1', policy, waiting.signal);
    const third = small.grade('1', '1', policy);
    waiting.abort(new Error('not wanted'));
    await expect(second).rejects.toThrow('not wanted');
    running.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    expect((await third).outcome).toBe('correct');
    await small.close();
  });

  it('rejects what was not graded when it closes, and all that comes later', async () => {
    const small = new GradingPool({ workerPath });
    const waiting = small.grade('1', '1', policy);
    const closed = small.close();
    await expect(waiting).rejects.toBeInstanceOf(PoolClosedError);
    await closed;
    await expect(small.grade('1', '1', policy)).rejects.toBeInstanceOf(PoolClosedError);
  });
});
