import { hasValue, type Query } from '../../../core/query/query.ts';
import type { TableFacet } from '../../../protocol/chains.ts';
import { fieldName, valueName } from '../facet-names.ts';
import { orderedValues, SHOWN_FACETS, type ShownFacet } from '../facets.ts';

/** Values of a facet that go to the page. */
export const MOST_VALUES = 300;

/** The facets with a value, as the table lists them. */
export function tableFacets(
  counts: { readonly [F in ShownFacet]?: ReadonlyMap<string, number> },
  query: Query,
): TableFacet[] {
  return SHOWN_FACETS.flatMap((field): TableFacet[] => {
    const values = orderedValues(field, counts[field] ?? new Map()).slice(0, MOST_VALUES);
    if (values.length === 0) return [];
    const shown = values.map(([value, count]) => ({
      ...{ value, label: valueName(field, value), count },
      chosen: hasValue(query, field, value),
    }));
    return [{ field, title: fieldName(field), values: shown }];
  });
}
