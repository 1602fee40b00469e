import { describe, expect, it } from 'vitest';
import { filtersFrom, orderedValues, queryFor, SHOWN_FACETS } from '../../../src/editor/review/facets.ts';
import { SavedReview } from '../../../src/protocol/review.ts';
import { FACETS } from '../../../src/store/index.ts';

describe('facets of the review queue', () => {
  it('are facets of the store', () => {
    expect(SHOWN_FACETS.filter((facet) => !(FACETS as readonly string[]).includes(facet))).toEqual([]);
  });

  it('list what is to be done first, levels and rounds by number, all else by count', () => {
    const values = (facet: (typeof SHOWN_FACETS)[number], counts: Record<string, number>) =>
      orderedValues(facet, new Map(Object.entries(counts))).map(([value]) => value);
    expect(values('decision', { accepted: 9, pending: 1 })).toEqual(['pending', 'accepted']);
    expect(values('class', { FF: 9, TT: 5, FT: 1 })).toEqual(['FT', 'TT', 'FF']);
    expect(values('round', { '10-a': 1, '9-b': 5 })).toEqual(['9-b', '10-a']);
    expect(values('failed', { 'one-box': 1, gradable: 5, 'no-leak': 1 })).toEqual(['gradable', 'no-leak', 'one-box']);
  });

  it('become a query with the decisions of one reviewer', () => {
    expect(queryFor([{ facet: 'class', value: 'FT' }], 'me')).toEqual({ class: ['FT'], as: 'me' });
    expect(queryFor([], 'me')).toEqual({ as: 'me' });
  });

  it('come back from a saved state as they were, and not at all under a name that the view has not', () => {
    const all = SHOWN_FACETS.map((facet) => ({ facet, value: 'x' }));
    expect(filtersFrom({ filters: [...all, { facet: 'constructor', value: 'x' }] })).toEqual(all);
  });

  it('come back from the state of an earlier version, which had one', () => {
    const saved = SavedReview.parse({ dataset: 'file:///d', facet: { facet: 'class', value: 'FT' } });
    expect(filtersFrom(saved)).toEqual([{ facet: 'class', value: 'FT' }]);
  });
});
