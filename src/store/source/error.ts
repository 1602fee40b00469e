/** A file to be imported cannot be read at all; `advice` says what a person can do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** A row, or why it is none. `line` counts from 1: lines of JSONL and CSV, elements of a JSON list, rows of Parquet. `read`: bytes of the file so far. */
export type SourceRow = { line: number; read: number; row: unknown } | { line: number; read: number; reason: string };

export interface SourceOptions {
  signal?: AbortSignal;
  /** The reader wants no more rows than this; a format that is read in blocks then leaves out the rest. */
  most?: number;
}

/** Larger rows, in bytes, are refused: no problem or trace is that long, and each is held in memory. */
export const MAX_ROW = 10_000_000;
