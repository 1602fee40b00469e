import { afterAll, expect, it } from 'vitest';
import { byProblem } from '../../../src/core/evaluation/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';
import { GradingPool } from '../../../src/grading/pool.ts';
import { evaluatedSample } from '../../../src/runner/evaluation/sample.ts';

const workerPath = new URL('../../../src/grading/worker.ts', import.meta.url);
const pool = new GradingPool({ workerPath, timeoutMs: 60_000 });
afterAll(() => pool.close());

it('is in no score where the server ended its reply in a way that is not listed', { timeout: 120_000 }, async () => {
  const problem = { id: 'p', source: 's', problem: 'What is 2 + 2?', answer: '4' };
  const grader = { pool, grading: GradingPolicy.parse({}), signal: new AbortController().signal };
  const ended = (finish: string) => {
    const usage = { prompt: 1, completion: 9, estimated: false };
    return evaluatedSample(grader, problem, 0, { text: 'It is \\boxed{4}.', finish, usage, ms: 1 });
  };
  const samples = await Promise.all(['stop', 'length', 'error', 'done'].map(ended));
  expect(samples.map(({ reply, unknownEnd }) => [reply, unknownEnd])).toEqual([
    ['answered', undefined],
    ['truncated', undefined],
    ['unfinished', undefined],
    ['unfinished', true],
  ]);
  expect(byProblem(samples)).toMatchObject({ problems: [{ samples: samples.slice(0, 3) }], ungraded: 1 });
});
