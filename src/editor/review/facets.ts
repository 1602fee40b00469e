import type { SavedReview } from '../../protocol/review.ts';
import type { ChainQuery, Facet } from '../../store/index.ts';

/** A filter of the review queue: one value of a facet. */
export interface FacetChoice {
  facet: Facet;
  value: string;
}

/** Facets of the Review Queue view, in its order. */
export const SHOWN_FACETS = [
  'decision',
  'class',
  'outcome',
  'overruled',
  'triage',
  'round',
  'failed',
  'behaviour',
  'judge',
  'topic',
  'level',
  'reviewer',
] as const satisfies readonly Facet[];
export type ShownFacet = (typeof SHOWN_FACETS)[number];

/** The order of values; facets without an entry are sorted by count. */
const ORDER: Partial<Record<ShownFacet, readonly string[]>> = {
  decision: ['pending', 'accepted', 'rejected', 'skipped'],
  class: ['FT', 'TF', 'TT', 'FF'],
  outcome: [
    ...['correct', 'incorrect', 'truncated', 'blocked', 'refused', 'unfinished', 'empty'],
    ...['unknown', 'timeout', 'error'],
  ],
  overruled: ['correct', 'incorrect', 'unknown'],
  behaviour: ['verification', 'backtracking', 'subgoal', 'backward'],
  judge: ['any', 'large', 'middling', 'small', 'none'],
};

const byName = new Intl.Collator('en', { numeric: true });

/** The values of a facet with their counts, as the view lists them. */
export function orderedValues(facet: ShownFacet, counts: ReadonlyMap<string, number>): [string, number][] {
  const order = ORDER[facet];
  const rank = (value: string): number => {
    const at = order?.indexOf(value) ?? -1;
    return at < 0 ? (order?.length ?? 0) : at;
  };
  const sortsByName = facet === 'round' || facet === 'level';
  return [...counts].sort(
    ([a, countA], [b, countB]) => rank(a) - rank(b) || (sortsByName ? 0 : countB - countA) || byName.compare(a, b),
  );
}

/** The store's query for the filters of the queue, with the decisions of `reviewer`. Values of one facet are alternatives. */
export function queryFor(filters: readonly FacetChoice[], reviewer: string): ChainQuery {
  const values: Partial<Record<Facet, string[]>> = {};
  for (const { facet, value } of filters) values[facet] = [...(values[facet] ?? []), value];
  return { ...values, as: reviewer };
}

/** The filters of a restored panel, without unknown facets. */
export function filtersFrom({ filters, facet: only }: Pick<SavedReview, 'filters' | 'facet'>): FacetChoice[] {
  return (only === undefined ? filters : [only]).flatMap(({ facet: name, value }) => {
    const facet = SHOWN_FACETS.find((one) => one === name);
    return facet === undefined ? [] : [{ facet, value }];
  });
}

export function isFacetChoice(value: unknown): value is FacetChoice {
  return typeof value === 'object' && value !== null && 'facet' in value && 'value' in value;
}
