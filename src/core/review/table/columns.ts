import { z } from 'zod';

interface ColumnSpec {
  id: string;
  title: string;
  /** In pixels, until it is changed. */
  width: number;
  /** Numbers are aligned to the right. */
  number?: true;
  /** Shown until the columns are chosen. */
  shown?: true;
  /** The field of the query language that it is sorted by. */
  field: string;
}

/** The columns of the chain table, in their first order. */
export const COLUMNS = [
  { id: 'problem', title: 'Problem', width: 250, shown: true, field: 'problem' },
  { id: 'level', title: 'Level', width: 64, shown: true, field: 'level' },
  { id: 'topic', title: 'Topic', width: 110, shown: true, field: 'topic' },
  { id: 'round', title: 'Round', width: 120, field: 'round' },
  { id: 'model', title: 'Model', width: 140, field: 'model' },
  { id: 'parent', title: 'Made from', width: 150, field: 'parent' },
  { id: 'class', title: 'Class', width: 60, shown: true, field: 'class' },
  { id: 'verdict', title: 'Verdict', width: 90, shown: true, field: 'verdict' },
  { id: 'first', title: 'First answer', width: 116, shown: true, field: 'first' },
  { id: 'tokens', title: 'Tokens', width: 84, number: true, shown: true, field: 'tokens' },
  { id: 'filters', title: 'Filtered out by', width: 130, shown: true, field: 'failed' },
  { id: 'findings', title: 'Findings', width: 150, field: 'finding' },
  { id: 'group', title: 'Near-duplicate problems', width: 180, field: 'group' },
  { id: 'replyGroup', title: 'Near-duplicate replies', width: 180, field: 'replyGroup' },
  { id: 'verification', title: 'Verification', width: 104, number: true, shown: true, field: 'verification' },
  { id: 'backtracking', title: 'Backtracking', width: 112, number: true, shown: true, field: 'backtracking' },
  { id: 'subgoal', title: 'Subgoal', width: 80, number: true, field: 'subgoal' },
  { id: 'backward', title: 'Backward', width: 85, number: true, field: 'backward' },
  { id: 'passRate', title: 'Pass rate', width: 150, shown: true, field: 'passRate' },
  { id: 'decision', title: 'Decision', width: 150, shown: true, field: 'decision' },
  { id: 'tags', title: 'Tags', width: 120, shown: true, field: 'tag' },
  { id: 'assigned', title: 'Assigned to', width: 110, field: 'assigned' },
  { id: 'edited', title: 'Edited', width: 65, field: 'edited' },
] as const satisfies readonly ColumnSpec[];

export type ColumnId = (typeof COLUMNS)[number]['id'];
export const COLUMN_IDS = COLUMNS.map(({ id }) => id) as [ColumnId, ...ColumnId[]];

export const MIN_WIDTH = 40;
export const MAX_WIDTH = 2000;

/** A shown column. */
export const ShownColumn = z.object({ id: z.enum(COLUMN_IDS), width: z.number().min(MIN_WIDTH).max(MAX_WIDTH) });
export type ShownColumn = z.infer<typeof ShownColumn>;

/** The shown columns in order. */
export const ColumnLayout = z
  .array(ShownColumn)
  .min(1)
  .refine((columns) => new Set(columns.map(({ id }) => id)).size === columns.length, 'a column is listed twice');
export type ColumnLayout = z.infer<typeof ColumnLayout>;

export const DEFAULT_LAYOUT: ColumnLayout = COLUMNS.flatMap((column) =>
  'shown' in column ? [{ id: column.id, width: column.width }] : [],
);

export function columnOf(id: ColumnId): ColumnSpec & { id: ColumnId } {
  const column = COLUMNS.find((one) => one.id === id);
  if (column === undefined) throw new RangeError(`no column ${id}`);
  return column;
}

/** The layout with a column moved before the column at index `to`, or to the end. */
export function moveColumn(layout: ColumnLayout, id: ColumnId, to: number): ColumnLayout {
  const from = layout.findIndex((column) => column.id === id);
  const moved = layout[from];
  if (moved === undefined) return layout;
  const rest = layout.filter((column) => column !== moved);
  return rest.toSpliced(to > from ? to - 1 : to, 0, moved);
}

/** The layout with another width of a column, within the limits. */
export function resizeColumn(layout: ColumnLayout, id: ColumnId, width: number): ColumnLayout {
  const fitting = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
  return layout.map((column) => (column.id === id ? { ...column, width: fitting } : column));
}

/** The layout with a hidden column at its end, or without a shown one; the last column stays. */
export function toggleColumn(layout: ColumnLayout, id: ColumnId): ColumnLayout {
  const rest = layout.filter((column) => column.id !== id);
  if (rest.length === layout.length) return [...layout, { id, width: columnOf(id).width }];
  return rest.length === 0 ? layout : rest;
}
