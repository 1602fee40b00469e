/** A row, or why it can't be read. `line` counts lines of JSONL and CSV, elements of a JSON list and rows of Parquet from 1. `read`: bytes read so far. */
export type SourceRow = { line: number; read: number; row: unknown } | { line: number; read: number; reason: string };

export interface SourceOptions {
  signal?: AbortSignal;
  /** Most rows that are needed; a format read in blocks may skip the rest. */
  most?: number;
}

/** Largest row in bytes, since each is held in memory. */
export const MAX_ROW = 10_000_000;
