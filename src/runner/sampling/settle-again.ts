import type { GradingPolicy, RoundPlan, RoundSummary } from '../../core/model/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { Responses } from './responses.ts';
import { samplerOf } from './run.ts';
import { settle } from './settle.ts';
import { samplingRoundPlan } from './work.ts';

export interface SettleAgainContext {
  pool: GradingPool;
  /** By which the round is graded now. */
  policy: GradingPolicy;
  signal: AbortSignal;
  log: (text: string) => void;
}

/**
 * Triage, selection and summary of a sampling round by the grades that its files hold now; `before` is its summary. Responses that are
 * right only now get their chains. Nothing is asked.
 */
export async function settleAgain(
  dataset: Dataset,
  plan: RoundPlan,
  before: RoundSummary,
  { pool, policy, signal, log }: SettleAgainContext,
): Promise<void> {
  if (!before.sampling) return;
  const planned = samplingRoundPlan(plan);
  // A round that was filtered again by other thresholds keeps them.
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
