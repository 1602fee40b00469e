import { z } from 'zod';
import { Decision, OverrideOutcome, Segment, Span } from '../model/index.ts';

/** A person's word on the final answer, in the place of the grader's. */
export const Override = z.object({ outcome: OverrideOutcome, reason: z.string() });
export type Override = z.infer<typeof Override>;

/** What one reviewer has made of one chain: the fold of that reviewer's acts over the chain as generated. */
export const ReviewState = z.object({
  decision: Decision,
  /** Reason given with the decision that stands. */
  reason: z.string().optional(),
  note: z.string().optional(),
  /** What this reviewer said of the final answer; absent while the grader's verdict stands. */
  override: Override.optional(),
  /** The chain's text after this reviewer's edits; offsets of `segments` and `spans` stand on it. */
  text: z.string().min(1),
  segments: z.array(Segment).min(1),
  spans: z.array(Span),
  /** Ids of the spans that this reviewer labelled; the others came with the chain. */
  own: z.array(z.string()).optional(),
  /** The text differs from the chain as generated. */
  edited: z.boolean(),
  /** Id of the act that an undo would take back; absent when there is none. */
  undoable: z.string().optional(),
  /** Id of the act that a redo would bring back. */
  redoable: z.string().optional(),
});
export type ReviewState = z.infer<typeof ReviewState>;
