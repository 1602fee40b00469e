import { describe, expect, it } from 'vitest';
import { choiceFrom, orderedValues, queryFor, SHOWN_FACETS } from '../../../src/editor/facets.ts';
import { queryProblems } from '../../../src/editor/problem-scope.ts';
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
    expect(queryFor({ facet: 'class', value: 'FT' }, 'me')).toEqual({ class: ['FT'], as: 'me' });
    expect(queryFor(undefined, 'me')).toEqual({ as: 'me' });
  });

  it('come back from a saved state as they were, and not at all under a name that the view has not', () => {
    for (const facet of SHOWN_FACETS) expect(choiceFrom({ facet, value: 'x' })).toEqual({ facet, value: 'x' });
    expect(choiceFrom({ facet: 'constructor', value: 'x' })).toBeUndefined();
    expect(choiceFrom(undefined)).toBeUndefined();
  });
});

it('a round takes problems of the wanted levels and topics; one without a level fits no level', () => {
  const problems = [
    { id: 'a', level: '1', topic: 'algebra' },
    { id: 'b', level: '2', topic: 'algebra' },
    { id: 'c', topic: 'algebra' },
  ];
  const ids = (scope: Parameters<typeof queryProblems>[1]) => queryProblems(problems, scope).map(({ id }) => id);
  expect(ids({})).toEqual(['a', 'b', 'c']);
  expect(ids({ levels: ['1'] })).toEqual(['a']);
  expect(ids({ levels: ['1', '2'], topics: ['geometry'] })).toEqual([]);
});
