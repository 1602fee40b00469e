import { mapRow, valueAt } from '../core/importing/index.ts';
import type { ColumnMapping } from '../core/model/index.ts';
import { oneLine } from './format.ts';

/** One row as the preview shows it: what would be imported, or why nothing would. */
type PreviewedRow = { problem: string; answer: string } | { reason: string };

/** The first rows read through a mapping. */
export function previewRows(rows: readonly unknown[], mapping: ColumnMapping, count: number): PreviewedRow[] {
  return rows.slice(0, count).map((row) => {
    const mapped = mapRow(row, mapping);
    if ('reason' in mapped) return { reason: mapped.reason };
    return { problem: oneLine(mapped.problem.problem, 90), answer: oneLine(mapped.problem.answer, 40) };
  });
}

/** Which columns a mapping uses besides problem and answer, by what they are used for. */
export function furtherColumns(mapping: ColumnMapping): [use: string, column: string][] {
  const uses = ['id', 'solution', 'level', 'topic', 'source', 'licence'] as const;
  return uses.flatMap((use) => {
    const column = mapping[use];
    return column === undefined ? [] : [[use, column] as [string, string]];
  });
}

/** The mapping with another problem or answer column; a column has one use among these two. */
export function withColumn(mapping: ColumnMapping, use: 'problem' | 'answer', column: string): ColumnMapping {
  const other = use === 'problem' ? 'answer' : 'problem';
  const swapped = mapping[other] === column ? { [other]: mapping[use] } : {};
  return { ...mapping, ...swapped, [use]: column };
}

/** The first value that a column has, to tell it by. */
export function columnSample(rows: readonly unknown[], column: string): string {
  const value = rows.map((row) => valueAt(row, column)).find((one) => one !== undefined && one !== null);
  if (value === undefined) return '';
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value), 80);
}
