import type { ChainClass } from '../model/index.ts';

/**
 * The quota over a round (method.md, "Quota"): all FT (s1) and all TF (s2); TT up to max(0, s1 − s2); FF none. If s2 > s1, no TT,
 * and TF is sampled down to s1. First answers are then right : wrong = 1 : 1.
 *
 * In: the chains that passed the filters, and `rank`, which orders the chains within a class (lowest is kept first; it must not
 * depend on the time or order of arrival, so that a resumed round keeps the same ones). Out: ids of those kept.
 */
export function applyQuota(
  chains: readonly { id: string; class: ChainClass }[],
  rank: (id: string) => number,
): Set<string> {
  const of = (wanted: ChainClass): string[] =>
    chains
      .filter((chain) => chain.class === wanted)
      .map((chain) => chain.id)
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const falseTrue = of('FT');
  const trueFalse = of('TF');
  const trueTrue = of('TT');
  return new Set([
    ...falseTrue,
    ...trueFalse.slice(0, falseTrue.length),
    ...trueTrue.slice(0, Math.max(0, falseTrue.length - trueFalse.length)),
  ]);
}
