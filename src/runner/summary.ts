import { applyQuota, type QuotaOptions, seedOf } from '../core/dialogue/index.ts';
import type { Chain, ChainClass, RoundSummary } from '../core/model/index.ts';

/** What of a summary follows from the chains of the round alone. */
export type ChainSummary = Pick<RoundSummary, 'chains' | 'chainsPassed' | 'assembled' | 'kept' | 'quotaDropped'>;

/** What a summary looks at of a chain. */
export type SummarisedChain = Pick<Chain, 'id' | 'problemId' | 'class' | 'passed'>;

/** Counts the chains of a round and applies the quota. `seed` is that of the plan. */
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
    // In an order of their own: that in which chains are ready changes from run to run.
    quotaDropped: passed
      .filter((chain) => !keep.has(chain.id))
      .map((chain) => chain.id)
      .sort(),
  };
}

/** How often each class occurs. */
export function perClass(classes: readonly ChainClass[]): Record<ChainClass, number> {
  const counts: Record<ChainClass, number> = { FT: 0, TT: 0, TF: 0, FF: 0 };
  for (const chainClass of classes) counts[chainClass]++;
  return counts;
}
