import type { ExaminedRow } from '../../core/examine/row.ts';

/** A row, or why it can’t be read. */
export type RowOrReason = ExaminedRow | { id: string; line?: number; reason: string };

/** Rows to examine, always in the same order. */
export interface ExaminedSource {
  /** How the report calls it. */
  name: string;
  /** Changes when the rows do. */
  identity: string;
  /** All rows; `done` of `total` in `unit` is read. */
  rows(signal?: AbortSignal): AsyncIterable<{ row: RowOrReason; done: number }>;
  total: number;
  unit: 'bytes' | 'rows';
}
