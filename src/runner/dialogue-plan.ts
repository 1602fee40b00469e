import type { RoundPlan } from '../core/model/index.ts';
import { RoundError } from './error.ts';

/** The plan of a round that a model makes by dialogue. */
export type DialoguePlan = Omit<RoundPlan, Needed> & { [Key in Needed]: NonNullable<RoundPlan[Key]> };
type Needed = 'model' | 'dialogue' | 'filters' | 'grading' | 'prompts' | 'seed';

/** @throws RoundError for a plan of another kind. */
export function dialoguePlan(plan: RoundPlan): DialoguePlan {
  const { model, dialogue, filters, grading, prompts, seed } = plan;
  if (plan.kind !== 'dialogue' || !model || !dialogue || !filters || !grading || !prompts || seed === undefined) {
    throw new RoundError(
      `Round ${plan.round} is ${plan.kind}: it was not made by a model.`,
      'Only generated rounds run.',
    );
  }
  return { ...plan, model, dialogue, filters, grading, prompts, seed };
}
