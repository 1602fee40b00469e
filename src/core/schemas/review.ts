import { z } from 'zod';
import { Behaviour } from './chain.ts';
import { Outcome } from './verdict.ts';

/** Replace `[start, end)` of the text before this act by `insert`. Changes of one act are in order, disjoint, on the same old text. */
export const TextChange = z.object({
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  insert: z.string(),
});
export type TextChange = z.infer<typeof TextChange>;

/** A behaviour on `[start, end)` of the text at that time, in UTF-16 code units. */
export const SpanPlace = z.object({
  kind: Behaviour,
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
});
export type SpanPlace = z.infer<typeof SpanPlace>;

/** A step `[start, end)` of the text at that time, in UTF-16 code units. */
export const StepPlace = SpanPlace.omit({ kind: true });
export type StepPlace = z.infer<typeof StepPlace>;

export const STEP_LABELS = ['good', 'neutral', 'bad'] as const;
/** What a step is worth: right and a step ahead, right without progress or undecided, wrong. PRM800K's ratings 1, 0 and −1. */
export const StepLabel = z.enum(STEP_LABELS);
export type StepLabel = z.infer<typeof StepLabel>;

/** Outcomes that a reviewer can set; the others are about the grader. */
export const OverrideOutcome = Outcome.extract(['correct', 'incorrect', 'unknown']);
export type OverrideOutcome = z.infer<typeof OverrideOutcome>;

/** A reviewer's word for a group of chains. */
export const Tag = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:/+-]{0,59}$/u, 'a tag has up to 60 letters, digits, spaces and . _ : / + -');

export const ReviewerName = z.string().regex(/\S/, 'a name is needed').max(200);

const base = {
  /** Unique over all reviewers. */
  id: z.string().min(1),
  at: z.string(),
  reviewer: z.string().min(1),
  chainId: z.string().min(1),
  reason: z.string().optional(),
  /** Of an act on several chains. Without its last line, which a killed process has not written, none of its lines counts. */
  batch: z.object({ id: z.string().min(1), last: z.literal(true).optional() }).optional(),
};

/** A line of `reviews/<reviewer>.jsonl`. The file is append-only: undo and redo are acts too. */
export const ReviewAct = z.discriminatedUnion('act', [
  z.object({ ...base, act: z.literal('accept') }),
  z.object({ ...base, act: z.literal('reject') }),
  z.object({ ...base, act: z.literal('skip') }),
  z.object({ ...base, act: z.literal('note'), text: z.string() }),
  z.object({ ...base, act: z.literal('edit'), changes: z.array(TextChange).min(1) }),
  z.object({ ...base, act: z.literal('label'), ...SpanPlace.shape }),
  z.object({ ...base, act: z.literal('unlabel'), spanId: z.string() }),
  /** Replaces spans: relabels, moves an edge, splits or merges in one act, with one undo. */
  z.object({
    ...base,
    act: z.literal('respan'),
    remove: z.array(z.string().min(1)).min(1),
    add: z.array(SpanPlace).min(1),
  }),
  /** Labels a step, or removes its label with null. It replaces the labels of the steps that it overlaps. */
  z.object({ ...base, act: z.literal('step'), ...StepPlace.shape, label: StepLabel.nullable() }),
  /** Labels a step bad, and those before it good unless they are neutral. `none`: no step is wrong. Null undoes either. */
  z.object({
    ...base,
    act: z.literal('first-wrong-step'),
    place: z.union([StepPlace, z.literal('none'), z.null()]),
    /** The reviewer accepted the step that step values of this model and time suggest. */
    suggestion: z.object({ by: z.literal('step-values'), model: z.string(), at: z.string() }).optional(),
  }),
  /** The reviewer's verdict on the final answer, which replaces the grader's. */
  z.object({ ...base, act: z.literal('override'), outcome: OverrideOutcome, reason: z.string().regex(/\S/) }),
  z.object({ ...base, act: z.literal('tag'), tag: Tag }),
  z.object({ ...base, act: z.literal('untag'), tag: Tag }),
  /** Asks a reviewer to review the chain. A later one replaces it; an empty name removes it. */
  z.object({ ...base, act: z.literal('assign'), to: z.union([ReviewerName, z.literal('')]) }),
  z.object({ ...base, act: z.literal('undo'), target: z.string() }),
  z.object({ ...base, act: z.literal('redo'), target: z.string() }),
]);
export type ReviewAct = z.infer<typeof ReviewAct>;

export const Decision = z.enum(['accepted', 'rejected', 'skipped', 'pending']);
export type Decision = z.infer<typeof Decision>;
