import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { formatSeconds, plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import { VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { streamRows } from '../rows/stream.ts';
import { policyOf, RowGrader } from './grade-rows.ts';

/** Rows in flight for each worker: enough that none waits while a slow row holds up the order of the output. */
const WINDOW = 64;

export const run: Run<'grade'> = async (args, context) => {
  const policy = policyOf(args.policy);
  if (typeof policy === 'string') throw new VerbError(policy, 'docs/reference/grading.md describes each policy.');
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

export const print: Print<'grade'> = ({ rows, outcomes, policies, out, workers, seconds, ms }) =>
  lines(
    `${plural(rows, 'row')} graded${out === undefined ? '' : ` to ${out}`} in ${formatSeconds(seconds)} by ${plural(workers, 'thread')}: ${formatCounts(outcomes)}.`,
    `By policy: ${formatCounts(policies)}. ${ms.mean.toFixed(2)} ms a row, at most ${ms.max.toFixed(0)} ms.`,
  );

function summary(grader: RowGrader, { out }: VerbArgs<'grade'>, workers: number, seconds: number): VerbResult<'grade'> {
  const { rows, outcomes, methods, policies, msTotal, msMax } = grader;
  return {
    rows,
    outcomes,
    methods,
    policies,
    ...defined({ out }),
    workers,
    seconds,
    ms: { mean: msTotal / Math.max(1, rows), max: msMax },
  };
}
