import { parentPort, workerData } from 'node:worker_threads';
import { taggedTrace } from '../../core/dataset/index.ts';
import { messageOf } from '../../core/errors.ts';
import { addRow, addUnexamined, emptyBatch } from '../../core/examine/examined.ts';
import type { ExaminedRow, RowContext } from '../../core/examine/row.ts';
import { BenchmarkIndex } from '../../core/filters/index.ts';
import { loadEngine } from '../../core/grading/engine.ts';
import { gradeWith, type SymbolicEngine } from '../../core/grading/index.ts';
import type { GradingPolicy, Verdict } from '../../core/schemas/index.ts';
import { gradeEnded } from '../../grading/reply.ts';
import { type ExamineRequest, type ExamineWorkerData, IDLE } from './pool.ts';

if (parentPort === null) throw new Error('The worker of an examination runs in a worker thread.');
const port = parentPort;
const { filters, policy, benchmarks, current } = workerData as ExamineWorkerData;
const context: RowContext = {
  filters,
  policy,
  ...(benchmarks.length === 0 ? {} : { benchmarks: new BenchmarkIndex(benchmarks) }),
};
const place = new Int32Array(current);
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

async function examine({ rows, unexamined }: ExamineRequest): Promise<void> {
  const batch = emptyBatch(rows.length);
  for (const [at, row] of rows.entries()) {
    // The pool sees in which row a batch hangs or ends.
    Atomics.store(place, 0, at);
    const refused = 'reason' in row ? row.reason : unexamined[at];
    try {
      if (refused !== undefined || 'reason' in row) addUnexamined(batch, at, row, refused ?? '');
      else addRow(batch, at, row, await verdictOf(row), context);
    } catch (error) {
      addUnexamined(batch, at, row, `Examining it failed: ${messageOf(error).slice(0, 200)}.`);
    }
  }
  Atomics.store(place, 0, IDLE);
  const { lines, bits, flags, outcomes, tokens, problems, replies, signatures } = batch;
  const columns = [lines, bits, flags, outcomes, tokens, problems, replies, signatures];
  port.postMessage(
    batch,
    columns.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

port.on('message', (request: ExamineRequest) => void examine(request));
