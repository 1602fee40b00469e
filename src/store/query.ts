import { BEHAVIOURS } from '../core/model/index.ts';
import type { ChainEntry, DatasetIndex } from './dataset-index.ts';

/** What chains are sorted and counted by. A chain may have several values of a facet, or none. */
export const FACETS = [
  'round',
  'origin',
  'class',
  'outcome',
  /** `passed`, `filtered`, or `quota`: passed the filters and left out by the quota. */
  'filters',
  /** Ids of filters that it did not pass; `quota` where it passed all and the quota left it out. */
  'failed',
  'behaviour',
  /** How much judge and detectors say different things; see judgeValues. */
  'judge',
  'decision',
  /** What a reviewer said of the final answer, where it is not what grading says. */
  'overruled',
  /** `suspect-gold`: samples of the problem agree on another answer than the trusted one. */
  'triage',
  'reviewer',
  'level',
  'topic',
  'model',
  'problem',
] as const;
export type Facet = (typeof FACETS)[number];

/** Wanted values by facet; a facet that is absent wants nothing. */
export type ChainQuery = Partial<Record<Facet, readonly string[]>> & {
  /** Whose decisions are meant; those of all reviewers together when absent. */
  as?: string;
};

/**
 * Chains that have one of the wanted values in every facet, in the order of the index; those in which judge and detectors differ most
 * come first when that is what is asked for.
 */
export function queryChains(index: DatasetIndex, query: ChainQuery = {}): ChainEntry[] {
  const wanted = wantedValues(query);
  const chains = [...index.chains()].filter((chain) =>
    wanted.every(([facet, values]) => facetValues(index, chain, facet, query.as).some((value) => values.has(value))),
  );
  const byJudge = query.judge !== undefined && query.judge.length > 0;
  return byJudge ? chains.sort((a, b) => differing(b) - differing(a)) : chains;
}

/** Sentences in which judge and detectors differ. */
const differing = (chain: ChainEntry): number => chain.judgement?.differ ?? 0;

/** Shares of the judged sentences from which on a disagreement is a large or a middling one. */
const LARGE = 0.3;
const MIDDLING = 0.1;

/** `any` and one of `large`, `middling`, `small` where something differs; `none` where nothing does; nothing for a chain without judge. */
function judgeValues({ judgement }: ChainEntry): readonly string[] {
  if (!judgement || judgement.judged === 0) return [];
  if (judgement.differ === 0) return ['none'];
  const share = judgement.differ / judgement.judged;
  return ['any', share >= LARGE ? 'large' : share >= MIDDLING ? 'middling' : 'small'];
}

/** For each facet how many chains have each value, among those that match the query in all other facets. */
export function countFacets(index: DatasetIndex, query: ChainQuery = {}): Record<Facet, Map<string, number>> {
  const wanted = wantedValues(query);
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map()])) as Record<Facet, Map<string, number>>;
  for (const chain of index.chains()) {
    const missed = wanted
      .filter(([facet, values]) => !facetValues(index, chain, facet, query.as).some((value) => values.has(value)))
      .map(([facet]) => facet);
    if (missed.length > 1) continue;
    // A chain that only one facet keeps out still counts there: that is what widening this facet would bring.
    for (const facet of missed.length === 1 ? missed : FACETS) {
      for (const value of facetValues(index, chain, facet, query.as)) {
        counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
      }
    }
  }
  return counts;
}

function wantedValues(query: ChainQuery): [Facet, ReadonlySet<string>][] {
  return FACETS.flatMap((facet) => {
    const values = query[facet];
    return values && values.length > 0 ? [[facet, new Set(values)] as [Facet, ReadonlySet<string>]] : [];
  });
}

function facetValues(index: DatasetIndex, chain: ChainEntry, facet: Facet, as: string | undefined): readonly string[] {
  switch (facet) {
    case 'round':
      return [chain.round];
    case 'origin':
      return [chain.origin];
    case 'class':
      return chain.class ? [chain.class] : [];
    case 'outcome':
      return [chain.outcome];
    case 'filters':
      return [chain.quotaDropped ? 'quota' : chain.passed ? 'passed' : 'filtered'];
    case 'failed':
      return chain.quotaDropped ? ['quota'] : chain.failed;
    case 'behaviour':
      return BEHAVIOURS.filter((_, i) => (chain.behaviours[i] ?? 0) > 0);
    case 'judge':
      return judgeValues(chain);
    case 'decision':
      return [index.decision(chain.id, as)];
    case 'overruled': {
      const override = index.override(chain.id, as);
      return override === undefined || override === chain.outcome ? [] : [override];
    }
    case 'triage':
      return index.suspectGold(chain.problemId) ? ['suspect-gold'] : [];
    case 'reviewer':
      return [...index.review(chain.id).reviewers]
        .filter(([, said]) => said.decision !== 'pending')
        .map(([name]) => name);
    case 'level':
      return optional(index.problem(chain.problemId)?.level);
    case 'topic':
      return optional(index.problem(chain.problemId)?.topic);
    case 'model':
      return [chain.model];
    case 'problem':
      return [chain.problemId];
  }
}

function optional(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
