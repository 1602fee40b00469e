import type { RoundPlan, Sampling } from '../../core/model/index.ts';
import type { AssumedRate } from '../../protocol/sampling.ts';
import type { Dataset } from '../../store/index.ts';

/** Shorter than this a round says nothing of the speed. */
const LEAST_SECONDS = 1;

/**
 * What is taken for the length and speed of this model's responses: those of its latest sampling round, else of its latest dialogue
 * round, whose pieces are of another length, else half of the token limit and no speed.
 */
export async function assumedRate(
  dataset: Dataset,
  plans: readonly RoundPlan[],
  { maxTokens }: Sampling,
): Promise<AssumedRate> {
  for (const kind of ['sampling', 'dialogue'] as const) {
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
