import type { RoundPlan } from '../../core/model/index.ts';
import { RoundError } from '../error.ts';

type Needed = 'model' | 'sampling' | 'filters' | 'grading' | 'prompts' | 'seed';

/** A plan with everything that a sampling round needs. */
export type SamplingRoundPlan = Omit<RoundPlan, Needed> & { [Key in Needed]: NonNullable<RoundPlan[Key]> };

/** Throws RoundError for a plan that lacks something. */
export function samplingRoundPlan(plan: RoundPlan): SamplingRoundPlan {
  const { model, sampling, filters, grading, prompts, seed } = plan;
  if (plan.kind === 'sampling' && model && sampling && filters && grading && prompts && seed !== undefined) {
    return { ...plan, model, sampling, filters, grading, prompts, seed };
  }
  throw new RoundError(`The plan of round ${plan.round} is not whole.`, 'Restore plan.json from git or a backup.');
}
