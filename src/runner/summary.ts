import { isDeepStrictEqual } from 'node:util';
import { applyQuota, type QuotaOptions, seedOf } from '../core/dialogue/index.ts';
import {
  AssemblySettings,
  type Chain,
  type ChainClass,
  type RoundPlan,
  type RoundSummary,
} from '../core/schemas/index.ts';
import type { Dataset } from '../store/index.ts';

/** The part of a summary that depends only on the round's chains. */
export type ChainSummary = Pick<RoundSummary, 'chains' | 'chainsPassed' | 'assembled' | 'kept' | 'quotaDropped'>;

/** The part of a chain that a summary needs. */
export type SummarisedChain = Pick<Chain, 'id' | 'problemId' | 'class' | 'passed'>;

/** Counts the chains of a round and applies the quota with the plan's `seed`. */
export function summariseChains(chains: readonly SummarisedChain[], seed: number, quota: QuotaOptions): ChainSummary {
  const passed = chains.filter((chain) => chain.passed);
  const keep = applyQuota(
    passed.flatMap(({ id, problemId, class: chainClass }) =>
      chainClass ? [{ id, problemId, class: chainClass }] : [],
    ),
    (id) => seedOf(seed, 'quota', id),
    quota,
  );
  return {
    chains: chains.length,
    chainsPassed: passed.length,
    assembled: perClass(chains.flatMap((chain) => chain.class ?? [])),
    kept: perClass(passed.filter((chain) => keep.has(chain.id)).flatMap((chain) => chain.class ?? [])),
    // Sorted, since the order of completion varies.
    quotaDropped: passed
      .filter((chain) => !keep.has(chain.id))
      .map((chain) => chain.id)
      .sort(),
  };
}

/** Number of chains by class. */
export function perClass(classes: readonly ChainClass[]): Record<ChainClass, number> {
  const counts: Record<ChainClass, number> = { FT: 0, TT: 0, TF: 0, FF: 0 };
  for (const chainClass of classes) counts[chainClass]++;
  return counts;
}

/** The summary of a round with new counts and quota of its chains, and the fields in `change`; undefined for an unfinished round. */
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

/** Writes the summary if it has changed. */
export async function writeSummaryAfter(
  dataset: Dataset,
  round: string,
  after: RoundSummary | undefined,
): Promise<void> {
  if (after && !isDeepStrictEqual(after, await dataset.summary(round))) await dataset.writeSummary(round, after);
}
