import type { GradingPolicy, RoundPlan, RoundSummary } from '../../core/schemas/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { samplingRoundPlan } from './plan.ts';
import { Responses } from './responses.ts';
import { samplerOf } from './run.ts';
import { settle } from './settle.ts';

export interface SettleAgainContext {
  pool: GradingPool;
  /** The current grading policy of the round. */
  policy: GradingPolicy;
  signal: AbortSignal;
  log: (text: string) => void;
}

/**
 * Repeats triage, selection and summary of a sampling round with its current grades; `before` is its summary. Newly correct responses get chains.
 * Makes no calls.
 */
export async function settleAgain(
  dataset: Dataset,
  plan: RoundPlan,
  before: RoundSummary,
  { pool, policy, signal, log }: SettleAgainContext,
): Promise<void> {
  if (!before.sampling) return;
  const planned = samplingRoundPlan(plan);
  // A refiltered round keeps its thresholds.
  const { filters } = before;
  const now = { ...planned, grading: policy, filters: filters ?? planned.filters };
  const filterContext = await filterContextOf(dataset.folder, now.filters, log);
  const responses = await Responses.open({ dataset, plan: now, pool, filterContext, signal, log });
  const sampler = samplerOf(now, responses, before.seconds);
  const { calls, seconds } = before;
  const { ended } = before.sampling;
  const kept = filters ? { filters } : {};
  await settle({ dataset, plan: now, sampler, responses, ended, use: responses.use, calls, seconds, ...kept });
}
