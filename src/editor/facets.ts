import type { ChainQuery, Facet } from '../store/index.ts';

/** One value that the review queue is narrowed to. */
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

/** Values in the order in which a reviewer asks for them; facets without an entry go by count. */
const ORDER: Partial<Record<ShownFacet, readonly string[]>> = {
  decision: ['pending', 'accepted', 'rejected', 'skipped'],
  class: ['FT', 'TF', 'TT', 'FF'],
  outcome: ['correct', 'incorrect', 'unknown', 'timeout', 'error'],
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

/** The store's query for a choice, with decisions as `reviewer` made them. */
export function queryFor(choice: FacetChoice | undefined, reviewer: string): ChainQuery {
  return { ...(choice === undefined ? {} : { [choice.facet]: [choice.value] }), as: reviewer };
}

/** The choice of an earlier window; undefined when there was none, or the name is of no facet that the view has. */
export function choiceFrom(saved: { facet: string; value: string } | undefined): FacetChoice | undefined {
  const facet = SHOWN_FACETS.find((one) => one === saved?.facet);
  return saved === undefined || facet === undefined ? undefined : { facet, value: saved.value };
}

export function isFacetChoice(value: unknown): value is FacetChoice {
  return typeof value === 'object' && value !== null && 'facet' in value && 'value' in value;
}
