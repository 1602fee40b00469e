import { z } from 'zod';
import { Decision, OverrideOutcome, Segment, Span, StepPlace } from '../schemas/index.ts';
import { StepMark } from './steps.ts';

/** A reviewer's verdict on the final answer, which replaces the grader's. */
export const Override = z.object({ outcome: OverrideOutcome, reason: z.string() });
export type Override = z.infer<typeof Override>;

/** The state of a chain after one reviewer's acts. */
export const ReviewState = z.object({
  decision: Decision,
  /** Reason of the present decision. */
  reason: z.string().optional(),
  note: z.string().optional(),
  /** This reviewer's tags, in the order of the acts; absent before the first one. */
  tags: z.array(z.string()).optional(),
  /** Whom this reviewer has assigned the chain to. */
  assigned: z.string().optional(),
  /** Absent while the grader's verdict applies. */
  override: Override.optional(),
  /** The chain's text after this reviewer's edits; `segments` and `spans` refer to it. */
  text: z.string().min(1),
  segments: z.array(Segment).min(1),
  spans: z.array(Span),
  /** Ids of the spans that this reviewer labelled. */
  own: z.array(z.string()).optional(),
  /** This reviewer's labels of steps, in order and disjoint; absent without one. */
  steps: z.array(StepMark).min(1).optional(),
  /** The first of the steps that are labelled bad. */
  firstWrongStep: StepPlace.optional(),
  edited: z.boolean(),
  /** Id of the act that an undo would revert. */
  undoable: z.string().optional(),
  /** Id of the act that a redo would restore. */
  redoable: z.string().optional(),
});
export type ReviewState = z.infer<typeof ReviewState>;
