import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { type Chain, FilterSettings } from '../../core/schemas/index.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeTrace } from '../../grading/trace.ts';
import { TracePool } from '../../grading/trace-pool.ts';
import type { TraceGrader } from '../../store/trace-table/trace-table.ts';
import type { FileRequest } from './messages.ts';

const setup = { policy: resolvePolicy('default'), filters: FilterSettings.parse({}) };

/** Grades and marks one trace of a file by the default policy and filters. @param dist Has the scripts of the workers. */
export function graderOf(dist: string): (request: Extract<FileRequest, { kind: 'grade' }>) => Promise<Chain> {
  const pool = new GradingPool({ workerPath: join(dist, 'grading-worker.mjs'), workers: 1 });
  return ({ trace, gold, place }) => gradeTrace(trace, gold, place, { ...setup, pool });
}

/** As `graderOf`, for all traces of a file. One core is left to the editor. */
export function tableGraderOf(dist: string): TraceGrader {
  const workers = Math.max(1, availableParallelism() - 1);
  return new TracePool(setup, { distFolder: dist, workers, signal: new AbortController().signal });
}
