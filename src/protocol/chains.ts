import { z } from 'zod';
import { BatchAct } from '../core/review/batch.ts';
import { COLUMN_IDS, ColumnLayout } from '../core/review/table/columns.ts';
import { RowRange } from '../core/review/table/ranges.ts';
import { LONGEST_QUERY, TableSort, ViewName } from '../core/review/table/view.ts';
import { ChainClass, Decision, Outcome } from '../core/schemas/index.ts';
import { PAGE_REPORTS } from './page.ts';
import { Difficulty } from './review.ts';

/** What the table shows of one chain. A property that the source does not know is absent. */
export const ChainTableRow = z.object({
  id: z.string().min(1),
  problemId: z.string().optional(),
  /** The beginning of the problem, in one line. */
  problem: z.string(),
  level: z.string().optional(),
  topic: z.string().optional(),
  round: z.string().optional(),
  model: z.string().optional(),
  /** Id of the chain that it continues or repairs. */
  parent: z.string().optional(),
  class: ChainClass.optional(),
  /** Of the final answer, or how the reply ended without one; see sampleOutcome. */
  verdict: z.string().optional(),
  /** Of the first answer of a dialogue chain. */
  first: Outcome.optional(),
  tokens: z.number().int().nonnegative().optional(),
  /** Ids of the failed filters; `quota` if only the quota of its round filtered it out. */
  filters: z.array(z.string()),
  /** What the last examination found. */
  findings: z.array(z.string()),
  /** The first of the near duplicates of its problem. */
  group: z.string().optional(),
  /** The first of the near duplicates of its reply. */
  replyGroup: z.string().optional(),
  /** Acts per 1,000 tokens. */
  verification: z.number().nonnegative().optional(),
  backtracking: z.number().nonnegative().optional(),
  subgoal: z.number().nonnegative().optional(),
  backward: z.number().nonnegative().optional(),
  passRate: Difficulty.optional(),
  /** Of the reviewers who decided. */
  decisions: z.array(z.object({ reviewer: z.string(), decision: Decision })),
  edited: z.boolean().optional(),
  /** Of all reviewers. */
  tags: z.array(z.string()),
  assigned: z.array(z.string()),
});
export type ChainTableRow = z.infer<typeof ChainTableRow>;

/** A field of the query language, with the values in the dataset for completion. */
export const TableField = z.object({
  name: z.string(),
  about: z.string(),
  values: z.array(z.string()),
});
export type TableField = z.infer<typeof TableField>;

/** A value of a facet; `chosen` if the query selects it. */
const FacetValue = z.object({
  value: z.string(),
  label: z.string(),
  count: z.number().int().nonnegative(),
  chosen: z.boolean(),
});
/** A facet with the number of chains that each of its values would leave. */
export const TableFacet = z.object({ field: z.string(), title: z.string(), values: z.array(FacetValue) });
export type TableFacet = z.infer<typeof TableFacet>;

/** What a file is read for, before fields are known: its rows, or their grades. */
const reading = z.enum(['rows', 'grades']);
/** Fields of a file that it was not read for. */
export const UnreadFields = z.object({
  reading,
  fields: z.array(z.string()),
  /** Of the file: `10.0 GB`. */
  size: z.string(),
});
export type UnreadFields = z.infer<typeof UnreadFields>;
/** What is being read of a file, and how far. */
export const TableReading = z.object({ doing: z.enum(['rows', 'grades', 'texts']), share: z.number().min(0).max(1) });
export type TableReading = z.infer<typeof TableReading>;

/** The acts on several chains, as the page names them. */
const batchKinds = BatchAct.options.map((option) => option.shape.act.value) as [BatchAct['act'], ...BatchAct['act'][]];
export type BatchKind = BatchAct['act'];

/** What a table is restored from after a reload of the window. */
export const SavedTable = z.object({
  /** Of the dataset. */
  folder: z.string(),
  query: z.string().max(LONGEST_QUERY),
  sort: TableSort.nullable(),
});
export type SavedTable = z.infer<typeof SavedTable>;

const version = z.number().int().nonnegative();

/** Host to page. A snapshot is whole, since a hidden page loses messages. */
export const ToChainsPage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    dataset: z.string(),
    reviewer: z.string(),
    /** Number of the last `find` that it answers; 0 before the first one. */
    request: z.number().int().nonnegative(),
    /** Changes when the listed chains or their order do. */
    version,
    query: z.string(),
    /** Each clause of the query: as it is typed, and as the chips show it. */
    clauses: z.array(z.object({ text: z.string(), label: z.string() })),
    sort: TableSort.nullable(),
    /** Columns that the source knows. */
    columns: z.array(z.enum(COLUMN_IDS)),
    layout: ColumnLayout,
    /** Chains that match, and chains of the source. */
    total: z.number().int().nonnegative(),
    all: z.number().int().nonnegative(),
    /** Selected rows in the present order. */
    selected: z.array(RowRange),
    facets: z.array(TableFacet),
    fields: z.array(TableField),
    /** Names and queries of the saved views; absent where none can be saved. */
    views: z.array(z.object({ name: z.string(), query: z.string() })).optional(),
    /** The page keeps it; absent for a table that is not restored. */
    saved: SavedTable.optional(),
    canUndo: z.boolean(),
    canRedo: z.boolean(),
    /** Of a file; absent for a dataset. */
    unread: z.array(UnreadFields).optional(),
    offset: z.number().int().nonnegative(),
    rows: z.array(ChainTableRow),
  }),
  z.object({
    type: z.literal('rows'),
    version,
    offset: z.number().int().nonnegative(),
    rows: z.array(ChainTableRow),
  }),
  /** The query can't be read, in `[start, end)` of its text where that is known. */
  z.object({
    type: z.literal('refused'),
    request: z.number().int().positive(),
    message: z.string(),
    start: z.number().int().nonnegative().optional(),
    end: z.number().int().nonnegative().optional(),
  }),
  /** A view with other columns was opened. */
  z.object({ type: z.literal('layout'), layout: ColumnLayout }),
  /** The answer to `plan`. */
  z.object({
    type: z.literal('plan'),
    kind: z.enum(batchKinds),
    text: z.string(),
    /** `Accept 212 chains: 209 pending, 3 already rejected by you.` */
    description: z.string(),
    /** Chains that it changes. */
    count: z.number().int().nonnegative(),
    /** The text is valid. */
    ready: z.boolean(),
    problem: z.string().optional(),
    suggestions: z.array(z.string()),
  }),
  /** Of a file; absent at the end of all reading. */
  z.object({ type: z.literal('reading'), reading: TableReading.optional() }),
  z.object({ type: z.literal('announce'), text: z.string(), tone: z.enum(['info', 'warning', 'error']) }),
]);
export type ToChainsPage = z.infer<typeof ToChainsPage>;
export type ChainsSnapshot = Extract<ToChainsPage, { type: 'snapshot' }>;

const target = { kind: z.enum(batchKinds), text: z.string().max(10_000), chainId: z.string().min(1).optional() };

/** Most rows of one answer. */
export const MOST_ROWS = 500;

/** Page to host. */
export const FromChainsPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** Answered by a snapshot or `refused` with the same number. */
  z.object({
    type: z.literal('find'),
    request: z.number().int().positive(),
    query: z.string().max(LONGEST_QUERY),
    sort: TableSort.nullable(),
  }),
  /** Adds a value of a facet to the query, removes it, or excludes it. */
  z.object({
    type: z.literal('choose'),
    request: z.number().int().positive(),
    field: z.string(),
    value: z.string(),
    how: z.enum(['toggle', 'exclude']),
  }),
  z.object({
    type: z.literal('rows'),
    version,
    offset: z.number().int().nonnegative(),
    limit: z.number().int().positive().max(MOST_ROWS),
  }),
  z.object({ type: z.literal('select'), version, ranges: z.array(RowRange) }),
  z.object({ type: z.literal('layout'), layout: ColumnLayout }),
  z.object({ type: z.literal('openView'), request: z.number().int().positive(), name: ViewName }),
  /** Saves query, order and columns under a name; a view of that name is replaced. */
  z.object({ type: z.literal('saveView'), name: ViewName }),
  z.object({ type: z.literal('removeView'), name: ViewName }),
  /** What an act on the selected chains would do; on `chainId` if none is selected. */
  z.object({ type: z.literal('plan'), ...target }),
  /** Does what the shown plan says. */
  z.object({ type: z.literal('apply'), ...target }),
  /** Reads what the fields of a reading need; or ends all reading of the file. */
  z.object({ type: z.literal('read'), reading }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('reverse'), how: z.enum(['undo', 'redo']) }),
  /** Exports the selected chains, or lets a model judge them. */
  z.object({ type: z.literal('send'), to: z.enum(['export', 'judge']), chainId: z.string().min(1).optional() }),
  /** Opens the reader at a chain, with the query and order of the table. */
  z.object({ type: z.literal('open'), chainId: z.string().min(1) }),
  ...PAGE_REPORTS,
]);
export type FromChainsPage = z.infer<typeof FromChainsPage>;
