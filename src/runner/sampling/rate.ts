import type { RoundPlan, Sampling } from '../../core/schemas/index.ts';
import type { AssumedRate } from '../../protocol/sampling.ts';
import type { Dataset } from '../../store/index.ts';

/** Least seconds of a round to measure a speed. */
const LEAST_SECONDS = 1;

/**
 * The expected length and speed of this model's replies: those of its latest finished round of the first kind that has one, else half of the token
 * limit and no speed. Kinds differ in length, so the own kind comes first.
 */
export async function assumedRate(
  dataset: Dataset,
  plans: readonly RoundPlan[],
  { maxTokens }: Sampling,
  kinds: readonly ('sampling' | 'dialogue')[] = ['sampling', 'dialogue'],
): Promise<AssumedRate> {
  for (const kind of kinds) {
    for (const { round } of plans.filter((plan) => plan.kind === kind).reverse()) {
      const summary = await dataset.summary(round);
      const answers = summary?.sampling?.samples ?? summary?.calls ?? 0;
      if (!summary || answers === 0) continue;
      const { completionTokens, seconds } = summary;
      return {
        completionTokens: Math.min(maxTokens, completionTokens / answers),
        ...(seconds >= LEAST_SECONDS ? { tokensPerSecond: completionTokens / seconds } : {}),
        from: kind,
        round,
      };
    }
  }
  return { completionTokens: maxTokens / 2, from: 'guess' };
}
