import { firstStage, type Tally } from '../../core/sampling/index.ts';
import { type ModelRef, type RoundPlan, sameModel } from '../../core/schemas/index.ts';
import { type Dataset, StoreError } from '../../store/index.ts';

/** Readable plans of this model's rounds, by number. */
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

/** How often this model tried and solved each problem: first answers of its dialogue rounds and responses of its sampling rounds. */
export function talliesOf(dataset: Dataset, plans: readonly Pick<RoundPlan, 'round'>[]): Map<string, Tally> {
  return dataset.index.tallies(plans.map(({ round }) => round));
}

/**
 * The samples of this model that show pass rates without bias: first answers of dialogue rounds without hints, and the first stage of sampling rounds
 * (see firstStage), whose size does not depend on outcomes. Later stages sample unsolved problems and would lower the pass rate. Only complete first
 * stages count, since an interrupted stage may have mostly short samples.
 */
export function unbiasedTallies(dataset: Dataset, plans: readonly RoundPlan[]): Map<string, Tally> {
  return dataset.index.firstTallies(
    plans
      .filter(({ dialogue }) => dialogue?.mode !== 'hinted')
      .map(({ round, sampling }) => ({ round, samples: sampling ? firstStage(sampling.settings.policy) : 0 })),
  );
}
