import { describe, expect, it } from 'vitest';
import { orderedValues, SHOWN_FACETS } from '../../../src/editor/review/facets.ts';
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
});
