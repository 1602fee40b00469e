import type { Query } from '../../../core/query/query.ts';
import type { BatchAct, BatchPlan } from '../../../core/review/batch.ts';
import type { ColumnId } from '../../../core/review/table/columns.ts';
import type { TableSort } from '../../../core/review/table/view.ts';
import type { ChainTableRow, TableFacet, TableField, TableReading, UnreadFields } from '../../../protocol/chains.ts';

/** Ids of chains in an order. They are read when they are asked for, since a list may have a million. */
export interface ChainList {
  readonly length: number;
  /** False after a change of the chains, until the query is run again. */
  readonly isCurrent: boolean;
  /** Undefined beyond the end, and in a list of texts that are gone. */
  at(row: number): string | undefined;
  /** -1 for a chain that is not listed. */
  rowOf(id: string): number;
  /** Whether another list of the source is known to be the same. */
  equals(other: ChainList): boolean;
}

/** The chains of a query in their order. */
export interface FoundChains {
  list: ChainList;
  /** Chains of the source, whatever the query. */
  all: number;
  facets: readonly TableFacet[];
}

/** Where the chain table gets its chains: a dataset, or a file that belongs to none. */
export interface TableSource {
  readonly name: string;
  readonly reviewer: string;
  /** Columns that have values. */
  readonly columns: readonly ColumnId[];
  /** Another object after the texts of listed chains changed: what was planned for them is not done. */
  readonly texts: object;
  /** The fields of the query language that have values, for completion. */
  fields(): readonly TableField[];
  /** @throws QueryError */
  find(query: Query, sort: TableSort | null, signal: AbortSignal): Promise<FoundChains>;
  /** The rows of these chains in order. A chain that no longer exists has a row without values. */
  rows(ids: readonly string[]): Promise<ChainTableRow[]>;
  /** What an act on these chains would change. */
  plan(act: BatchAct, ids: readonly string[]): Promise<BatchPlan>;
  /** Does an act on these chains: all of it is on disk, or nothing counts. @returns what `reverse` needs */
  apply(act: BatchAct, ids: readonly string[]): Promise<string>;
  /** Undoes an act on several chains, or restores it. Chains that were changed later are kept. */
  reverse(how: 'undo' | 'redo', batch: string): Promise<{ changed: number; kept: number }>;
  /** Texts that the act may need: known tags, reviewers, reasons. */
  suggestions(kind: BatchAct['act']): readonly string[];
  /** Chains, problems or reviews changed. */
  readonly onDidChange: (listener: () => void) => { dispose(): unknown };
  /** Absent for a dataset, whose fields are all known. Fields of a file are known when it was read for them. */
  readonly unread?: () => readonly UnreadFields[];
  /** Reads what these fields need. */
  readonly read?: (reading: UnreadFields['reading']) => Promise<void>;
  /** What is being read; undefined at its end. */
  readonly onDidRead?: (watcher: (reading: TableReading | undefined) => void) => { dispose(): unknown };
  /** Ends all reading. What was read is kept. */
  readonly cancel?: () => void;
}
