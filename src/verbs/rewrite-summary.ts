import { isDeepStrictEqual } from 'node:util';
import { AssemblySettings, type RoundPlan, type RoundSummary } from '../core/model/index.ts';
import { type SummarisedChain, summariseChains } from '../runner/summary.ts';
import type { Dataset } from '../store/index.ts';

/**
 * The summary of a round after its chains changed: counts and quota go by the chains as they are now, `change` replaces the rest. Undefined for
 * a round that has not ended.
 */
export function summaryAfter(
  before: RoundSummary | undefined,
  plan: RoundPlan,
  chains: readonly SummarisedChain[],
  change: Partial<RoundSummary> = {},
): RoundSummary | undefined {
  if (!before) return undefined;
  const counted =
    plan.kind === 'dialogue' && plan.seed !== undefined
      ? summariseChains(chains, plan.seed, before.assembly ?? plan.dialogue ?? AssemblySettings.parse({}))
      : { chainsPassed: chains.filter((chain) => chain.passed).length };
  return { ...before, ...counted, ...change };
}

/** Writes the summary where it differs from the one that stands. */
export async function writeSummaryAfter(
  dataset: Dataset,
  round: string,
  after: RoundSummary | undefined,
): Promise<void> {
  if (after && !isDeepStrictEqual(after, await dataset.summary(round))) await dataset.writeSummary(round, after);
}
