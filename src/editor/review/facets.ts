import type { Facet } from '../../store/index.ts';

/** A value of a facet, as the Review Queue view lists it. */
export interface FacetChoice {
  facet: ShownFacet;
  value: string;
}

/** Facets of the Review Queue view, in its order. */
export const SHOWN_FACETS = [
  'decision',
  'class',
  'verdict',
  'first',
  'overruled',
  'steps',
  'triage',
  'finding',
  'round',
  'failed',
  'behaviour',
  'judge',
  'topic',
  'level',
  'reviewer',
  'tag',
  'assigned',
] as const satisfies readonly Facet[];
export type ShownFacet = (typeof SHOWN_FACETS)[number];

const VERDICTS = [
  ...['correct', 'incorrect', 'truncated', 'blocked', 'refused', 'unfinished', 'empty'],
  ...['unknown', 'timeout', 'error'],
];

/** The order of values; facets without an entry are sorted by count. */
const ORDER: Partial<Record<ShownFacet, readonly string[]>> = {
  decision: ['pending', 'accepted', 'rejected', 'skipped'],
  class: ['FT', 'TF', 'TT', 'FF'],
  verdict: VERDICTS,
  first: VERDICTS,
  overruled: ['correct', 'incorrect', 'unknown'],
  steps: ['wrong', 'right', 'some'],
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
