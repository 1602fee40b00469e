import { workerData } from 'node:worker_threads';
import { taggedTrace } from '../../core/dataset/index.ts';
import { messageOf } from '../../core/errors.ts';
import { addRow, addUnexamined, type ExaminedBatch, emptyBatch } from '../../core/examine/examined.ts';
import type { ExaminedRow, RowContext } from '../../core/examine/row.ts';
import { BenchmarkIndex } from '../../core/filters/index.ts';
import { loadEngine } from '../../core/grading/engine.ts';
import { gradeWith, type SymbolicEngine } from '../../core/grading/index.ts';
import type { GradingPolicy, Verdict } from '../../core/schemas/index.ts';
import { gradeEnded } from '../../grading/reply.ts';
import { type Clock, serve } from '../../grading/serve.ts';
import type { ExamineRequest, ExamineWorkerData } from './pool.ts';

/** The clock runs over several rows, so that an ordinary one costs no message. Each has at least the limit less this time. */
const RESTART_MS = 200;
const { filters, policy, benchmarks } = workerData as ExamineWorkerData;
const context: RowContext = {
  filters,
  policy,
  ...(benchmarks.length === 0 ? {} : { benchmarks: new BenchmarkIndex(benchmarks) }),
};
let engine: SymbolicEngine | undefined;

/** Grades as the pool does, whose time limit is the one of the row here. */
async function grade(gold: string, text: string, by: GradingPolicy): Promise<Verdict> {
  const first = gradeWith(gold, text, by, engine);
  if (!first.needsEngine || engine !== undefined) return first.verdict;
  engine = await loadEngine();
  return gradeWith(gold, text, by, engine).verdict;
}

async function verdictOf({ verdict, gold, reply }: ExaminedRow): Promise<Verdict | undefined> {
  if (verdict !== undefined || gold === undefined || reply === undefined) return verdict;
  return gradeEnded({ grade }, gold, taggedTrace(reply.parts), reply.ended, policy);
}

async function examine({ rows }: ExamineRequest, clock: Clock): Promise<ExaminedBatch> {
  const batch = emptyBatch(rows.length);
  let since = performance.now();
  for (const [at, row] of rows.entries()) {
    if (performance.now() - since > RESTART_MS) {
      clock.restart();
      since = performance.now();
    }
    try {
      if ('reason' in row) addUnexamined(batch, at, row, row.reason);
      else addRow(batch, at, row, await verdictOf(row), context);
    } catch (error) {
      addUnexamined(batch, at, row, `Examining it failed: ${messageOf(error).slice(0, 200)}.`);
    }
  }
  return batch;
}

serve<ExamineRequest, ExaminedBatch>(examine);
