import type { MappedTrace, TracePlace } from '../../core/dataset/index.ts';
import type { Query } from '../../core/query/query.ts';
import type { FileMapping } from '../../core/schemas/index.ts';
import type { Facet, Sort } from '../../store/index.ts';
import type { Reading } from '../../store/trace-table/readings.ts';
import type { FoundTraces } from '../../store/trace-table/trace-table.ts';
import type { TraceReviews } from '../../store/trace-table/traces-for-query.ts';

/** What the host asks the thread that reads a file. */
export type FileRequest =
  | { kind: 'row'; index: number }
  /** As RowFile. */
  | { kind: 'rowOfLine'; line: number }
  /** The first rows that can be read. */
  | { kind: 'first'; count: number }
  /** The trace graded and marked, as a chain. */
  | { kind: 'grade'; trace: MappedTrace; gold: string | undefined; place: TracePlace }
  /** Which column means what, from now on. */
  | { kind: 'columns'; columns: FileMapping | undefined }
  /** The chains of a query. `reviews`: absent while they are the same as in the last request. */
  | {
      kind: 'find';
      query: Query;
      sort: Sort | undefined;
      reviewer: string;
      facets: readonly Facet[];
      reviews?: TraceReviews;
    }
  | { kind: 'read'; reading: Reading }
  /** Rows of the chain table. */
  | { kind: 'tableRows'; ids: readonly string[] }
  /** See TraceFacts. */
  | { kind: 'facts'; ids: readonly string[] }
  /** Whether the file is as it was when it was opened, or grew. */
  | { kind: 'isSame' }
  /** Takes in what was appended. The answer is that of RowFile. */
  | { kind: 'grow' };

/** The host's messages: requests by number, and the end of one. */
export type ToFileThread = (FileRequest & { id: number }) | { kind: 'abort'; id: number };

/** The answer to `find`. */
export interface FoundInFile extends FoundTraces {
  reading: Reading;
  /** As FileOrder; absent while it is the same as in the last answer. */
  several?: Uint32Array;
}

/** What the thread does for a request, and how far it is, 0 to 1. */
export interface FileProgress {
  doing: 'rows' | 'grades' | 'texts';
  share: number;
}

/** Message from the thread: an answer to a request by its number, its progress, or what was found of the file. */
export type FromFileThread =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; advice: string; kind: string } }
  | { id: number; progress: FileProgress }
  | FoundRows;

/** Rows found so far, and bytes searched for them of the size of the file. */
export interface FoundRows {
  found: { rows: number; searched: number; size: number };
}

/** The data of the thread. */
export interface FileThreadData {
  path: string;
  /** Folder of the bundles. */
  dist: string;
  /** Folder where what was read is kept for the next time. */
  kept: string;
}
