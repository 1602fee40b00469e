import { z } from 'zod';
import { Clause, Query } from '../core/query/query.ts';
import { Estimate } from '../core/review/calibration/model.ts';
import { Pace } from '../core/review/pace.ts';
import { PhaseRun } from '../core/review/phase-runs.ts';
import { Override, ReviewState } from '../core/review/state.ts';
import {
  Behaviour,
  BehaviourRate,
  Chain,
  Decision,
  GradingPolicy,
  Outcome,
  PieceRecord,
  Problem,
  ReviewAct,
  SuspectGoldRecord,
} from '../core/schemas/index.ts';
import { ContinueEvent } from './continuation.ts';
import { REVIEW_KEYS, type ReviewAction } from './keys.ts';
import { PAGE_REPORTS } from './page.ts';
import { ShownStepValues } from './step-values.ts';

/** A place in the reviewed text where an answer is stated; `outcome` where it was graded. */
export const Candidate = z.object({
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  answer: z.string(),
  /** In a box, called the answer, or concluded. */
  how: z.enum(['boxed', 'stated', 'concluded']),
  outcome: Outcome.optional(),
});
export type Candidate = z.infer<typeof Candidate>;

/** How often the problem was solved so far, by the model of the chain where it is a sampled one, else in dialogue rounds; `mean`, `low` and `high` are of the Beta posterior, 90 % interval. */
export const Difficulty = z.object({
  attempts: z.number().int().nonnegative(),
  successes: z.number().int().nonnegative(),
  mean: z.number().min(0).max(1),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
});
export type Difficulty = z.infer<typeof Difficulty>;

/** A chain without the texts of its pieces: the reader shows the assembled text, and a long trace travels once. */
const ReviewChain = Chain.omit({
  pieces: true,
  text: true,
  segments: true,
  spans: true,
  candidates: true,
}).extend({
  pieces: z.array(PieceRecord.omit({ text: true, reasoning: true })),
});
export type ReviewChain = z.infer<typeof ReviewChain>;

/** Another reviewer's word on the chain. */
export const OtherReview = z.object({
  reviewer: z.string(),
  decision: Decision,
  reason: z.string().optional(),
  override: Override.optional(),
  tags: z.array(z.string()).optional(),
  assigned: z.string().optional(),
});
export type OtherReview = z.infer<typeof OtherReview>;

/** A sentence for which judge and classifier differ. */
export const Disagreement = z.object({
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  judge: z.array(Behaviour),
  classifier: z.array(Behaviour),
});
export type Disagreement = z.infer<typeof Disagreement>;

/** Everything the reader shows of one chain. */
export const ReviewItem = z.object({
  chain: ReviewChain,
  /** Without a text or an answer where the row of a file has none. */
  problem: Problem.extend({ problem: z.string(), answer: z.string() }),
  /** By which the chain was graded: that of its last regrading, or of its round. */
  policy: GradingPolicy,
  /** That of the dataset, which a regrade goes by; absent where it is the same. */
  policyNow: GradingPolicy.optional(),
  /** This reviewer's state; its text, segments and spans are what is painted. */
  state: ReviewState,
  difficulty: Difficulty.optional(),
  /** Samples of the problem agree on another answer than the trusted one, and none gives that. */
  suspectGold: SuspectGoldRecord.extend({ round: z.string() }).optional(),
  /** On `state.text`, in order. */
  candidates: z.array(Candidate),
  rates: z.record(Behaviour, BehaviourRate),
  /** How good the marks of a kind are, of the source that set most of them; absent where that was not measured. See MeasuredAccuracy. */
  accuracy: z.partialRecord(
    Behaviour,
    z.object({
      precision: Estimate,
      recall: Estimate.optional(),
      by: z.enum(['calibration', 'people', 'model']),
      few: z.number().int().nonnegative().optional(),
    }),
  ),
  /** It passed the filters and the quota of its round left it out. */
  quotaDropped: z.boolean().optional(),
  others: z.array(OtherReview).optional(),
  /** On `state.text`, in order; absent where no judge has judged the chain, and once its text is edited. */
  disagreements: z.array(Disagreement).optional(),
  /** Absent before they are estimated. */
  values: ShownStepValues.optional(),
  /** Of a file: verdict, filters and spans are not known yet. */
  isGrading: z.boolean().optional(),
  /** Of a file, which may change: another one for another text. An act names the text that was shown. */
  textKey: z.string().optional(),
});
export type ReviewItem = z.infer<typeof ReviewItem>;

export const ReviewCounts = z.object({
  accepted: z.number().int().nonnegative(),
  rejected: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  pending: z.number().int().nonnegative(),
});
export type ReviewCounts = z.infer<typeof ReviewCounts>;

/** An edit that was begun and not saved: the text field over `[start, end)` of `base`'s text. */
export const EditDraft = z.object({
  chainId: z.string().min(1),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** The source that the field began with: the draft is offered only while it still stands there. */
  base: z.string(),
  value: z.string(),
});
export type EditDraft = z.infer<typeof EditDraft>;

/** The place of a review in the reader's saved state, from which a later window restores it. */
export const SavedReview = z.object({
  dataset: z.string(),
  /** All chains in a state of another version. */
  query: Query.catch([]).default([]),
  chainId: z.string().optional(),
});
export type SavedReview = z.infer<typeof SavedReview>;

/** A clause of the queue's query as the reader shows it. */
export const ShownFilter = z.object({ clause: Clause, label: z.string() });
export type ShownFilter = z.infer<typeof ShownFilter>;

/** What the reader shows of a file that it reads where it is. */
export const ReadFile = z.object({
  /** Name without the folder. */
  name: z.string(),
  /** Which column means what, in one line; absent while it is unknown. */
  columns: z.string().optional(),
  /** Rows found so far, and the share of the file that was searched for them, 0 to 1. */
  rows: z.number().int().nonnegative(),
  searched: z.number().min(0).max(1),
  /** Why there is nothing to show, and what to do. */
  trouble: z.string().optional(),
});
export type ReadFile = z.infer<typeof ReadFile>;

const place = {
  /** From 1; 0 when the chain is not in the filtered queue. */
  position: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
  /** Chains of the dataset, whatever the filters. */
  all: z.number().int().nonnegative(),
  counts: ReviewCounts,
  /** Of the session; absent until it is known. */
  pace: Pace.optional(),
  /** Absent for a dataset. */
  file: ReadFile.optional(),
};

/** Samples that are shown side by side, at most. */
export const MOST_COMPARED = 4;

/** Continuations that are requested at a place of a chain. */
export const Continuing = z.object({
  chainId: z.string().min(1),
  /** Code units that are kept. */
  at: z.number().int().nonnegative(),
  samples: z.number().int().positive(),
  model: z.string(),
});
export type Continuing = z.infer<typeof Continuing>;

const actions = REVIEW_KEYS.map(({ action }) => action) as [ReviewAction, ...ReviewAction[]];

/** Host to reader. A snapshot is whole: a hidden reader loses messages, and needs nothing but the next snapshot. */
export const ToReader = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    /** Highest `seq` of the reader that this snapshot has seen; the reader drops one that is behind its own moves. */
    ack: z.number().int().nonnegative(),
    ...place,
    reviewer: z.string(),
    /** Goes into the reader's saved state, so that the editor can bring the panel back. */
    dataset: z.string(),
    /** Likewise; empty when the queue shows all chains. */
    filters: z.array(ShownFilter),
    /** Null when the queue is empty. */
    item: ReviewItem.nullable(),
    /** The neighbours are here before they are asked for: moving on paints without a round trip. */
    next: ReviewItem.nullable(),
    previous: ReviewItem.nullable(),
    draft: EditDraft.optional(),
  }),
  /** Only the numbers moved: a round is running, or another window reviews. */
  z.object({ type: z.literal('progress'), ...place }),
  z.object({ type: z.literal('announce'), text: z.string(), tone: z.enum(['info', 'warning', 'error']) }),
  /** The palette asks for what a key does. */
  z.object({ type: z.literal('perform'), action: z.enum(actions) }),
  /** The compared samples of a problem, again after each change. One item: the problem has no other sample. */
  z.object({
    type: z.literal('compared'),
    /** Highest `seq` of the reader that it has seen. */
    ack: z.number().int().nonnegative(),
    /** All samples of the problem, in order. */
    ids: z.array(z.string().min(1)),
    items: z.array(ReviewItem).min(1).max(MOST_COMPARED),
  }),
  /** Continuations begin, come and end; with a reason if they could not all be made. */
  z.object({ type: z.literal('continuing'), of: Continuing }),
  z.object({ type: z.literal('continued'), event: ContinueEvent }),
  z.object({ type: z.literal('continuingEnded'), error: z.string().optional() }),
  /** The answer to `phases`, with its number. */
  z.object({ type: z.literal('phases'), request: z.number().int().positive(), runs: z.array(PhaseRun) }),
]);
export type ToReader = z.infer<typeof ToReader>;
export type Phases = Extract<ToReader, { type: 'phases' }>;
export type Compared = Extract<ToReader, { type: 'compared' }>;
export type Snapshot = Extract<ToReader, { type: 'snapshot' }>;

const stamps = { id: true, at: true, reviewer: true, chainId: true } as const;
const [accept, reject, skip, note, edit, label, unlabel, respan, step, firstWrongStep, override, tag, untag, assign] =
  ReviewAct.options;

/** An act as the reader asks for it; the host adds id, time, reviewer and chain. */
export const ActPayload = z.discriminatedUnion('act', [
  accept.omit(stamps),
  reject.omit(stamps),
  skip.omit(stamps),
  note.omit(stamps),
  edit.omit(stamps),
  label.omit(stamps),
  unlabel.omit(stamps),
  respan.omit(stamps),
  step.omit(stamps),
  firstWrongStep.omit(stamps),
  override.omit(stamps),
  tag.omit(stamps),
  untag.omit(stamps),
  assign.omit(stamps),
]);
export type ActPayload = z.infer<typeof ActPayload>;

/** A decision on one of several chains. */
export const ChainDecision = z.object({
  chainId: z.string().min(1),
  /** As ReviewItem. */
  textKey: z.string().optional(),
  act: z.discriminatedUnion('act', [accept.omit(stamps), reject.omit(stamps), skip.omit(stamps)]),
});
export type ChainDecision = z.infer<typeof ChainDecision>;

const seq = z.number().int().positive();

/** Reader to host. `seq` counts the reader's moves; every one is answered by a snapshot whose `ack` reaches it. */
export const FromReader = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('act'),
    seq,
    chainId: z.string().min(1),
    /** As ReviewItem. */
    textKey: z.string().optional(),
    act: ActPayload,
  }),
  z.object({ type: z.literal('undo'), seq }),
  z.object({ type: z.literal('redo'), seq }),
  z.object({
    type: z.literal('go'),
    seq,
    to: z.union([z.enum(['next', 'previous']), z.object({ chainId: z.string().min(1) })]),
  }),
  z.object({ type: z.literal('removeFilter'), seq, clause: Clause }),
  /** Asks for a query. */
  z.object({ type: z.literal('filter') }),
  /** Grades the chain again; the snapshot that follows has the new verdict. */
  z.object({ type: z.literal('regrade'), chainId: z.string().min(1) }),
  /** Compares these samples of one problem, filled up to `columns` with the ones that follow. An empty list ends the comparison. */
  z.object({
    type: z.literal('compare'),
    chainIds: z.array(z.string().min(1)).max(MOST_COMPARED),
    columns: z.number().int().min(2).max(MOST_COMPARED),
  }),
  /** Decides on several chains in one step, with one undo. The reader stays where it is. */
  z.object({ type: z.literal('decide'), seq, decisions: z.array(ChainDecision).min(1).max(MOST_COMPARED) }),
  /** Lets the model continue the chain before this place, after a question. */
  z.object({ type: z.literal('continue'), chainId: z.string().min(1), at: z.number().int().positive() }),
  z.object({ type: z.literal('stopContinuing') }),
  /** Estimates the values of the chain's steps, after the choice of what is paid. */
  z.object({ type: z.literal('stepValues'), chainId: z.string().min(1) }),
  /** Keeps a continuation as a new chain, or writes it into the chain. */
  z.object({
    type: z.literal('takeContinuation'),
    how: z.enum(['keep', 'write']),
    index: z.number().int().nonnegative(),
  }),
  /** Asks for the phases of the chain's reviewed text. */
  z.object({ type: z.literal('phases'), request: z.number().int().positive(), chainId: z.string().min(1) }),
  z.object({ type: z.literal('openJournal'), chainId: z.string().min(1) }),
  /** Takes the chain's problem to the prompt workbench. */
  z.object({ type: z.literal('tryProblem'), chainId: z.string().min(1) }),
  /** Chooses the columns of the file, asks for one of its rows, or makes a dataset of it. */
  z.object({ type: z.literal('columns') }),
  z.object({ type: z.literal('goToRow') }),
  z.object({ type: z.literal('makeDataset') }),
  /** Null when the draft was saved or thrown away. */
  z.object({ type: z.literal('draft'), chainId: z.string().min(1), draft: EditDraft.nullable() }),
  ...PAGE_REPORTS,
]);
export type FromReader = z.infer<typeof FromReader>;
export type Go = Extract<FromReader, { type: 'go' }>['to'];
