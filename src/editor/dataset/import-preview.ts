import { mapRow, valueAt } from '../../core/dataset/index.ts';
import type { ColumnMapping } from '../../core/schemas/index.ts';
import { oneLine } from '../../core/text/format.ts';

/** A row of the preview: what would be imported, or the reason why not. */
type PreviewedRow = { problem: string; answer: string } | { reason: string };

/** The first rows read through a mapping. */
export function previewRows(rows: readonly unknown[], mapping: ColumnMapping, count: number): PreviewedRow[] {
  return rows.slice(0, count).map((row) => {
    const mapped = mapRow(row, mapping);
    if ('reason' in mapped) return { reason: mapped.reason };
    return { problem: oneLine(mapped.problem.problem, 90), answer: oneLine(mapped.problem.answer, 40) };
  });
}

/** Columns by use: the keys of ColumnMapping or TraceMapping. `answerFrom` is how the answer is read. */
export type Columns = Readonly<Record<string, string | undefined>>;

/** Uses of a mapping other than `asked`, in one line: `id, level ← meta.level`. */
export function furtherColumns(mapping: Columns, asked: readonly string[]): string {
  return Object.entries(mapping)
    .filter(([use, column]) => column !== undefined && use !== 'answerFrom' && !asked.includes(use))
    .map(([use, column]) => (use === column ? use : `${use} ← ${column}`))
    .join(', ');
}

/**
 * The mapping with another column for a use, or none. If another use has the column, they swap.
 * @param sharable Whether a column may have two uses, such as a chat with problem and trace.
 */
export function withColumn(
  mapping: Columns,
  uses: readonly string[],
  use: string,
  column: string | undefined,
  sharable: (column: string) => boolean = () => false,
): Columns {
  const other = uses.find((one) => one !== use && mapping[one] === column);
  const takes = column !== undefined && other !== undefined && !sharable(column);
  return { ...mapping, ...(takes ? { [other]: mapping[use] } : {}), [use]: column };
}

/**
 * The columns to choose from for a use. A use without a column gets the free columns, since taking one from another use would ask for that
 * use again; all columns if none is free.
 */
export function offeredColumns(
  columns: readonly string[],
  mapping: Columns,
  uses: readonly string[],
  use: string,
  sharable: (column: string) => boolean = () => false,
): readonly string[] {
  if (mapping[use] !== undefined) return columns;
  const free = columns.filter((column) => sharable(column) || !uses.some((one) => mapping[one] === column));
  return free.length === 0 ? columns : free;
}

/** The first value of a column. */
export function columnSample(rows: readonly unknown[], column: string): string {
  const value = rows.map((row) => valueAt(row, column)).find((one) => one !== undefined && one !== null);
  if (value === undefined) return '';
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value), 80);
}
