import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { GradingPool } from '../grading/pool.ts';
import type { VerbArgs, VerbResult } from '../protocol/verbs.ts';
import { type Verb, VerbError } from './context.ts';
import { policyOf, RowGrader } from './grade-rows.ts';
import { streamRows } from './row-stream.ts';

/** Rows in flight for each worker: enough that none waits while a slow row holds up the order of the output. */
const WINDOW = 64;

export const grade: Verb<'grade'> = async (args, context) => {
  const policy = policyOf(args.policy);
  if (typeof policy === 'string') throw new VerbError(policy, 'docs/grading.md shows what each does.');
  const workers = args.workers ?? availableParallelism();
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs'), workers });
  const { goldKey, predictionKey, file, out } = args;
  const grader = new RowGrader(pool, { goldKey, predictionKey, policy, signal: context.signal });
  const began = performance.now();
  try {
    await streamRows({ file, out, window: workers * WINDOW }, grader, context);
  } finally {
    await pool.close();
  }
  return summary(grader, args, workers, (performance.now() - began) / 1000);
};

function summary(grader: RowGrader, { out }: VerbArgs<'grade'>, workers: number, seconds: number): VerbResult<'grade'> {
  const { rows, outcomes, methods, policies, msTotal, msMax } = grader;
  return {
    rows,
    outcomes,
    methods,
    policies,
    ...(out === undefined ? {} : { out }),
    workers,
    seconds,
    ms: { mean: msTotal / Math.max(1, rows), max: msMax },
  };
}
