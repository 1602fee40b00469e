import type { MappedTrace, TracePlace } from '../../core/dataset/index.ts';

/** What the host asks the thread that reads a file. */
export type FileRequest =
  | { kind: 'row'; index: number }
  /** The first rows that can be read. */
  | { kind: 'first'; count: number }
  /** The trace graded and marked, as a chain. */
  | { kind: 'grade'; trace: MappedTrace; gold: string | undefined; place: TracePlace };

/** Message from the thread: an answer to a request by its number, or what was found of the file. */
export type FromFileThread =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; advice: string } }
  | FoundRows;

/** Rows found so far, and bytes searched for them of the size of the file. */
export interface FoundRows {
  found: { rows: number; searched: number; size: number };
}

/** The data of the thread. */
export interface FileThreadData {
  path: string;
  gradingWorker: string;
}
