import { resolvePolicy } from '../../core/grading/policies.ts';
import { type Chain, FilterSettings } from '../../core/schemas/index.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeTrace } from '../../grading/trace.ts';
import type { FileRequest } from './messages.ts';

/** Grades and marks traces of a file by the default policy and filters. @param workerPath The script of a grading worker. */
export function graderOf(workerPath: string): (request: Extract<FileRequest, { kind: 'grade' }>) => Promise<Chain> {
  const pool = new GradingPool({ workerPath, workers: 1 });
  const by = { pool, policy: resolvePolicy('default'), filters: FilterSettings.parse({}) };
  return ({ trace, gold, place }) => gradeTrace(trace, gold, place, by);
}
