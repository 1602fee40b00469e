import { z } from 'zod';
import { COLUMN_IDS, ColumnLayout } from './columns.ts';

/**
 * How chains are ordered: by a column, by how uncertain their labels are, or at random. `uncertain`: chains without a verdict first, then those in which
 * judge and classifier differ most.
 */
export const TableSort = z.union([
  z.object({ column: z.enum(COLUMN_IDS), descending: z.boolean() }),
  z.object({ by: z.literal('uncertain') }),
  z.object({ by: z.literal('random'), seed: z.number().int().min(0).max(0xffff_ffff) }),
]);
export type TableSort = z.infer<typeof TableSort>;

/** The orders of a queue that have a name; without one, as stored. */
export const NAMED_ORDERS = {
  uncertain: { by: 'uncertain' },
  shortest: { column: 'tokens', descending: false },
  hardest: { column: 'passRate', descending: false },
} as const satisfies Record<string, TableSort>;

/** The column that an order sorts by; undefined for another order. */
export function sortedColumn(sort: TableSort | null): Extract<TableSort, { column: unknown }> | undefined {
  return sort !== null && 'column' in sort ? sort : undefined;
}

export function isSameSort(a: TableSort | null, b: TableSort | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Longest query of a view and of the table, in UTF-16 code units. */
export const LONGEST_QUERY = 20_000;

/** A name as a person writes it: one line, no control characters. */
export const ViewName = z
  .string()
  .max(80)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*[\p{L}\p{N}][^\p{C}\p{Zl}\p{Zp}]*$/u, 'a name has up to 80 characters in one line');

/** A saved view of the chain table: `views/<name>.json` of the dataset. */
export const TableView = z.object({
  version: z.literal(1),
  name: ViewName,
  /** In the query language. */
  query: z.string().max(LONGEST_QUERY),
  /** Null: as stored. */
  sort: TableSort.nullable(),
  columns: ColumnLayout,
});
export type TableView = z.infer<typeof TableView>;
