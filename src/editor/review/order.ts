import { findField } from '../../core/query/fields.ts';
import { columnOf } from '../../core/review/table/columns.ts';
import type { TableSort } from '../../core/review/table/view.ts';
import type { Sort } from '../../store/index.ts';

/** The store's order for that of the queue or the table; undefined for chains as stored. */
export function sortOf(sort: TableSort | null): Sort | undefined {
  if (sort === null) return undefined;
  if ('by' in sort) return sort;
  const { column, descending } = sort;
  // A unit test checks that every column names a field.
  return { field: findField(columnOf(column).field)?.name as Extract<Sort, { field: unknown }>['field'], descending };
}
