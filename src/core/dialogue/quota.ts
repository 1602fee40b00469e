import type { ChainClass } from '../model/index.ts';

export interface QuotaOptions {
  /** Percent of first answers that shall be wrong, 0 to 100. 50 is method.md's 1 : 1. */
  firstWrongShare: number;
  /** Chains of one problem, at most. */
  keepPerProblem: number;
}

interface QuotaChain {
  id: string;
  problemId: string;
  class: ChainClass;
}

/** Which chains of one problem are kept first. */
const ORDER: Readonly<Record<ChainClass, number>> = { FT: 0, TF: 1, TT: 2, FF: 3 };

/**
 * The quota over a round (method.md, "Quota"), for the share p of first answers that are wrong. All FT (s1) are kept; to them
 * come R = ⌊s1 · (100 − p) / p⌋ chains whose first answer is right: TF first, then TT. FF is dropped.
 *
 * With p = 50: all TF (s2) while s2 ≤ s1, and TT up to s1 − s2; with s2 > s1 no TT, and TF is sampled down to s1. Too few TF and TT:
 * all are kept, and FT is not thinned out for them, so more than p are wrong. No FT: nothing is kept, for there is nothing to balance.
 * p = 0 keeps no FT and all TF and TT, p = 100 FT alone.
 *
 * In: the chains that passed the filters, and `rank`, which orders the chains within a class (lowest is kept first; it must not
 * depend on the time or order of arrival, so that a resumed round keeps the same ones). Out: ids of those kept.
 */
export function applyQuota(
  chains: readonly QuotaChain[],
  rank: (id: string) => number,
  { firstWrongShare: share, keepPerProblem }: QuotaOptions,
): Set<string> {
  const usable = chains.filter(
    ({ class: c }) => c !== 'FF' && !(share === 0 && c === 'FT') && !(share === 100 && c !== 'FT'),
  );
  const eligible = perProblem(usable, rank, keepPerProblem);
  const of = (wanted: ChainClass): string[] => eligible.filter((chain) => chain.class === wanted).map(({ id }) => id);
  const falseTrue = of('FT');
  const trueFirst = [...of('TF'), ...of('TT')];
  const wanted = share === 0 ? trueFirst.length : Math.floor((falseTrue.length * (100 - share)) / share);
  return new Set([...falseTrue, ...trueFirst.slice(0, wanted)]);
}

/** At most `most` chains of each problem, FT before TF before TT, all in the order of their rank. */
function perProblem(chains: readonly QuotaChain[], rank: (id: string) => number, most: number): QuotaChain[] {
  const sorted = chains
    .map((chain) => ({ chain, lot: rank(chain.id) }))
    .sort((a, b) => a.lot - b.lot || (a.chain.id < b.chain.id ? -1 : 1))
    .map(({ chain }) => chain);
  const counts = new Map<string, number>();
  const kept = new Set<string>();
  for (const chain of [...sorted].sort((a, b) => ORDER[a.class] - ORDER[b.class])) {
    const count = counts.get(chain.problemId) ?? 0;
    if (count >= most) continue;
    counts.set(chain.problemId, count + 1);
    kept.add(chain.id);
  }
  return sorted.filter(({ id }) => kept.has(id));
}
