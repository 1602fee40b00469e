import { BEHAVIOURS, normaliseLevel, normaliseTopic, sampleOutcome } from '../../core/schemas/index.ts';
import type { ChainEntry, DatasetIndex } from './dataset-index.ts';

/** Properties by which chains are filtered and counted. A chain may have several values of a facet, or none. */
export const FACETS = [
  'round',
  'origin',
  'class',
  'outcome',
  /** `passed`, `filtered`, or `quota`: filtered out only by the quota. */
  'filters',
  /** Ids of failed filters; `quota` when only the quota filtered it out. */
  'failed',
  'behaviour',
  /** How much judge and classifier differ; see judgeValues. */
  'judge',
  'decision',
  /** A reviewer's verdict on the final answer that differs from grading. */
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

/** Selected values by facet; an absent facet selects all. */
export type ChainQuery = Partial<Record<Facet, readonly string[]>> & {
  /** Whose decisions apply; those of all reviewers together when absent. */
  as?: string;
};

/**
 * Chains that have a selected value in every facet, in the order of the index. With the facet `judge`, chains in which judge and classifier differ most
 * come first.
 */
export function queryChains(index: DatasetIndex, query: ChainQuery = {}): ChainEntry[] {
  const selected = selectedValues(query);
  const chains = [...index.chains()].filter((chain) =>
    selected.every(([facet, values]) => facetValues(index, chain, facet, query.as).some((value) => values.has(value))),
  );
  const byJudge = query.judge !== undefined && query.judge.length > 0;
  return byJudge ? chains.sort((a, b) => differing(b) - differing(a)) : chains;
}

/** Sentences in which judge and classifier differ. */
const differing = (chain: ChainEntry): number => chain.judgement?.differ ?? 0;

/** Least shares of the judged sentences for a large and a middling disagreement. */
const LARGE = 0.3;
const MIDDLING = 0.1;

/** `any` and one of `large`, `middling`, `small` for a disagreement; `none` without one; no value for an unjudged chain. */
function judgeValues({ judgement }: ChainEntry): readonly string[] {
  if (!judgement || judgement.judged === 0) return [];
  if (judgement.differ === 0) return ['none'];
  const share = judgement.differ / judgement.judged;
  return ['any', share >= LARGE ? 'large' : share >= MIDDLING ? 'middling' : 'small'];
}

/** The number of chains by facet and value, among those that match the query in all other facets. */
export function countFacets(index: DatasetIndex, query: ChainQuery = {}): Record<Facet, Map<string, number>> {
  const selected = selectedValues(query);
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map()])) as Record<Facet, Map<string, number>>;
  for (const chain of index.chains()) {
    const missed = selected
      .filter(([facet, values]) => !facetValues(index, chain, facet, query.as).some((value) => values.has(value)))
      .map(([facet]) => facet);
    if (missed.length > 1) continue;
    // A chain excluded by one facet counts there, to show what widening this facet would add.
    for (const facet of missed.length === 1 ? missed : FACETS) {
      for (const value of facetValues(index, chain, facet, query.as)) {
        counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/** Facets whose values have several spellings. */
const NORMAL: Partial<Record<Facet, (value: string) => string>> = {
  level: (value) => String(normaliseLevel(value)),
  topic: normaliseTopic,
};

function selectedValues(query: ChainQuery): (readonly [Facet, ReadonlySet<string>])[] {
  return FACETS.flatMap((facet) => {
    const values = query[facet];
    return values && values.length > 0 ? [[facet, new Set(values.map(NORMAL[facet] ?? String))] as const] : [];
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
      return [sampleOutcome(chain.outcome, chain.ended)];
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
      return override === undefined || override === sampleOutcome(chain.outcome, chain.ended) ? [] : [override];
    }
    case 'triage':
      return index.suspectGold(chain.problemId) ? ['suspect-gold'] : [];
    case 'reviewer':
      return [...index.review(chain.id).reviewers]
        .filter(([, { decision }]) => decision !== 'pending')
        .map(([name]) => name);
    case 'level':
      return optional(index.problem(chain.problemId)?.level?.toString());
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
