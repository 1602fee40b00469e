import type { ChainClass, DialogueSettings, Expectation } from '../schemas/index.ts';

export interface QuotaOptions {
  /** Percentage of first answers that are wrong, 0 to 100; 50 is method.md's 1 : 1. */
  firstWrongShare: number;
  /** Maximum number of chains per problem. */
  keepPerProblem: number;
}

interface QuotaChain {
  id: string;
  problemId: string;
  class: ChainClass;
}

/** Order in which the chains of a problem are kept. */
const ORDER: Readonly<Record<ChainClass, number>> = { FT: 0, TF: 1, TT: 2, FF: 3 };

/**
 * The ids that the quota of a round keeps (method.md, "Quota"), for a share p of wrong first answers. All FT (s1) are kept, and
 * ⌊s1 · (100 − p) / p⌋ chains with a right first answer, TF before TT. If there are fewer, all are kept, and FT is not reduced. Without
 * FT nothing is kept. p = 0 keeps all TF and TT and no FT, p = 100 only FT. FF is never kept.
 * @param chains Chains that passed the filters.
 * @param rank Orders the chains of a class, lowest first. It must not depend on time, so that a resumed round keeps the same chains.
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

/** At most `most` chains of each problem, FT before TF before TT, in the order of their rank. */
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

/**
 * Requests and tokens of a round. Minimum: only the first answers and, in separate calls, the last ones. Maximum: every candidate of every
 * piece. In a true dialogue the later answers depend on a first answer, so they are asked once per chain.
 */
export function expectation(problems: number, settings: DialogueSettings): Expectation {
  const { tries, keepPerProblem: chains, asking, turns } = settings;
  const later = turns - 1;
  const isSeparate = asking === 'separate';
  const answersMin = tries.answer1 + (isSeparate ? tries.answer2 : 0);
  const answers = tries.answer1 + later * tries.answer2 * (isSeparate ? 1 : chains);
  const checks = chains * later * tries.check;
  const summaries = chains * tries.summary;
  const tokens =
    answers * settings.answer.maxTokens + checks * settings.check.maxTokens + summaries * settings.summary.maxTokens;
  return {
    requestsMin: problems * answersMin,
    requestsMax: problems * (answers + checks + summaries),
    tokensMax: problems * tokens,
  };
}
