import { type ModelRef, type RoundPlan, sameModel } from '../../core/model/index.ts';
import type { Tally } from '../../core/sampling/index.ts';
import { type Dataset, StoreError } from '../../store/index.ts';

/** Plans of the rounds that this model made, by number. A round without a readable plan is none of them. */
export async function roundsOf(dataset: Dataset, model: ModelRef): Promise<RoundPlan[]> {
  const plans = await Promise.all(
    dataset.index.rounds.map((round) =>
      dataset.roundPlan(round).catch((error: unknown) => {
        if (error instanceof StoreError) return undefined;
        throw error;
      }),
    ),
  );
  return plans
    .filter((plan) => plan?.model !== undefined && sameModel(plan.model, model))
    .filter((plan) => plan !== undefined);
}

/**
 * The one record of how often each problem was tried by a model and solved: first answers of its dialogue rounds and responses of its
 * sampling rounds. Other models' answers say nothing of what this one finds difficult.
 */
export function talliesOf(dataset: Dataset, plans: readonly Pick<RoundPlan, 'round'>[]): Map<string, Tally> {
  return dataset.index.tallies(plans.map(({ round }) => round));
}
