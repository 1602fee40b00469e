import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { GradingPool } from '../grading/pool.ts';
import { AnnotateRows } from './annotate-rows.ts';
import { type Verb, VerbError } from './context.ts';
import { policyOf } from './grade-rows.ts';
import { streamRows } from './row-stream.ts';

/** Rows in flight for each worker: a row waits for the grading of its candidates. */
const WINDOW = 4;

export const annotate: Verb<'annotate'> = async ({ file, out, textKey, ...args }, context) => {
  const policy = policyOf(args.policy);
  if (typeof policy === 'string') throw new VerbError(policy, 'docs/grading.md shows what each does.');
  const workers = args.workers ?? availableParallelism();
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs'), workers });
  const rows = new AnnotateRows(pool, { textKey, policy, signal: context.signal });
  const began = performance.now();
  try {
    await streamRows({ file, out, window: workers * WINDOW }, rows, context);
  } finally {
    await pool.close();
  }
  const { counts } = rows;
  if (counts.rows > 0 && counts.bad === counts.rows) {
    throw new VerbError(
      `No row has a text “${textKey}”.`,
      'Name the column with --text-key: each row says in “error” what it has.',
    );
  }
  return { ...counts, ...(out === undefined ? {} : { out }), seconds: (performance.now() - began) / 1000 };
};
